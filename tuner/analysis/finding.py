"""What a check looks at, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pandas import DataFrame

from tuner.analysis.model import Model
from tuner.analysis.question import Question

SEVERITIES = ("serious", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One fault that a reader should know of."""

    severity: str  # "serious" (the answer may be wrong) | "warning" | "note" (the scope)
    what: str
    where: str  # which cells, columns or rows; "" for the whole study
    why: str  # why it matters
    remedy: str


@dataclass(frozen=True)
class Evidence:
    """All that a check may look at.

    `facts` that checks know: epochs, train_size, dataset, optimizer, fixed (a mapping of
    hyperparameters), learning_rate_tuned (bool), executions_averaged (bool: a row is a mean of
    several), validation_is_test (bool), num_test_evaluations (int), num_planned_executions.
    """

    executions: DataFrame
    question: Question
    history: DataFrame | None = None
    cells: DataFrame | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    model: Model | None = None  # None where no model could be fitted
