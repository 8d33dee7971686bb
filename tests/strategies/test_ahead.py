"""What a study has still to train is told from its records, whatever chooses it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.strategies.searching import with_strategy
from tuner import ledger
from tuner.engine import loop
from tuner.engine.asking import Asked
from tuner.engine.executors import InProcessExecutor
from tuner.execution import TUNING
from tuner.folder import StudyFolder
from tuner.strategies import STRATEGIES, make_oracle
from tuner.strategies.ahead import SoFar, gain_of_cost
from tuner.strategies.extent import ahead, in_shard


def records_of(folder, study, design, train, part=None):
    """The ledger of a search whose trainings are stubbed."""
    asked = Asked(make_oracle(study, design), study, design, part)
    list(loop.run(StudyFolder(folder), asked, InProcessExecutor(), 1, train))
    return ledger.read(folder)


def left_of(study, records, seconds, part=None):
    """The seconds of the executions that are left, rung by rung, and how many they are."""
    so_far = SoFar(study, range(6), records, seconds)
    rungs = [rung for chain in ahead(so_far, part) for rung in chain.rungs]
    return sum(map(sum, rungs)), sum(map(len, rungs))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("max_trials", [None, 4])
def test_at_each_moment_as_many_executions_and_epochs_are_left_as_will_be_trained(
    tmp_path, study, design, stub_record, strategy, max_trials
):
    study = with_strategy(study, strategy, max_trials)
    records = records_of(tmp_path, study, design, stub_record)
    for done in range(len(records) + 1):
        rest = sum(record.epochs - record.initial_epoch for record in records[done:])
        seconds, num_left = left_of(study, records[:done], lambda cell, epochs: float(epochs))
        assert num_left == len(records) - done
        assert seconds == pytest.approx(rest)


def test_a_grid_that_tunes_its_cells_trains_none_before_all_are_tuned(
    tmp_path, study, design, stub_record
):
    study = study.model_copy(update={"tune": {"learning_rate": (0.1, 0.01)}})
    records = records_of(tmp_path, study, design, stub_record)
    tuning = [record for record in records if record.replicate == TUNING]
    [chain] = ahead(SoFar(study, range(6), tuning[:5], lambda cell, epochs: 1.0))
    assert list(map(len, chain.rungs)) == [len(tuning) - 5, 6 * 3]
    assert left_of(study, records, lambda cell, epochs: 1.0) == (0, 0)


def test_a_shard_has_its_own_executions_left(tmp_path, study, design, stub_record):
    study = study.with_settings(shard="2/3")
    part = in_shard(study, [9.0] * 6)
    keys = {(execution.trial, execution.replicate) for execution in part}
    records = records_of(tmp_path, study, design, stub_record, keys)
    assert left_of(study, records[:2], lambda cell, epochs: 1.0, part) == (4, 4)
    assert left_of(study, records, lambda cell, epochs: 1.0, part) == (0, 0)


def hyperband(study, design, folder, train):
    study = study.model_copy(update={"strategy": "hyperband", "epochs": 9})
    return study, records_of(folder, study, design, train)


def cost(cell, epochs):
    """A cell's costs grow with its number, as its accuracy does."""
    return epochs * (cell + 1.0) ** 2


def test_once_a_rung_has_ended_it_is_known_what_goes_on(tmp_path, study, design, stub_record):
    study, records = hyperband(study, design, tmp_path, stub_record)
    first = max(record.bracket for record in records)
    promotions = [r for r in records if (r.bracket, r.rung) == (first, 1)]
    drawn = [r for r in records if r.rung == 0 and r.bracket == first]
    chain = ahead(SoFar(study, range(6), drawn, cost))[0]
    assert sorted(chain.rungs[1]) == sorted(cost(r.cell, r.epochs - 1) for r in promotions)
    early = ahead(SoFar(study, range(6), drawn[:4], cost))[0]
    assert early.doubt > chain.doubt


def test_before_that_the_dear_are_expected_to_go_on_where_they_score_best(
    tmp_path, study, design, stub_record
):
    def worst_is_dear(execution):
        return stub_record(execution, val_accuracy=0.5 - execution.cell / 100)

    (tmp_path / "other").mkdir()
    study, best_is_dear = hyperband(study, design, tmp_path, stub_record)
    _, dear_is_worst = hyperband(study, design, tmp_path / "other", worst_is_dear)
    told = [left_of(study, records[:4], cost)[0] for records in (best_is_dear, dear_is_worst)]
    assert told[0] > 1.5 * told[1]


def test_failed_trials_do_not_go_on(tmp_path, study, design, stub_record):
    study, records = hyperband(study, design, tmp_path, stub_record)
    first = max(record.bracket for record in records)
    drawn = [r for r in records if r.rung == 0 and r.bracket == first]
    best = max(record.cell for record in drawn)
    failed = [
        replace(record, status="failed", metrics={}) if record.cell == best else record
        for record in drawn
    ]
    chain = ahead(SoFar(study, range(6), failed, cost))[0]
    assert cost(best, 2) not in chain.rungs[1]


def test_no_gain_is_told_from_two_scores():
    two = SimpleNamespace(
        scores={(0, 0): 0.1, (1, 0): 0.9}, seconds=cost, study=SimpleNamespace(epochs=3)
    )
    assert gain_of_cost(two, [{0: 0, 1: 1}]) == 0
