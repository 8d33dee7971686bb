"""The engine, with trainings stubbed by a number: order, balance, resume, failures."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from tuner import checkpoints, ledger
from tuner.engine import loop
from tuner.engine.asking import Asked
from tuner.engine.executors import InProcessExecutor, ProcessExecutor, WorkerDiedError
from tuner.errors import StudyError
from tuner.execution import Key, Outcome, record_of
from tuner.folder import StudyFolder
from tuner.strategies import make_oracle


class Killed(BaseException):
    """Stands for a process that is gone: nothing in the engine may catch it."""


def run_all(folder, study, design, train, num_slots=1, executor=None):
    """Runs a study to its end; the keys of what was trained, in order."""
    oracle = make_oracle(study, design)
    with executor or InProcessExecutor() as executor:
        asked = Asked(oracle, study, design)
        run = loop.run(StudyFolder(folder), asked, executor, num_slots, train)
        return [record.key for record in run]


def rows(folder):
    return [
        (r.trial, r.cell, r.replicate, r.values, r.metrics.get("val_accuracy"))
        for r in ledger.read(folder)
    ]


def test_every_cell_is_met_in_every_replicate_replicate_by_replicate(
    tmp_path, study, design, stub_record
):
    run_all(tmp_path, study, design, stub_record)
    met = [(record.replicate, record.cell) for record in ledger.read(tmp_path)]
    dearest_first = range(5, -1, -1)
    assert met == [(replicate, cell) for replicate in range(3) for cell in dearest_first]


def test_an_execution_is_in_the_ledger_before_the_next_begins(tmp_path, study, design, stub_record):
    in_ledger = []

    def train(execution):
        in_ledger.append(len(ledger.read(tmp_path)))
        return stub_record(execution)

    run_all(tmp_path, study, design, train)
    assert in_ledger == list(range(18))


def test_all_that_has_ended_is_on_disk_before_anything_is_told(
    tmp_path, study, design, stub_record
):
    oracle = make_oracle(study, design)
    run = loop.run(
        StudyFolder(tmp_path), Asked(oracle, study, design), InProcessExecutor(), 2, stub_record
    )
    next(run)  # two have ended at once
    run.close()
    assert len(ledger.read(tmp_path)) == 2


def test_executions_that_end_together_are_synced_together(tmp_path, study, design, stub_record):
    with mock.patch("tuner.ledger.os.fsync") as fsync:
        run_all(tmp_path, study, design, stub_record, num_slots=2)
    assert fsync.call_count == 9
    assert len(ledger.read(tmp_path)) == 18


@pytest.mark.parametrize("num_done", range(19))
def test_a_study_stopped_anywhere_ends_as_one_never_stopped(
    tmp_path, study, design, stub_record, num_done
):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    whole.mkdir(), stopped.mkdir()
    run_all(whole, study, design, stub_record)
    trained = []

    def train(execution):
        if len(trained) == num_done and num_done < 18:
            raise Killed
        trained.append(execution.key)
        return stub_record(execution)

    def resumed(execution):
        trained.append(execution.key)
        return stub_record(execution)

    if num_done < 18:
        with pytest.raises(Killed):
            run_all(stopped, study, design, train)
    run_all(stopped, study, design, resumed)
    assert rows(stopped) == rows(whole)
    assert len(trained) == len(set(trained)) == 18


@pytest.mark.parametrize("num_slots", [2, 8])
def test_as_many_executions_as_slots_are_under_way_at_once(
    tmp_path, study, design, stub_record, num_slots
):
    import threading

    together = threading.Barrier(min(num_slots, 6), timeout=10)

    def train(execution):
        if execution.replicate == 0:
            together.wait()  # never passes unless that many executions run at the same time
        return stub_record(execution)

    if num_slots == 8:  # six cells of the first replicate, then two of the second
        keys = run_all(tmp_path, study, design, train, 8, ThreadPoolExecutor(8))
    else:
        keys = run_all(tmp_path, study, design, train, 2, ThreadPoolExecutor(2))
    assert len(set(keys)) == 18


def test_a_study_begun_with_two_slots_is_resumed_with_one(tmp_path, study, design, stub_record):
    def train(execution):
        if execution.replicate == 1 and execution.cell == 3:
            raise Killed
        return stub_record(execution)

    with pytest.raises(Killed):
        run_all(tmp_path, study, design, train, 2, ThreadPoolExecutor(2))
    run_all(tmp_path, study, design, stub_record)
    keys = [record.key for record in ledger.read(tmp_path)]
    assert len(keys) == len(set(keys)) == 18


def test_failures_neither_abort_nor_hide(tmp_path, study, design, stub_record):
    def train(execution):
        bad = {"status": "failed", "val_accuracy": None, "message": "out of memory"}
        return stub_record(execution, **(bad if execution.cell < 5 else {}))

    run_all(tmp_path, study, design, train)
    statuses = [record.status for record in ledger.read(tmp_path)]
    assert statuses.count("failed") == 15
    assert statuses.count("ok") == 3


def test_more_replicates_extend_a_study_without_training_again(
    tmp_path, study, design, stub_record
):
    run_all(tmp_path, study, design, stub_record)
    longer = study.model_copy(update={"replicates": 5})
    keys = run_all(tmp_path, longer, design, stub_record)
    assert {replicate for _, replicate in keys} == {3, 4}
    assert len(keys) == 12


def test_a_record_of_another_configuration_is_refused(tmp_path, study, design, stub_record):
    run_all(tmp_path, study, design, stub_record)
    records = ledger.read(tmp_path)
    (tmp_path / ledger.LEDGER).unlink()
    for record in records:
        ledger.append(tmp_path, replace(record, epochs=7) if record is records[4] else record)
    with pytest.raises(StudyError, match="does not have: trial 0001, replicate 0"):
        run_all(tmp_path, study, design, stub_record)


def test_a_ledger_of_another_study_is_refused(tmp_path, study, design, stub_record):
    run_all(tmp_path, study, design, stub_record)
    foreign = replace(ledger.read(tmp_path)[-1], trial="77")
    ledger.append(tmp_path, foreign)
    with pytest.raises(StudyError, match="trial 77, replicate 2"):
        run_all(tmp_path, study, design, stub_record)


class DyingExecutor(InProcessExecutor):
    """Its workers die in the first calls of one cell."""

    def __init__(self, num_deaths, cell=3):
        self.deaths, self.cell = num_deaths, cell

    def submit(self, fn, execution):
        if execution.cell != self.cell or not self.deaths:
            return super().submit(fn, execution)
        self.deaths -= 1
        died = Future()
        died.set_exception(WorkerDiedError("its process was ended by signal SIGKILL"))
        return died


@pytest.mark.parametrize("num_deaths", [1, 2])
def test_an_execution_whose_worker_died_is_trained_in_another(
    tmp_path, study, design, stub_record, num_deaths
):
    whole, died = tmp_path / "whole", tmp_path / "died"
    whole.mkdir(), died.mkdir()
    run_all(whole, study, design, stub_record)
    run_all(died, study, design, stub_record, executor=DyingExecutor(num_deaths))
    assert sorted(rows(died), key=str) == sorted(rows(whole), key=str)


def test_an_execution_that_takes_its_workers_with_it_is_lost_and_the_search_goes_on(
    tmp_path, study, design, stub_record
):
    run_all(tmp_path, study, design, stub_record, executor=DyingExecutor(3))
    (lost,) = [record for record in ledger.read(tmp_path) if record.status != "ok"]
    assert (lost.status, lost.cell, lost.metrics) == ("lost", 3, {})
    assert "tried 3 times; the last time its process was ended by signal SIGKILL" in lost.message
    assert len(ledger.read(tmp_path)) == 18


class ProgressingExecutor(DyingExecutor):
    """Its workers die, but keep a state before they do."""

    def submit(self, fn, execution):
        if execution.cell == self.cell and self.deaths:
            checkpoints.write(execution.under_way, execution.key, b"%d left" % self.deaths)
        return super().submit(fn, execution)


def test_an_execution_that_comes_further_each_time_is_not_lost(
    tmp_path, study, design, stub_record
):
    run_all(tmp_path, study, design, stub_record, executor=ProgressingExecutor(7))
    assert {record.status for record in ledger.read(tmp_path)} == {"ok"}
    assert not list(StudyFolder(tmp_path).under_way.iterdir())


def test_how_far_one_had_come_is_kept_for_the_next_search_and_what_has_ended_is_not(
    tmp_path, study, design, stub_record
):
    folder = StudyFolder(tmp_path)
    one = study.model_copy(update={"replicates": 1})
    first, *_ = run_all(tmp_path, one, design, stub_record)
    for key in (first, Key("0005", 2)):
        checkpoints.write(folder.under_way, key, b"weights")
    seen = []

    def train(execution):
        seen.extend(path.name for path in execution.under_way.iterdir())
        return stub_record(execution)

    run_all(tmp_path, study, design, train)
    assert set(seen) == {"0005-2.npz"}
    assert not list(folder.under_way.iterdir())


def test_a_death_when_time_is_up_is_left_to_the_next_search(tmp_path, study, design, stub_record):
    keys = []

    def may_start(execution):
        keys.append(execution.key)
        return keys.count(execution.key) < 2

    oracle = make_oracle(study, design)
    asked, executor = Asked(oracle, study, design), DyingExecutor(1, cell=0)
    folder = StudyFolder(tmp_path)
    list(loop.run(folder, asked, executor, 1, stub_record, may_start=may_start))
    assert 0 not in [record.cell for record in ledger.read(tmp_path) if record.replicate == 0]
    assert run_all(tmp_path, study, design, stub_record)[0] == ("0000", 0)


def hang_once(execution):
    """Trains in no time, but hangs the first time that it meets cell 1."""
    mark = Path(execution.study.dataset)
    if execution.cell == 1 and not mark.exists():
        mark.touch()
        time.sleep(120)
    return Outcome(record_of(execution, "ok", val_accuracy=0.5, val_loss=1.0))


@pytest.mark.slow
def test_a_worker_that_hangs_is_ended_and_its_execution_trained_in_another(tmp_path, study, design):
    study = study.model_copy(update={"replicates": 1, "dataset": str(tmp_path / "hung")})
    oracle = make_oracle(study, design)
    executor = ProcessExecutor(2)
    ended = []

    def is_late(execution, seconds, quiet):
        if execution.cell != 1 or ended or not (tmp_path / "hung").exists():
            return False
        ended.append(execution.key)
        return True

    try:
        list(loop.run(
            StudyFolder(tmp_path), Asked(oracle, study, design), executor, 2, hang_once,
            is_late=is_late,
        ))  # fmt: skip
    finally:
        executor.shutdown(cancel_futures=True)
    assert ended == [("0001", 0)]
    assert [record.status for record in ledger.read(tmp_path)] == ["ok"] * 6


def test_what_a_killed_search_left_of_its_checkpoints_is_dropped(
    tmp_path, study, design, stub_record
):
    run_all(tmp_path, study, design, stub_record)
    checkpoints = StudyFolder(tmp_path).checkpoints
    checkpoints.mkdir()
    for name in ("0000-0.npz", "0001-0.partial", "notes.txt"):
        (checkpoints / name).touch()
    run_all(tmp_path, study, design, stub_record)
    assert [path.name for path in checkpoints.iterdir()] == ["notes.txt"]
