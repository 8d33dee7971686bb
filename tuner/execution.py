"""What one execution is asked, and the record it leaves."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field, StringConstraints

from tuner.objective import METRICS, Objective
from tuner.setting_types import LARGEST, Level
from tuner.study import Study
from tuner.words import in_one_line, printable

TUNING = -1  # the replicate in which nuisance hyperparameters are chosen; no effect uses it
Status = Literal["ok", "diverged", "failed", "lost"]
#: What a ledger's line may hold, in a file that anybody may have edited.
Whole = Annotated[int, Field(ge=0, le=LARGEST)]
TrialName = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(-[0-9]{1,9})?$")]
Measurement = Annotated[int, Field(ge=-LARGEST, le=LARGEST)] | float | None


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
    under_way: Path | None = None

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

    `status` is "ok", "diverged" (the loss was no number), "failed" (it raised an error) or "lost"
    (its workers died, which says nothing of the configuration). Accuracies are fractions, times are
    seconds. `metrics` has those of `objective.METRICS` that were measured, and the others that the
    model reports: none if the execution did not end well; None where one was no number. `history`
    has a row for each epoch.
    """

    trial: TrialName
    cell: Whole
    replicate: Annotated[int, Field(ge=TUNING, le=LARGEST)]
    seed: Whole
    values: dict[str, Level]
    epochs: Whole
    status: Status
    initial_epoch: Whole = 0
    bracket: Whole = 0
    rung: Whole = 0
    parent: TrialName | None = None
    metrics: dict[str, Measurement] = field(default_factory=dict)
    params: Whole | None = None
    flops: Whole | None = None
    seconds: Annotated[float, Field(ge=0)] = 0.0
    peak_memory_mb: Annotated[float, Field(ge=0)] | None = None
    worker: str = ""
    message: str = ""
    history: list[dict[str, Measurement]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Its key in the ledger."""
        return Key(self.trial, self.replicate)


def is_metric(name: str) -> bool:
    """Whether this is the name of a metric, of every execution or of a model's own."""
    return name in METRICS or name.startswith("val_")


def score_of(record: Record, objective: Objective) -> float | None:
    """The objective of a record; None where the execution did not end well."""
    return record.metrics.get(objective.name) if record.status == "ok" else None


def serves_effects(replicate: Any) -> Any:
    """Whether effects use what is of a replicate, or of each of a column of them.

    All but the executions that served to choose nuisance hyperparameters.
    """
    return replicate != TUNING


def without_tuning(records: Iterable[Record]) -> list[Record]:
    """The records that effects use."""
    return [record for record in records if serves_effects(record.replicate)]


class Outcome(NamedTuple):
    """What an execution gives back: its record, and the state it ended in where that is kept."""

    record: Record
    state: bytes | None = None


def record_of(execution: Execution, status: Status, **measured: Any) -> Record:
    """The record of an execution from what was asked and what was measured, metrics by name.

    Its message is one line that can be printed, whatever an error said.
    """
    measured["message"] = printable(in_one_line(measured.get("message", "")))
    metrics = {name: measured.pop(name) for name in [*measured] if is_metric(name)}
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
        metrics=metrics,
        **measured,
    )
