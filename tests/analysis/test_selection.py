"""What a search that selects did, told from its executions."""

import pandas as pd
import pytest

from tuner.analysis import selection
from tuner.analysis.question import Question
from tuner.errors import DataError

QUESTION = Question(factors=("depth",))


@pytest.fixture
def executions():
    """One bracket of three trials, of which the best is promoted, in two replicates."""
    rows = [
        {"trial": trial, "bracket": 1, "rung": rung, "depth": depth, "replicate": replicate,
         "epochs": epochs, "initial_epoch": before, "status": "ok",
         "val_accuracy": accuracy + replicate / 100}
        for trial, rung, depth, epochs, before, accuracy in (
            ("0000", 0, 1, 1, 0, 0.30), ("0001", 0, 2, 1, 0, 0.50), ("0002", 0, 3, 1, 0, 0.40),
            ("0001-1", 1, 2, 3, 1, 0.60),
        )
        for replicate in (0, 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_rungs_say_how_many_went_on_and_which(executions):
    rungs = selection.rungs(executions, QUESTION)
    assert rungs["num_trials"].tolist() == [3, 1]
    assert rungs["num_promoted"].tolist() == [1, 0]
    assert rungs["promoted"].tolist() == ["depth=2", "–"]
    assert rungs["best"].tolist() == pytest.approx([50.5, 60.5])
    assert rungs["low"].tolist() == pytest.approx([50, 60]), "of the best trial's replicates"
    assert rungs["high"].tolist() == pytest.approx([51, 61])


def test_epochs_spent_count_only_what_each_execution_trained(executions):
    spending = selection.best_so_far(executions, QUESTION)
    assert spending["spent"].tolist() == [2, 4, 6, 10]
    assert spending["best"].tolist() == pytest.approx([30.5, 50.5, 50.5, 60.5])
    assert spending["regret"].tolist() == pytest.approx([30, 10, 10, 0])


def test_a_failed_trial_has_no_mean_and_leaves_the_best_as_it_was(executions):
    failed = (executions["trial"] == "0001-1") & (executions["replicate"] == 1)
    executions.loc[failed, "status"] = "failed"
    assert selection.best_so_far(executions, QUESTION)["best"].iloc[-1] == pytest.approx(50.5)


def test_a_table_without_promotions_is_refused(executions):
    with pytest.raises(DataError, match="promoted"):
        selection.trials(executions[executions["rung"] == 0], QUESTION)
