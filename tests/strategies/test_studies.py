"""Every strategy through the engine: killed and resumed, and with replicates that fail."""

import random
from concurrent.futures import Executor, Future

import pytest

from tests.strategies.searching import SLOTS, oracle_of, square_design
from tuner import ledger
from tuner.engine import loop
from tuner.engine.asking import Asked
from tuner.engine.executors import InProcessExecutor
from tuner.execution import Outcome, record_of
from tuner.folder import StudyFolder
from tuner.strategies import STRATEGIES
from tuner.study import Study

EVERY = pytest.mark.parametrize("strategy", STRATEGIES)
DESIGN = square_design(3, 3)


class Killed(BaseException):
    """Stands for a process that is gone: nothing in the engine may catch it."""


class AnyOrderExecutor(Executor):
    """Ends its calls one by one, in an order drawn by a seed, whenever the engine would wait."""

    def __init__(self, seed, monkeypatch):
        self.rng, self.open = random.Random(seed), []
        monkeypatch.setattr(loop, "wait", self.wait)

    def submit(self, call, *args):
        future = Future()
        self.open.append((future, call, args))
        return future

    def wait(self, futures, timeout, return_when):
        future, call, args = self.open.pop(self.rng.randrange(len(self.open)))
        future.set_result(call(*args))
        return {future}, set(futures) - {future}


def accuracy(execution):
    """Better with depth, more so after more epochs; no two executions alike."""
    depth, width = execution.values["depth"], execution.values["width"]
    return 0.3 + 0.01 * execution.epochs * (1 + depth) + width / 100 + execution.replicate / 1000


def train(execution):
    """A training of no time. Its state says where it stopped, and where it went on from."""
    if execution.parent is not None:
        assert execution.state == state_of(execution, execution.initial_epoch)
    record = record_of(execution, "ok", val_accuracy=accuracy(execution), seconds=1.0)
    kept = state_of(execution, execution.epochs) if execution.keeps_state else None
    return Outcome(record, kept)


def state_of(execution, epochs):
    return repr((sorted(execution.values.items()), execution.replicate, epochs)).encode()


def run(folder, strategy, num_slots=1, training=train, executor=None, **settings):
    """Runs a study, or goes on with it; the keys of what was trained."""
    study = Study(strategy=strategy, **{"epochs": 9, "replicates": 2, **settings})
    oracle = oracle_of(strategy, DESIGN, **study.model_dump(exclude={"strategy"}))
    executor = executor or InProcessExecutor()
    asked = Asked(oracle, study, DESIGN)
    records = loop.run(StudyFolder(folder), asked, executor, num_slots, training)
    return [record.key for record in records]


def rows(folder):
    """What the ledger says of each execution, whatever their order."""
    return sorted(
        (r.trial, r.replicate, r.cell, r.bracket, r.rung, r.initial_epoch, r.epochs, r.status,
         r.metrics.get("val_accuracy"))
        for r in ledger.read(folder)
    )  # fmt: skip


@pytest.fixture
def whole(tmp_path):
    """Makes the ledger of a study that was never stopped."""

    def make(strategy, **settings):
        folder = tmp_path / "whole"
        folder.mkdir()
        run(folder, strategy, **settings)
        return rows(folder)

    return make


@EVERY
@pytest.mark.parametrize(("before", "after"), SLOTS)
def test_killed_at_any_step_and_resumed_the_ledger_is_the_same(
    tmp_path, whole, strategy, before, after, monkeypatch
):
    expected = whole(strategy)
    for num_done in range(0, len(expected), 3):
        folder = tmp_path / str(num_done)
        folder.mkdir()
        trained = []

        def train_until_killed(execution, trained=trained, num_done=num_done):
            if len(trained) == num_done:
                raise Killed
            trained.append(execution.key)
            return train(execution)

        with pytest.raises(Killed):
            run(folder, strategy, before, train_until_killed,
                AnyOrderExecutor(num_done, monkeypatch))  # fmt: skip
        resumed = run(folder, strategy, after, executor=AnyOrderExecutor(99, monkeypatch))
        assert rows(folder) == expected
        assert len(trained) + len(resumed) == len(expected)


@EVERY
def test_a_trial_with_one_failed_replicate_is_failed_and_the_study_goes_on(tmp_path, strategy):
    def fail_one(execution):
        if execution.values["depth"] == 2 and execution.replicate == 1:
            status = "diverged" if execution.values["width"] else "failed"
            return Outcome(record_of(execution, status, message="no number"))
        return train(execution)

    run(tmp_path, strategy, 2, fail_one)
    records = ledger.read(tmp_path)
    assert {r.cell for r in records} == set(range(9))
    assert not [r for r in records if r.rung and r.values["depth"] == 2]
    assert [r for r in records if r.status != "ok"]


@EVERY
def test_every_replicate_of_every_trial_may_fail(tmp_path, strategy):
    run(tmp_path, strategy, 2, lambda execution: Outcome(record_of(execution, "failed")))
    assert {r.cell for r in ledger.read(tmp_path)} == set(range(9))


def test_hyperband_goes_on_from_each_replicates_own_state_and_keeps_none(tmp_path):
    from tuner import checkpoints

    run(tmp_path, "hyperband", 2)
    promoted = [r for r in ledger.read(tmp_path) if r.rung]
    assert {(r.initial_epoch, r.epochs) for r in promoted} == {(1, 3), (3, 9)}
    assert not checkpoints.size_mb(tmp_path / "checkpoints")
