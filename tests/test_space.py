"""What a study's settings mean in a search space: ConvPool's, and those of foreign HyperModels."""

from dataclasses import replace

import keras_tuner
import pytest

from search_spaces import Hyperparameter
from search_spaces.conv_pool import HYPERPARAMETERS
from tuner.errors import UsageError
from tuner.levels import grid_levels
from tuner.resolving import resolved
from tuner.space import Space, make_space
from tuner.study import Study

FOREIGN = """
import keras_tuner

class Networks(keras_tuner.HyperModel):
    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes

    def build(self, hp):
        kind = hp.Choice("kind", ["dense", "conv"])
        hp.Float("dropout", 0, 0.5, step=0.1)
        hp.Boolean("bias")
        hp.Fixed("batch_size", 64)
        with hp.conditional_scope("kind", ["dense"]):
            if kind == "dense":
                hp.Int("size", 8, 16, step=8)
        with hp.conditional_scope("kind", ["conv"]):
            if kind == "conv":
                hp.Choice("size", [3, 5])
                deep = hp.Boolean("deep")
                with hp.conditional_scope("deep", [True]):
                    if deep:
                        hp.Int("layers", 2, 3)

class Asks(keras_tuner.HyperModel):
    def __init__(self, secret):
        super().__init__()

class Plain:
    pass
"""


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    (tmp_path / "foreign_networks.py").write_text(FOREIGN)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "foreign_networks"


def conv_pool(**settings):
    return resolved(Study(**settings), HYPERPARAMETERS)


def declared(kind, **limits):
    hp = keras_tuner.HyperParameters()
    getattr(hp, kind)("it", **limits)
    return hp.space[0]


@pytest.mark.parametrize(
    ("kind", "limits", "levels"),
    [
        ("Float", {"min_value": 0, "max_value": 0.5, "step": 0.1}, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ("Float", {"min_value": 0.1, "max_value": 0.7, "step": 0.2}, [0.1, 0.3, 0.5, 0.7]),
        ("Float", {"min_value": 0, "max_value": 0.55, "step": 0.25}, [0, 0.25, 0.5]),
        (
            "Float",
            {"min_value": 1e-4, "max_value": 0.1, "step": 10, "sampling": "log"},
            [1e-4, 1e-3, 1e-2, 1e-1],
        ),
        (
            "Float",
            {"min_value": 1e-12, "max_value": 1e-9, "step": 10, "sampling": "log"},
            [1e-12, 1e-11, 1e-10, 1e-9],
        ),
        ("Float", {"min_value": 0, "max_value": 1}, []),
        ("Float", {"min_value": 1e-4, "max_value": 1, "sampling": "log"}, []),
        ("Int", {"min_value": 2, "max_value": 4}, [2, 3, 4]),
        ("Int", {"min_value": 8, "max_value": 33, "step": 8}, [8, 16, 24, 32]),
        ("Int", {"min_value": 1, "max_value": 8, "step": 2, "sampling": "log"}, [1, 2, 4, 8]),
        ("Choice", {"values": ["b", "a"]}, ["b", "a"]),
        ("Choice", {"values": [4, 2]}, [4, 2]),
        ("Boolean", {}, [False, True]),
        ("Fixed", {"value": 7}, [7]),
    ],
)
def test_the_levels_of_a_hyperparameter_reach_both_ends_in_order(kind, limits, levels):
    found = grid_levels(declared(kind, **limits))
    assert found == pytest.approx(levels, rel=1e-9, abs=0) if kind == "Float" else found == levels
    assert {type(level) for level in found} <= {{"Float": float, "Int": int}.get(kind, type(x))
                                                for x in levels}  # fmt: skip


def test_levels_of_tenths_are_the_numbers_that_are_typed():
    assert grid_levels(declared("Float", min_value=0, max_value=0.5, step=0.1))[3] == 0.3


def test_a_foreign_space_is_made_with_what_it_accepts(foreign):
    assert make_space(f"{foreign}:Networks", (8, 8, 1), 10).model.num_classes == 10


def test_a_foreign_space_has_the_hyperparameters_of_all_its_scopes(foreign):
    found = make_space(f"{foreign}:Networks", (8, 8, 1), 10).hyperparameters
    assert {name: spec.role for name, spec in found.items()} == {
        "kind": "scientific", "dropout": "scientific", "bias": "scientific", "batch_size": "fixed",
        "size": "scientific", "deep": "scientific", "layers": "scientific",
    }  # fmt: skip


def test_a_name_in_two_scopes_has_the_levels_of_both(foreign):
    found = make_space(f"{foreign}:Networks", (8, 8, 1), 10).hyperparameters
    assert sorted(found["size"].levels) == [3, 5, 8, 16]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("conv_pol", "the space conv_pol cannot be made: no search space 'conv_pol'. Did you mean"),
        ("foreign_networks:Net", "cannot be made: .* has no class 'Net'"),
        ("foreign_networks:Asks", "foreign_networks:Asks cannot be made: .*secret"),
        (
            "foreign_networks:Plain",
            "foreign_networks:Plain: expected a keras_tuner.HyperModel",
        ),
    ],
)
def test_a_space_that_cannot_be_trained_here_is_refused(foreign, name, message):
    with pytest.raises(UsageError, match=message):
        make_space(name, (8, 8, 1), 10)


