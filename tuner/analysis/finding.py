"""What a check looks at, and what it says."""

from dataclasses import dataclass

from pandas import DataFrame

from tuner.analysis.facts import NOTHING_KNOWN, Facts
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

    `tuning` holds the executions that chose nuisance hyperparameters, which no effect uses.
    """

    executions: DataFrame
    question: Question
    history: DataFrame | None = None
    cells: DataFrame | None = None
    facts: Facts = NOTHING_KNOWN
    tuning: DataFrame | None = None
    model: Model | None = None  # None where no model could be fitted
