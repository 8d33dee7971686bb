from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.analysis.planted import QUESTION, WITH_KERNELS, model_of, only, table
from tuner.analysis.effects import effects
from tuner.analysis.levels import ordered_levels, tidy_levels
from tuner.analysis.preparing import prepare
from tuner.analysis.question import Question
from tuner.errors import DataError
from tuner.objective import Objective
from tuner.words import level_text


def test_a_missing_column_is_named_with_the_nearest():
    with pytest.raises(DataError, match=r"no column 'conv_blocks'\. Did you mean 'conv_block'"):
        prepare(table().rename(columns={"conv_blocks": "conv_block"}), QUESTION)


def test_an_empty_table_is_refused():
    with pytest.raises(DataError, match="the table is empty"):
        prepare(table().iloc[:0], QUESTION)


def test_one_level_of_everything_is_refused():
    with pytest.raises(DataError, match="nothing to compare: every factor has one level"):
        prepare(table(depths=(2,), widths=(1.0,)), QUESTION)


def test_a_factor_with_one_level_is_no_longer_asked_about():
    question = prepare(table(depths=(2,)), QUESTION).question
    assert question.factors == ("filter_multiplier",)
    assert question.depth is None


@pytest.mark.parametrize("name", ["n", "value", "mean", "cell"])
def test_a_factor_named_as_a_column_of_ours_is_refused(name):
    with pytest.raises(DataError, match=f"'{name}'"):
        prepare(table().rename(columns={"conv_blocks": name}), Question((name,)))


def test_what_did_not_finish_is_left_out_and_said():
    executions = table()
    executions["val_accuracy"] = executions["val_accuracy"].astype(object)
    executions.loc[0, "status"] = "diverged"
    executions.loc[1, "val_accuracy"] = np.inf
    executions.loc[2, "val_accuracy"] = "oops"
    executions.loc[3, "conv_blocks"] = np.nan
    sample = prepare(executions, QUESTION)
    assert len(sample.executions) == len(executions) - 4
    assert [note.split(" of ")[0] for note in sample.notes] == ["1", "2", "1"]


@pytest.mark.parametrize("state", ["TrialState.PRUNED", "crashed", "FAIL"])
def test_states_of_other_tools_are_understood(state):
    executions = table().drop(columns="status").assign(state="COMPLETE")
    executions.loc[0, "state"] = state
    assert len(prepare(executions, QUESTION).executions) == len(executions) - 1


def test_the_largest_budget_that_all_reached_is_used():
    short = table().assign(epochs=4)
    sample = prepare(pd.concat([short, table(), table(depths=(3,)).assign(epochs=36)]), QUESTION)
    assert sample.budget == 12
    assert len(sample.executions) == 27


def test_survivors_are_refused():
    first = table().assign(epochs=4)[lambda rows: rows["conv_blocks"] < 3]
    survivors = table(depths=(2, 3)).assign(epochs=12)
    with pytest.raises(DataError, match="may have been selected"):
        prepare(pd.concat([first, survivors]), QUESTION)


def test_the_first_rung_is_no_selection():
    first = table().assign(epochs=4, bracket=1, rung=0)[lambda rows: rows["conv_blocks"] < 3]
    survivors = table(depths=(2, 3)).assign(epochs=12, bracket=1, rung=1)
    sample = prepare(pd.concat([first, survivors], ignore_index=True), QUESTION)
    assert sample.budget == 4
    assert sample.levels["conv_blocks"] == (1.0, 2.0)
    assert any("first rung" in note for note in sample.notes)


def test_copied_rows_are_counted_once():
    executions = table()
    doubled = pd.concat([executions, executions], ignore_index=True)
    assert effects(model_of(doubled)).equals(effects(model_of(executions)))
    anonymous = doubled.drop(columns=["replicate"])  # the seed still tells executions apart
    assert len(prepare(anonymous, QUESTION).executions) == len(executions)


def test_equal_accuracies_are_no_copies():
    """Without a column that would tell two executions apart, equal rows may both be real."""
    executions = table()[["conv_blocks", "filter_multiplier", "val_accuracy"]].round(2)
    assert executions.duplicated().any()
    assert len(prepare(executions, QUESTION).executions) == len(executions)


def test_a_cell_met_twice_in_a_replicate_is_averaged():
    executions = table()
    again = executions.assign(val_accuracy=executions["val_accuracy"] + 0.02, seed=9)
    sample = prepare(pd.concat([executions, again], ignore_index=True), QUESTION)
    assert len(sample.executions) == len(executions)
    alone = prepare(executions, QUESTION).executions.sort_values(["cell", "replicate"])
    pooled = sample.executions.sort_values(["cell", "replicate"])
    assert pooled["value"].tolist() == pytest.approx((alone["value"] + 1.0).tolist())


def test_numbers_are_ordered_by_size_and_names_by_the_plan():
    executions = table(depths=(3, 1, 2), kernels=("7-5-3", "3"))
    plan = pd.DataFrame({"kernel_schedule": ["3", "5-3", "7-5-3"]})
    sample = prepare(executions, WITH_KERNELS, plan)
    assert sample.levels["conv_blocks"] == (1.0, 2.0, 3.0)
    assert sample.levels["kernel_schedule"] == ("3", "7-5-3")


def test_a_column_of_mixed_types_is_one_of_numbers_or_one_of_names():
    assert tidy_levels(pd.Series([16, "16", 32.0], dtype=object)).tolist() == [16.0, 16.0, 32.0]
    assert tidy_levels(pd.Series([16, "wide"], dtype=object)).tolist() == ["16", "wide"]
    assert tidy_levels(pd.Series([True, False])).tolist() == ["True", "False"]
    assert tidy_levels(pd.Series([[3, 3], (5, 3)], dtype=object)).tolist() == ["[3, 3]", "(5, 3)"]
    assert tidy_levels(pd.Series([1.0, np.inf])).isna().tolist() == [False, True]


def test_levels_are_written_as_people_write_them():
    assert [level_text(level) for level in (1.0, 0.5, 336618.0, "5-3", 7)] == [
        *("1", "0.5", "336618", "5-3", "7")
    ]
    assert ordered_levels([pd.Series([2.0, 1.0])]) == (1.0, 2.0)


def test_percentages_are_taken_as_they_are():
    percent = table().assign(val_accuracy=lambda rows: 100 * rows["val_accuracy"])
    question = replace(QUESTION, objective=Objective("val_accuracy", scale=1.0))
    step = only(effects(model_of(percent, question)), contrast="1 → 2", kind="step",
                factor="conv_blocks")  # fmt: skip
    assert step["estimate"] == pytest.approx(5.0, abs=0.5)