def test_factors_that_a_study_does_not_name_are_the_width_and_the_depth():
    assert list(conv_pool().factors) == ["conv_blocks", "filter_multiplier"]
    assert list(conv_pool(levels={"dense_depth": (0, 1)}).factors) == [
        "conv_blocks", "filter_multiplier", "dense_depth",
    ]  # fmt: skip


def test_where_neither_is_known_or_free_they_are_the_scientific_ones():
    held = {"conv_blocks": 3, "filter_multiplier": 1.0}
    assert list(conv_pool(fixed=held).factors) == ["kernel_schedule", "dense_depth"]
    plain = {name: replace(spec, axis=None) for name, spec in HYPERPARAMETERS.items()}
    found = resolved(Study(fixed={"dense_depth": 1}), plain)
    assert list(found.factors) == ["conv_blocks", "filter_multiplier", "kernel_schedule"]


def test_every_other_hyperparameter_is_fixed_at_its_default():
    study = conv_pool(factors={"conv_blocks": (1, 2)}, fixed={"pooling": "average"})
    assert {*study.factors, *study.fixed} == set(HYPERPARAMETERS)
    assert study.fixed["pooling"] == "average"
    assert study.fixed["filter_multiplier"] == HYPERPARAMETERS["filter_multiplier"].default


@pytest.mark.parametrize(
    ("name", "typed", "levels"),
    [
        ("conv_blocks", ("1", "2"), (1, 2)),
        ("filter_multiplier", ("1", "0.5", "2e0"), (1.0, 0.5, 2.0)),
        ("learning_rate", ("1e-3",), (0.001,)),
        ("kernel_schedule", (3, "5-3"), ("3", "5-3")),
        ("activation", ("relu", "linear"), ("relu", "linear")),
    ],
)
def test_typed_text_becomes_levels_of_the_type_of_the_hyperparameter(name, typed, levels):
    found = conv_pool(factors={name: typed}).factors[name]
    assert found == levels
    assert [type(level) for level in found] == [type(level) for level in levels]


def test_text_becomes_a_truth_value_where_the_space_has_one():
    known = {"bias": Hyperparameter("scientific", (False, True), False)}
    assert resolved(Study(factors={"bias": ("true", "False")}), known).factors["bias"] == (
        True, False
    )  # fmt: skip


