"""The engine: asks the oracle, submits to the executor, appends to the ledger, tells the oracle."""

import heapq
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuner import ledger
from tuner.design import Design
from tuner.errors import StudyError
from tuner.execution import Execution, Key, Record, record_of
from tuner.study import Study

Train = Callable[[Execution], Record]


@dataclass
class Asked:
    """The trials that the oracle has proposed, and their executions that have not started."""

    oracle: Any
    study: Study
    design: Design
    trials: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, list[float | None]] = field(default_factory=dict)
    waiting: list[tuple[int, int, Execution]] = field(default_factory=list)

    def next_execution(self) -> Execution | None:
        """The next execution: of the earliest replicate, there of the earliest trial.

        A new trial is asked for before a second replicate is begun, so that a study is balanced
        whenever it stops.
        """
        if not self.waiting or self.waiting[0][0] > 0:
            self._ask()
        return heapq.heappop(self.waiting)[-1] if self.waiting else None

    def _ask(self) -> None:
        trial = self.oracle.create_trial(f"slot-{len(self.trials)}")
        if trial.status != "RUNNING":
            return
        values = dict(trial.hyperparameters.values)
        cell = self.design.index_of(values)
        order = len(self.trials)
        self.trials[trial.trial_id] = trial
        for replicate in range(self.study.replicates):
            execution = Execution(
                self.study, trial.trial_id, cell, replicate, values, self.study.epochs
            )
            heapq.heappush(self.waiting, (replicate, order, execution))

    def tell(self, record: Record) -> None:
        """Tells the oracle of a trial whose last replicate has ended: the mean of its objective."""
        scores = self.scores.setdefault(record.trial, [])
        scores.append(record.val_accuracy if record.status == "ok" else None)
        if len(scores) < self.study.replicates:
            return
        trial = self.trials[record.trial]
        if any(score is None for score in scores):
            trial.status, trial.message = "FAILED", record.message
        else:
            mean = sum(score for score in scores if score is not None) / len(scores)
            self.oracle.update_trial(trial.trial_id, {"val_accuracy": mean})
            trial.status = "COMPLETED"
        self.oracle.end_trial(trial)


def run(
    folder: Path,
    study: Study,
    design: Design,
    oracle: Any,
    executor: Executor,
    num_slots: int,
    train: Train,
    started: Callable[[Execution], None] = lambda execution: None,
) -> Iterator[Record]:
    """Runs a study to its end; yields each record once it is in the ledger.

    What the ledger already holds is replayed: the oracle is asked and told as it was the first
    time, and those executions are not trained again.

    Args:
        folder: of the study; this process must hold its lock.
        study: resolved.
        design: of the study.
        oracle: fresh, as its strategy makes it.
        executor: where executions run.
        num_slots: how many executions are under way at a time.
        train: from an execution to its record.
        started: called with each execution that is submitted.

    Raises:
        StudyError: if the ledger holds what this study would not have done.
    """
    asked = Asked(oracle, study, design)
    under_way: dict[Key, Execution] = {}
    for record in ledger.read(folder):
        while len(under_way) < num_slots or record.key not in under_way:
            execution = asked.next_execution()
            if execution is None:
                break
            under_way[execution.key] = execution
        if under_way.pop(record.key, None) is None:
            raise StudyError(
                f"{folder / ledger.LEDGER} holds an execution that this study does not have: trial "
                f"{record.trial}, replicate {record.replicate}"
            )
        asked.tell(record)

    futures: dict[Future[Record], Execution] = {}
    resumed = list(under_way.values())
    while True:
        while len(futures) < num_slots:
            execution = resumed.pop(0) if resumed else asked.next_execution()
            if execution is None:
                break
            started(execution)
            futures[executor.submit(train, execution)] = execution
        if not futures:
            return
        done, _ = wait(futures, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=lambda future: futures[future].key):
            record = result(future, futures.pop(future))
            ledger.append(folder, record)
            asked.tell(record)
            yield record


def result(future: Future[Record], execution: Execution) -> Record:
    """The record of a finished execution; of a worker that died, one that says so.

    Raises:
        TunerError: if the dataset or the space could not be had.
    """
    try:
        return future.result()
    except BrokenProcessPool:
        message = "the worker process died (killed, or out of memory?)"
        return record_of(execution, "failed", message=message)
