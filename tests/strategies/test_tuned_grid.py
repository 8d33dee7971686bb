"""Tuning at each cell: a replicate of its own, then every cell with its own best candidate."""

import pytest

from tuner import ledger
from tuner.engine import loop
from tuner.engine.asking import Asked
from tuner.engine.executors import InProcessExecutor
from tuner.execution import TUNING
from tuner.folder import StudyFolder
from tuner.strategies import make_oracle

RATES = (0.1, 0.01, 0.001)


def best_rate(cell):
    """Wider cells want smaller rates, in this made-up world."""
    return RATES[cell % 3]


@pytest.fixture
def tuned(study):
    fixed = {name: level for name, level in study.fixed.items() if name != "learning_rate"}
    return study.model_copy(update={"tune": {"learning_rate": RATES}, "fixed": fixed})


def records_of(folder, study, design, train, num_slots=1):
    asked = Asked(make_oracle(study, design), study, design)
    list(loop.run(StudyFolder(folder), asked, InProcessExecutor(), num_slots, train))
    return ledger.read(folder)


@pytest.fixture
def train(stub_record):
    def trained(execution, **measured):
        is_best = execution.values["learning_rate"] == best_rate(execution.cell)
        return stub_record(execution, **{"val_accuracy": 0.6 if is_best else 0.4, **measured})

    return trained


@pytest.mark.parametrize("num_slots", [1, 2, 8])
def test_each_cell_is_trained_with_the_rate_that_was_best_on_the_tuning_replicate(
    tmp_path, tuned, design, train, num_slots
):
    records = records_of(tmp_path, tuned, design, train, num_slots)
    tuning = [record for record in records if record.replicate == TUNING]
    counted = [record for record in records if record.replicate != TUNING]
    assert len(tuning) == 6 * 3
    assert len(counted) == 6 * 3
    for record in counted:
        assert record.values["learning_rate"] == best_rate(record.cell)


def test_the_tuning_replicate_has_a_seed_of_its_own(tmp_path, tuned, design, train):
    seeds = {record.replicate: record.seed for record in records_of(tmp_path, tuned, design, train)}
    assert len(set(seeds.values())) == 4


def test_a_rate_that_fails_is_not_chosen(tmp_path, tuned, design, train):
    def failing(execution):
        if execution.values["learning_rate"] == best_rate(execution.cell):
            return train(execution, status="failed", val_accuracy=None)
        return train(execution)

    for record in records_of(tmp_path, tuned, design, failing):
        if record.replicate != TUNING:
            assert record.values["learning_rate"] != best_rate(record.cell)
