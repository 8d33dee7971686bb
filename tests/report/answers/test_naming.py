"""How factors and levels are called."""

import pytest

from search_spaces.conv_pool import HYPERPARAMETERS
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


def test_the_units_of_the_space_are_of_hyperparameters_that_it_has():
    assert set(UNITS["conv_pool"]) <= set(HYPERPARAMETERS)
    scale, noun = UNITS["conv_pool"]["filter_multiplier"].split()
    assert HYPERPARAMETERS["filter_multiplier"].meaning == f"width: times {scale} {noun}"


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
