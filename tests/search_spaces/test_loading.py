from functools import partial

import pytest

from search_spaces import ConvPool, load

FOREIGN = """
class Space:
    def __init__(self, size=1):
        self.size = size
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["conv_pool", "search_spaces.conv_pool:ConvPool"])
def test_a_space_is_loaded_by_its_name_or_by_module_and_class(name):
    assert load(name) is ConvPool


def test_a_module_of_the_working_directory_is_found(here):
    (here / "space_here.py").write_text(FOREIGN)
    assert load("space_here:Space")().size == 1


def test_a_yaml_file_narrows_another_space(here):
    (here / "small.yaml").write_text(
        "space: conv_pool\nlevels: {conv_blocks: [1, 2], activation: linear}"
    )
    space = load("small.yaml")(input_shape=(8, 8, 1))
    assert space.hyperparameters["conv_blocks"].levels == (1, 2)
    assert space.hyperparameters["activation"].default == "linear"
    assert space.input_shape == (8, 8, 1)


def test_a_yaml_file_may_narrow_a_space_of_another_module(here):
    (here / "other_space.py").write_text(FOREIGN)
    (here / "other.yml").write_text("space: other_space:Space\nlevels: {size: 3}")
    assert isinstance(load("other.yml"), partial)
    assert load("other.yml")().size == 3


def test_a_yaml_file_without_levels_is_the_space_itself(here):
    (here / "all.yaml").write_text("space: conv_pool\nlevels:\n")
    assert load("all.yaml")().hyperparameters == ConvPool().hyperparameters


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("conv_pol", "no search space 'conv_pol'. Did you mean 'conv_pool'?"),
        ("zebra", r"no search space 'zebra'. \(spaces: conv_pool, residual, .*; or module:Class"),
        ("no_such_module:Space", "no module 'no_such_module' for the search space"),
        ("search_spaces.conv_pool:ConvPol", "'search_spaces.conv_pool' has no class 'ConvPol'"),
        ("absent.yaml", "cannot read the search space absent.yaml"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_what_was_expected(here, name, message):
    with pytest.raises(ValueError, match=message):
        load(name)


@pytest.mark.parametrize(
    "content", ["[1, 2]", "levels: {conv_blocks: 1}", "space: conv_pool\nlevel: {conv_blocks: 1}"]
)
def test_a_yaml_file_with_other_keys_is_refused(here, content):
    (here / "wrong.yaml").write_text(content)
    with pytest.raises(ValueError, match=r"wrong.yaml: expected the keys space and levels"):
        load("wrong.yaml")


def test_yaml_that_cannot_be_parsed_is_told_with_its_file(here):
    (here / "torn.yaml").write_text("space: [conv_pool")
    with pytest.raises(ValueError, match=r"cannot read the search space torn.yaml"):
        load("torn.yaml")
