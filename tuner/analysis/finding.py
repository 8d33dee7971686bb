"""What a check looks at, and what it says."""

from dataclasses import dataclass
from functools import cached_property

from pandas import DataFrame

from tuner.analysis.facts import NOTHING_KNOWN, Facts
from tuner.analysis.model import Model
from tuner.analysis.outcomes import Outcomes, sort_outcomes
from tuner.analysis.question import Question

SEVERITIES = ("serious", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One fault that a reader should know of.

    Examples:
        >>> from tuner.analysis import Finding
        >>> Finding("note", "one seed", "", "chance is not told apart", "train with more").severity
        'note'
    """

    severity: str  # "serious" (the answer may be wrong) | "warning" | "note" (the scope)
    what: str
    where: str  # which cells, columns or rows; "" for the whole study
    why: str  # why it matters
    remedy: str


@dataclass(frozen=True)
class Evidence:
    """All that a check may look at.

    The frames are of pandas. `tuning` holds the executions that chose nuisance hyperparameters,
    which no effect uses.

    Examples:
        >>> import pandas
        >>> from tuner.analysis import Evidence, Question
        >>> executions = pandas.DataFrame(
        ...     {
        ...         "depth": [1, 1, 2, 2, 3, 3],
        ...         "replicate": [0, 1, 0, 1, 0, 1],
        ...         "val_accuracy": [0.50, 0.52, 0.60, 0.61, 0.65, 0.67],
        ...     }
        ... )
        >>> question = Question(("depth",), depth="depth")
        >>> Evidence(executions, question).outcomes is None  # as there is no model
        True
    """

    executions: DataFrame
    question: Question
    history: DataFrame | None = None
    cells: DataFrame | None = None
    facts: Facts = NOTHING_KNOWN
    tuning: DataFrame | None = None
    model: Model | None = None  # None where no model could be fitted

    @cached_property
    def outcomes(self) -> Outcomes | None:
        """Tell the executions that trained from those that did not; None without a model."""
        return None if self.model is None else sort_outcomes(self.model, self.facts.dataset)