def test_levels_of_cells_and_of_fixed_values_are_converted_too():
    study = conv_pool(cells=({"conv_blocks": "2"},), fixed={"dense_depth": "1"})
    assert study.cells == ({"conv_blocks": 2},)
    assert study.fixed["dense_depth"] == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"factors": {"conv_block": (1, 2)}},
        {"cells": ({"conv_block": 1},)},
        {"fixed": {"conv_block": 1}},
        {"tune": {"conv_block": (1, 2)}},
    ],
)
def test_an_unknown_factor_is_told_with_the_nearest_name(settings):
    message = r"the space conv_pool has no factor 'conv_block'\. Did you mean 'conv_blocks'\?"
    with pytest.raises(UsageError, match=message):
        conv_pool(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"factors": {"conv_blocks": (0,)}}, "conv_blocks: expected a number from 1 on, got 0"),
        ({"factors": {"conv_blocks": ("two",)}}, "conv_blocks: expected a whole number, got 'two'"),
        ({"factors": {"conv_blocks": (1.5,)}}, "conv_blocks: expected a whole number, got 1.5"),
        ({"fixed": {"activation": "rleu"}}, "activation: expected one of relu, linear, elu, gelu"),
        ({"fixed": {"pooling": 2}}, "pooling: expected one of max, average, got '2'"),
        ({"cells": ({"dense_depth": -1},)}, "dense_depth: expected a number from 0 on, got -1"),
        ({"factors": {"kernel_schedule": ("4",)}}, "kernel_schedule: expected odd kernel sizes"),
        ({"fixed": {"kernel_schedule": "3-5"}}, "kernel_schedule: expected odd kernel sizes"),
        ({"factors": {"filter_multiplier": ("inf",)}}, "filter_multiplier: expected a number"),
        ({"fixed": {"dropout": 1.5}}, "dropout: expected"),
        ({"factors": {"filter_multiplier": ("1", "1.0")}}, "filter_multiplier: expected different"),
        (
            {"factors": {"conv_blocks": (1, 2)}, "fixed": {"conv_blocks": 1}},
            "'conv_blocks' is both searched and fixed",
        ),
        (
            {"factors": {"learning_rate": (0.1, 0.2)}, "tune": {"learning_rate": ()}},
            "'learning_rate' is both",
        ),
        ({"tune": {"conv_blocks": ()}}, "conv_blocks is a factor under study: expected a nuisance"),
        ({"tune": {"learning_rate": (0.1,)}}, "expected two levels or more to tune"),
    ],
)
def test_what_the_space_cannot_have_is_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        conv_pool(**settings)


def test_a_tuned_hyperparameter_tries_the_levels_of_the_space_where_none_are_given():
    study = conv_pool(factors={"conv_blocks": (1, 2)}, tune={"learning_rate": ()})
    assert study.tune == {"learning_rate": HYPERPARAMETERS["learning_rate"].levels}
    assert "learning_rate" not in study.fixed


def test_a_continuous_factor_needs_its_levels():
    known = {"rate": Hyperparameter("scientific", (), 0.1)}
    with pytest.raises(UsageError, match="rate is continuous: give its levels, as in --set rate="):
        resolved(Study(), known)
    assert resolved(Study(factors={"rate": ("0.2", 0.3)}), known).factors["rate"] == (0.2, 0.3)


class Broken(keras_tuner.HyperModel):
    def build(self, hp):
        raise RuntimeError(f"no network of {hp.Int('units', 8, 16, step=8)}")


def test_a_build_that_fails_is_told_before_any_training():
    with pytest.raises(UsageError, match=r"build\(\) of Broken fails .*: no network of 8"):
        _ = Space(Broken()).hyperparameters


@pytest.mark.trains
def test_a_file_that_names_what_no_space_has_is_told_with_its_line(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("space: conv_pool\nlevels:\n  conv_block: [1, 2]\n")
    with pytest.raises(UsageError, match=r"mine.yaml:3: no hyperparameter 'conv_block'. Did you"):
        _ = make_space(str(path), (8, 8, 1), 10).hyperparameters
