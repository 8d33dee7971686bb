"""What one execution is asked, and the record it leaves."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from tuner.study import Level, Study

TUNING = -1  # the replicate in which nuisance hyperparameters are chosen; no effect uses it
Status = Literal["ok", "diverged", "failed"]


class Key(NamedTuple):
    """What makes an execution of a study unique."""

    trial: str
    replicate: int


@dataclass(frozen=True)
class Execution:
    """One seeded training of one configuration at one epoch budget, in one replicate.

    It begins at `initial_epoch`, from the state in which its parent trial's execution of the same
    replicate ended; or anew where there is no parent.
    """

    study: Study
    trial: str
    cell: int
    replicate: int
    values: dict[str, Level]
    epochs: int
    initial_epoch: int = 0
    bracket: int = 0
    rung: int = 0
    parent: str | None = None
    state: bytes | None = None
    keeps_state: bool = False

    @property
    def key(self) -> Key:
        """Its key in the ledger."""
        return Key(self.trial, self.replicate)

    @property
    def seed(self) -> int:
        """The seed that all executions of a replicate share; 0 is a study's seed like any other."""
        number = 2**32 - 1 if self.replicate == TUNING else self.replicate
        return int(np.random.SeedSequence([self.study.seed, number]).generate_state(1)[0])


@dataclass(frozen=True)
class Record:
    """The result of an execution: one line of the ledger.

    Accuracies are fractions, times are seconds. Metrics are None where there are none: the
    execution failed, or its loss was no longer a number. `history` has a row for each epoch.
    """

    trial: str
    cell: int
    replicate: int
    seed: int
    values: dict[str, Level]
    epochs: int
    status: Status
    initial_epoch: int = 0
    bracket: int = 0
    rung: int = 0
    parent: str | None = None
    val_accuracy: float | None = None
    val_loss: float | None = None
    best_val_accuracy: float | None = None
    best_epoch: int | None = None
    train_accuracy: float | None = None
    params: int | None = None
    flops: int | None = None
    seconds: float = 0.0
    peak_memory_mb: float | None = None
    worker: str = ""
    message: str = ""
    history: list[dict[str, float | None]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Its key in the ledger."""
        return Key(self.trial, self.replicate)


class Outcome(NamedTuple):
    """What an execution gives back: its record, and the state it ended in where that is kept."""

    record: Record
    state: bytes | None = None


def record_of(execution: Execution, status: Status, **measured: Any) -> Record:
    """The record of an execution from what was asked and what was measured."""
    return Record(
        trial=execution.trial,
        cell=execution.cell,
        replicate=execution.replicate,
        seed=execution.seed,
        values=execution.values,
        epochs=execution.epochs,
        status=status,
        initial_epoch=execution.initial_epoch,
        bracket=execution.bracket,
        rung=execution.rung,
        parent=execution.parent,
        **measured,
    )
