"""A search space as a YAML file: what it changes of its base, and what is told of a wrong one."""

from pathlib import Path

import keras_tuner
import pytest

from search_spaces import ConvPool, load
from search_spaces.narrowing import Narrowed, changed
from search_spaces.yaml_files import as_yaml, read_files

WHOLE = """\
space: conv_pool
levels:
  conv_blocks: [1, 2]
  filter_multiplier: [1, 2]   # whole numbers are levels of it too
  dense_depth: 1
fixed:
  activation: linear
roles:
  filter_multiplier: nuisance
"""


@pytest.fixture
def space(tmp_path, monkeypatch):
    """The hyperparameters of a space that files say, the last of them by its name."""
    monkeypatch.chdir(tmp_path)

    def read(*contents, shape=(8, 8, 1)):
        for number, content in enumerate(contents, start=1):
            (tmp_path / f"{number}.yaml").write_text(content)
        return load(f"{len(contents)}.yaml")(input_shape=shape)

    return read


def test_a_file_changes_levels_roles_and_what_is_held(space):
    found = space(WHOLE)
    asked = found.hyperparameters
    assert asked["conv_blocks"].levels == (1, 2)
    assert asked["filter_multiplier"].levels == (1.0, 2.0)
    assert asked["filter_multiplier"].role == "nuisance"
    assert (asked["dense_depth"].role, asked["dense_depth"].default) == ("fixed", 1)
    assert (asked["activation"].role, asked["activation"].default) == ("fixed", "linear")
    assert asked["kernel_schedule"] == ConvPool().hyperparameters["kernel_schedule"]
    assert found.input_shape == (8, 8, 1)


def test_a_stock_tuner_searches_what_the_file_says(space):
    hp = keras_tuner.HyperParameters()
    network = space(WHOLE).build(hp)
    assert hp.get("activation") == "linear"
    assert {one.name: one.values for one in hp.space if len(one.values) > 1} == {
        "conv_blocks": [1, 2], "filter_multiplier": [1.0, 2.0],
        "kernel_schedule": ["3", "5-3", "7-5-3"],
        "learning_rate": [3e-4, 1e-3, 3e-3, 1e-2, 3e-2],
    }  # fmt: skip
    assert network.compiled


def test_the_base_is_left_as_it_was(space):
    before = dict(ConvPool().hyperparameters)
    space(WHOLE)
    assert ConvPool().hyperparameters == before
    instance = ConvPool()
    narrowed = Narrowed(instance, read_files(Path("1.yaml")))()
    assert instance.hyperparameters == before != narrowed.hyperparameters
    assert len(narrowed.build(keras_tuner.HyperParameters()).layers) > 0


def test_a_file_may_be_based_on_another_beside_it(space, tmp_path):
    asked = space(WHOLE, "space: 1.yaml\nlevels: {activation: [relu, tanh]}").hyperparameters
    assert asked["conv_blocks"].levels == (1, 2)
    assert (asked["activation"].role, asked["activation"].levels) == (
        "scientific", ("relu", "tanh")
    )  # fmt: skip


@pytest.mark.parametrize("content", ["space: conv_pool", "space: conv_pool\nlevels:\nroles: {}"])
def test_a_file_that_changes_nothing_is_the_space_itself(space, content):
    assert space(content).hyperparameters == ConvPool().hyperparameters


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1, 2]", "1.yaml:1: expected the keys space, levels, fixed, roles"),
        ("", "1.yaml:1: expected the keys"),
        ("levels: {conv_blocks: 1}", "1.yaml:1: expected space: NAME"),
        ("space: conv_pool\nlevel: {}", "1.yaml:2: no key 'level'. Did you mean 'levels'?"),
        ("space: conv_pool\nspace: conv_pool", "1.yaml:2: expected each name once, got 'space'"),
        ("space: conv_pool\n\nlevels:\n  conv_block: [1]\n",
         "1.yaml:4: no hyperparameter 'conv_block'. Did you mean 'conv_blocks'?"),
        ("space: conv_pool\nlevels:\n  conv_blocks:\n  - one\n",
         "1.yaml:3: conv_blocks: expected a whole number, got 'one'"),
        ("space: conv_pool\nfixed: {activation: rel}",
         "1.yaml:2: activation: expected one of relu, linear, elu, gelu, tanh, got 'rel'. "
         "Did you mean 'relu'?"),
        ("space: conv_pool\nfixed: {activation: [relu]}", "activation: expected a level"),
        ("space: conv_pool\nlevels: {conv_blocks: []}", "conv_blocks: expected levels, got none"),
        ("space: conv_pool\nlevels: {conv_blocks: [1, 1]}", "expected different levels, got [1,"),
        ("space: conv_pool\nlevels: {conv_blocks: [[1]]}", "conv_blocks: expected a level, got"),
        ("space: conv_pool\nroles: {conv_blocks: sientific}",
         "expected scientific or nuisance, got 'sientific'. Did you mean 'scientific'?"),
        ("space: conv_pool\nroles: {conv_blocks: fixed}", "(to hold it, fixed: {conv_blocks: LEV"),
        ("space: conv_pool\nroles: {dense_units: scientific}", "dense_units has one level, 512"),
        ("space: conv_pool\nlevels: {pooling: max}\nfixed:\n  pooling: max",
         "1.yaml:4: pooling is both searched and fixed"),
        ("space: conv_pool\nfixed: {pooling: max}\nroles: {pooling: nuisance}", "1.yaml:3: "),
        ("space: 1.yaml", "1.yaml → 1.yaml: a space cannot be its own base"),
        ("space: [conv_pool", "1.yaml:1: expected plain YAML"),
        ("space: !!python/object/apply:os.getcwd []", "1.yaml:1: expected plain YAML: could not "),
        ("space: conv_pol", "no search space 'conv_pol'. Did you mean 'conv_pool'?"),
        ("space: conv_pool\nlevels: " + "[" * 3000, "1.yaml"),
        ("space: \x00", "1.yaml"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_the_nearest(space, content, message):
    with pytest.raises(ValueError) as told:  # noqa: PT011
        space(content)
    assert message in str(told.value)


def test_files_that_are_each_others_base_are_told(space):
    with pytest.raises(ValueError, match=r"2.yaml → 1.yaml → 2.yaml: a space cannot be"):
        space("space: 2.yaml", "space: 1.yaml")


def test_a_file_that_was_written_is_the_same_space(space):
    written = as_yaml("conv_pool", ConvPool().hyperparameters)
    assert space(written).hyperparameters == ConvPool().hyperparameters
    narrowed = space(WHOLE, "space: 1.yaml").hyperparameters
    again = as_yaml("1.yaml", narrowed)
    assert space(WHOLE, again).hyperparameters == narrowed


def test_what_a_file_says_is_all_that_changes():
    known = ConvPool().hyperparameters
    assert changed(known, ()) == known


def test_a_stock_tuner_is_told_what_a_file_cannot_change_there(tmp_path):
    (tmp_path / "stack.yaml").write_text("space: tests.hypermodels:Stack\nlevels: {units_0: 16}")
    with pytest.raises(ValueError, match=r"stack.yaml:2: no hyperparameter 'units_0'"):
        load(str(tmp_path / "stack.yaml"))()
