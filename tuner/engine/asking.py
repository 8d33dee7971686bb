"""The oracle's side of the engine: what it was asked, what waits, what it is told."""

import heapq
import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from tuner.budget import parted
from tuner.design import Design
from tuner.errors import StudyError
from tuner.execution import TUNING, Execution, Key, Record, score_of
from tuner.folder import StudyFolder
from tuner.strategies.extent import is_foreseen
from tuner.study import Study

Waiting = tuple[int, int, int, Execution]  # its replicate, what it costs less, its trial's number


@dataclass
class Asked:
    """The trials that the oracle has proposed, and their executions that have not started.

    Attributes:
        oracle: Fresh.
        study: Resolved.
        design: Of the study.
        part: The executions of a shard, by the number of their trial and their replicate; others
            are passed over.
        home: The worker that a cell was given to last, which holds its network.
        trials: By their identifier, in the order in which they were asked for.
        scores: Of each trial's executions that have ended.
        num_open: How many of each trial's have not.
        children: The trials that go on from each.
        has_stopped: Whether the oracle has said that it proposes no more.
        waiting: By such a worker, the next execution of each trial, as a heap.
    """

    oracle: Any
    study: Study
    design: Design
    part: Collection[tuple[int, int]] | None = None
    home: dict[int, int] = field(default_factory=dict)
    trials: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, list[float | None]] = field(default_factory=dict)
    num_open: dict[str, int] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    has_stopped: bool = False
    waiting: dict[int, list[Waiting]] = field(default_factory=dict)

    def next_execution(self, worker: int | None = None) -> Execution | None:
        """The next execution: of the earliest replicate, there of the dearest cell.

        A new trial is asked for before a second replicate is begun, so that a study is balanced
        whenever it stops; all are, where results have no say in them. What ends last is cheap, so
        that no worker waits long for another.

        Args:
            worker: that it goes to. Where a replicate has more than one, those come first whose
                networks it holds.
        """
        while True:
            while (self._is_known or not self._waits()) and self._ask():
                pass
            heaps = [heap for heap in self.waiting.values() if heap]
            if not heaps:
                return None
            heap = min(heaps, key=lambda heap: heap[0][:3])
            of_worker = self.waiting.get(worker or 0)
            if of_worker and of_worker[0][0] == heap[0][0]:
                heap = of_worker
            replicate, cost, trial, execution = heapq.heappop(heap)
            if worker is not None:
                self.home[execution.cell] = worker
            if 0 <= replicate < self.study.replicates - 1:
                following = replace(execution, replicate=replicate + 1)
                self._wait(replicate + 1, cost, trial, following)
            if self.part is None or (trial, replicate) in self.part:
                return execution

    @cached_property
    def _is_known(self) -> bool:
        """Whether results have no say in what is asked for."""
        return is_foreseen(self.study)

    def _waits(self) -> bool:
        """Whether a first execution of a trial waits."""
        return any(heap and heap[0][0] <= 0 for heap in self.waiting.values())

    def _wait(self, replicate: int, cost: int, trial: int, execution: Execution) -> None:
        heap = self.waiting.setdefault(self.home.get(execution.cell, 0), [])
        heapq.heappush(heap, (replicate, cost, trial, execution))

    def _ask(self) -> bool:
        """Asks for a trial; whether there is one."""
        if self.has_stopped:
            return False
        trial = self.oracle.create_trial(f"slot-{len(self.trials)}")
        self.has_stopped = trial.status == "STOPPED"
        if trial.status != "RUNNING":
            return False
        values, budget = parted(trial.hyperparameters.values)
        cell = self.design.index_of(values)
        cost, order = self.design.cells[cell].flops or 0, len(self.trials)
        self.trials[trial.trial_id] = trial
        if budget.parent is not None:
            self.children.setdefault(budget.parent, []).append(trial.trial_id)
        self.num_open[trial.trial_id] = 1 if budget.is_tuning else self.study.replicates
        first = Execution(
            self.study,
            trial.trial_id,
            cell,
            TUNING if budget.is_tuning else 0,
            values,
            epochs=budget.epochs or self.study.epochs,
            initial_epoch=budget.initial_epoch,
            bracket=budget.bracket,
            rung=budget.rung,
            parent=budget.parent,
        )
        self._wait(first.replicate, -cost, order, first)
        return True

    def tell(self, record: Record) -> None:
        """Tells the oracle the mean objective of a trial, once its last replicate has ended."""
        scores = self.scores.setdefault(record.trial, [])
        scores.append(score_of(record, self.study.objective))
        self.num_open[record.trial] -= 1
        if self.num_open[record.trial]:
            return
        trial = self.trials[record.trial]
        if any(score is None for score in scores):
            trial.status, trial.message = "FAILED", record.message
        else:
            # fsum: the mean must not depend on the order in which the replicates have ended.
            mean = math.fsum(score for score in scores if score is not None) / len(scores)
            self.oracle.update_trial(trial.trial_id, {self.study.objective.name: mean})
            trial.status = "COMPLETED"
        self.oracle.end_trial(trial)

    def is_needed(self, key: Key) -> bool:
        """Whether an execution's state may still be gone on from."""
        if key.trial not in self.trials or not self.oracle.promotes:
            return False
        has_open_child = any(self.num_open[child] for child in self.children.get(key.trial, ()))
        return self.num_open[key.trial] > 0 or has_open_child or bool(self.oracle.needed(key.trial))


def replay(folder: StudyFolder, asked: Asked, num_slots: int) -> list[Execution]:
    """Asks and tells as the ledger says was done; returns what was under way when it ended.

    Raises:
        StudyError: if the ledger holds what this study would not have done.
    """
    under_way: dict[Key, Execution] = {}
    for record in folder.records:
        if not ask_for(record, asked, under_way, num_slots):
            raise StudyError(
                f"{folder.ledger_file} holds an execution that this study does not have: trial "
                f"{record.trial}, replicate {record.replicate}"
            )
        del under_way[record.key]
        asked.tell(record)
    return list(under_way.values())


def ask_for(record: Record, asked: Asked, under_way: dict[Key, Execution], num_slots: int) -> bool:
    """Asks until as many executions are under way as there are slots, a record's among them.

    Returns:
        Whether it is; False where the study would not have done it at this point.
    """
    while len(under_way) < num_slots or record.key not in under_way:
        execution = asked.next_execution()
        if execution is None:
            break
        under_way[execution.key] = execution
    return record.key in under_way and is_record_of(record, under_way[record.key])


def is_record_of(record: Record, execution: Execution) -> bool:
    """Whether a record is the result of an execution."""
    return all(
        getattr(record, name) == getattr(execution, name)
        for name in ("cell", "values", "epochs", "initial_epoch", "parent")
    )
