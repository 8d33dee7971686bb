"""What an execution exports, whatever the target."""

from dataclasses import replace

import pytest

from tuner.execution import TUNING, Record
from tuner.export.exported import exported

RECORD = Record(
    "0006-1", 6, 1, 42, {"depth": 2, "width": 0.5}, epochs=9, status="ok", initial_epoch=3,
    bracket=2, rung=1, metrics={"val_accuracy": 0.75, "val_auc": None}, params=1234, flops=None,
    seconds=2.5, history=[{"epoch": 4, "loss": None, "val_loss": 0.5}],
)  # fmt: skip


def test_it_has_the_factors_the_budget_the_metrics_and_whose_it_is():
    found = exported("mine", RECORD)
    assert found.hyperparameters == {"depth": 2, "width": 0.5, "epochs": 9}
    assert found.metrics == {"val_accuracy": 0.75, "params": 1234, "seconds": 2.5}
    assert found.curves == {4: {"epoch/val_loss": 0.5}}
    assert found.about == {
        "study": "mine", "cell": 6, "trial": "0006-1", "replicate": 1, "seed": 42, "bracket": 2,
        "rung": 1, "status": "ok",
    }  # fmt: skip
    assert found.is_ok
    assert found.message == ""


def test_replicates_are_one_group_and_budgets_are_not():
    group = exported("mine", RECORD).group
    assert group == "cell-6-9-epochs"
    assert exported("mine", replace(RECORD, replicate=2)).group == group
    assert exported("mine", replace(RECORD, epochs=27)).group == "cell-6-27-epochs"


def test_what_served_to_choose_nuisances_is_no_replicate_of_its_cell():
    found = exported("mine", replace(RECORD, trial="0007", replicate=TUNING))
    assert found.group == "cell-6-9-epochs-candidate-0007"
    assert found.key.startswith("0007-tuning-")


def test_its_key_is_the_same_each_time_and_its_own():
    key = exported("mine", RECORD).key
    assert exported("mine", replace(RECORD)).key == key
    others = [
        exported("another", RECORD),
        exported("mine", replace(RECORD, replicate=2)),
        exported("mine", replace(RECORD, seconds=2.6)),  # trained again
    ]
    assert len({key, *(other.key for other in others)}) == 4


@pytest.mark.parametrize("status", ["diverged", "failed", "lost"])
def test_one_that_did_not_end_well_says_why(status):
    found = exported("mine", replace(RECORD, status=status, metrics={}, message="no memory"))
    assert not found.is_ok
    assert found.about["status"] == status
    assert found.message == found.about["message"] == "no memory"
