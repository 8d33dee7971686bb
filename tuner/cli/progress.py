"""How far a search has come, and what a pipe is told of it: a line an execution."""

import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tuner import checkpoints
from tuner.execution import Execution, Key, Record, score_of
from tuner.planning import Plan
from tuner.words import duration, in_one_line, short

ALMOST = 0.95  # of an execution that takes longer than expected, by the clock


class Training(NamedTuple):
    """An execution that is being trained: its cell, its budget, and how far it is, in words."""

    cell: int
    epochs: int
    text: str


class Progress:
    """The state of a search as it is shown; fed with what starts and what ends."""

    def __init__(
        self, plan: Plan, done: Iterable[Record], num_workers: int, under_way: Path
    ) -> None:
        self.plan = plan
        self.under_way = under_way
        self.records: dict[int, list[Record]] = defaultdict(list)
        self.training: dict[Key, tuple[Execution, float]] = {}
        self.pace = plan.pace(num_workers, ())
        for record in done:
            self.ended(record)

    @property
    def num_done(self) -> int:
        """The executions in the ledger."""
        return sum(len(records) for records in self.records.values())

    @property
    def num_left(self) -> int:
        """The executions that have not ended."""
        return self.plan.num_executions - self.num_done

    def started(self, execution: Execution) -> str:
        """An execution was submitted; returns a line that says so."""
        self.training[execution.key] = execution, time.monotonic()
        return f"{now()} begun: {self.levels(execution.cell)} replicate={execution.replicate}"

    def extended(self, plan: Plan) -> None:
        """The study has more replicates than before."""
        self.plan = plan
        self.pace.study, self.pace.part = plan.study, plan.shard
        self.pace.look_again()

    def trainings(self) -> list[Training]:
        """What is being trained, in the order in which it was begun: the epoch that each is in."""
        epochs, found = checkpoints.epochs(self.under_way), []
        for key, (execution, since) in self.training.items():
            text = f"training {duration(time.monotonic() - since)}"
            if key in epochs:
                text = f"epoch {min(epochs[key] + 1, execution.epochs)}/{execution.epochs}"
            found.append(Training(execution.cell, execution.epochs, text))
        return found

    def behind(self) -> dict[Key, float]:
        """The seconds that what is under way has behind it, by its epochs and by the clock."""
        epochs, found, now = checkpoints.epochs(self.under_way), {}, time.monotonic()
        for key, (execution, since) in self.training.items():
            num_epochs = execution.epochs - execution.initial_epoch
            seconds = self.pace.fit.seconds(execution.cell, num_epochs)
            done = epochs.get(key, execution.initial_epoch) - execution.initial_epoch
            found[key] = max(seconds * done / num_epochs, min(seconds * ALMOST, now - since))
        return found

    def left(self) -> tuple[float, float]:
        """The seconds left of the whole study, and how much they may be off; they count down."""
        return self.pace.left(self.behind())

    def time_left(self) -> str:
        """The time left of the whole study, in words."""
        return self.pace.time_left(self.behind())

    def levels(self, cell: int) -> str:
        """The levels of a cell, in words."""
        return " ".join(f"{k}={v}" for k, v in self.plan.design.cells[cell].levels.items())

    def ended(self, record: Record) -> None:
        """An execution is in the ledger."""
        self.training.pop(record.key, None)
        self.records[record.cell].append(record)
        self.pace.ended([record])


def line(record: Record, progress: Progress) -> str:
    """One finished execution as a line of text, timestamped."""
    objective = progress.plan.study.objective
    value = score_of(record, objective)
    result = (
        f"{objective.name} {value:.4f}"
        if value is not None
        else f"{record.status}: {short(in_one_line(record.message), 200)}"
    )
    return (
        f"{now()} {progress.num_done}/{progress.plan.num_executions} "
        f"{progress.levels(record.cell)} replicate={record.replicate} {result} "
        f"{record.seconds:.1f} s, {progress.time_left()} left"
    )


def now() -> str:
    """The time of a line."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
