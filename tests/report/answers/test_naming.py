"""How factors and levels are called."""

import pytest

from search_spaces import SEARCH_SPACES, load
from search_spaces.units import UNITS
from tuner.analysis.question import Question
from tuner.report.answers.naming import given_in_words, naming_of

QUESTION = Question(
    ("filter_multiplier", "conv_blocks", "dense_depth", "kernel_schedule"),
    width="filter_multiplier", depth="conv_blocks", step="block",
)  # fmt: skip


def named(factor, question=QUESTION, space="conv_pool"):
    """A factor's naming."""
    return naming_of(factor, question, space)


@pytest.mark.parametrize(
    ("factor", "level", "said"),
    [
        ("filter_multiplier", "0.5", "8 filters"),
        ("filter_multiplier", "1", "16 filters"),
        ("conv_blocks", "1", "1 block"),
        ("conv_blocks", "4", "4 blocks"),
        ("dense_depth", "1", "1 dense layer"),
        ("kernel_schedule", "5-3", "kernel schedule 5-3"),
        ("dense_depth", "inactive", "dense depth inactive"),
    ],
)
def test_a_level_carries_the_unit_of_its_space(factor, level, said):
    assert named(factor).level(level) == said


@pytest.mark.parametrize(
    ("space", "factor", "level", "said"),
    [
        ("residual", "widen_factor", "2", "32 filters"),
        ("residual", "blocks_per_stage", "1", "1 block per stage"),
        ("separable", "width_multiplier", "0.5", "16 filters"),
        ("separable", "blocks_per_stage", "3", "3 blocks per stage"),
        ("mlp", "dense_units", "64", "64 units"),
        ("mlp", "dense_depth", "1", "1 dense layer"),
    ],
)
def test_levels_of_the_other_spaces_carry_theirs(space, factor, level, said):
    assert named(factor, Question((factor,)), space).level(level) == said


def test_a_depth_without_a_unit_counts_what_its_step_is_called():
    question = Question(("n",), depth="n", step="block per stage")
    assert named("n", question, None).level("2") == "2 blocks per stage"
    assert named("n", question, None).ordinal("1", "2") == "second block per stage"


@pytest.mark.parametrize("name", SEARCH_SPACES)
def test_the_units_of_a_space_are_of_hyperparameters_that_it_has(name):
    table = load(name).HYPERPARAMETERS
    axes = {factor for factor, spec in table.items() if spec.axis}
    assert axes <= set(UNITS[name]) <= set(table)
    (width,) = [factor for factor in axes if table[factor].axis == "width"]
    scale, noun = UNITS[name][width].split()
    times = "" if scale == "1" else f"times {scale}"
    assert times in table[width].meaning
    assert noun in table[width].meaning


def test_a_table_is_told_by_what_its_columns_are_called():
    question = Question(("units", "n_layers", "lr"), width="units", depth="n_layers", step="layer")
    assert named("units", question, None).level("1024") == "1,024 units"
    assert named("n_layers", question, None).level("1") == "1 layer"
    assert named("lr", question, None).level("0.01") == "lr 0.01"


def test_roles_are_called_width_and_depth():
    assert named("filter_multiplier").spoken == "width"
    assert named("conv_blocks").spoken == "depth"
    assert named("kernel_schedule").spoken == "kernel schedule"


def test_a_name_that_is_no_word_stays_as_it_is():
    hostile = "<script>alert(1)</script>"
    assert naming_of(hostile, Question((hostile,))).spoken == hostile


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [("1", "2", "second block"), ("0", "1", "first block"), ("2", "4", None), ("0.5", "1.5", None)],
)
def test_a_step_of_one_is_the_thing_that_it_adds(low, high, said):
    assert named("conv_blocks").ordinal(low, high) == said


def test_which_cells_are_meant_is_told_in_words():
    names = {name: named(name) for name in QUESTION.factors}
    assert given_in_words("conv_blocks=3, filter_multiplier=2", names) == "3 blocks, 32 filters"
    assert given_in_words("over 3 of 4 combinations", names) == "over 3 of 4 combinations"
