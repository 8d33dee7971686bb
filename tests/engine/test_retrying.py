"""What a study keeps when its failures are trained again."""

from dataclasses import replace

import pytest

from tests.engine.test_loop import run_all
from tuner import ledger
from tuner.engine.asking import Asked
from tuner.engine.retrying import kept
from tuner.strategies import make_oracle


def retried(folder, study, design):
    return kept(ledger.read(folder), Asked(make_oracle(study, design), study, design))


@pytest.fixture
def failing(stub_record):
    """A training that fails or is lost in two executions."""
    worse = {(1, 1): "failed", (4, 0): "lost"}

    def train(execution):
        status = worse.get((execution.cell, execution.replicate))
        outcome = stub_record(execution)
        if status is None:
            return outcome
        return outcome._replace(record=replace(outcome.record, status=status, metrics={}))

    return train


def test_of_a_grid_all_that_ended_well_is_kept(tmp_path, study, design, failing):
    run_all(tmp_path, study, design, failing)
    stand = retried(tmp_path, study, design)
    assert len(stand) == 16
    assert {record.status for record in stand} == {"ok"}


def test_what_is_trained_again_ends_as_if_nothing_had_failed(
    tmp_path, study, design, failing, stub_record
):
    whole, again = tmp_path / "whole", tmp_path / "again"
    whole.mkdir(), again.mkdir()
    run_all(whole, study, design, stub_record)
    run_all(again, study, design, failing)
    before = ledger.replace(again, retried(again, study, design))
    trained = run_all(again, study, design, stub_record)
    assert sorted(trained) == [("0001", 1), ("0004", 0)]
    mine, theirs = (ledger.in_design_order(ledger.read(folder)) for folder in (again, whole))
    assert mine == theirs
    assert before == again / "ledger.jsonl.1"
    assert len(before.read_text().splitlines()) == 18


@pytest.mark.parametrize("strategy", ["hyperband", "bayesian", "random"])
def test_whatever_selects_ends_as_if_nothing_had_failed(
    tmp_path, study, design, failing, stub_record, strategy
):
    study = study.model_copy(update={"strategy": strategy, "epochs": 9})
    whole, again = tmp_path / "whole", tmp_path / "again"
    whole.mkdir(), again.mkdir()
    run_all(whole, study, design, stub_record)
    run_all(again, study, design, failing)
    ledger.replace(again, retried(again, study, design))
    run_all(again, study, design, stub_record)
    assert ledger.in_design_order(ledger.read(again)) == ledger.in_design_order(ledger.read(whole))


def test_what_diverged_is_a_result(tmp_path, study, design, stub_record):
    run_all(tmp_path, study, design, lambda e: stub_record(e, status="diverged"))
    assert len(retried(tmp_path, study, design)) == 18
