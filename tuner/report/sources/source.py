"""What a report is made of, wherever it comes from."""

from dataclasses import dataclass

import pandas as pd

from tuner.analysis.facts import NOTHING_KNOWN, Facts
from tuner.analysis.question import Question


@dataclass(frozen=True)
class Source:
    """What a report is made of: frames, what is asked of them, and what is known about them.

    Attributes:
        name: Of the study, the table's file or the project.
        executions: One row an execution; the factors and the objective, and whichever there are of
            replicate, epochs, status, params, flops, seconds.
        history: One row an epoch, with columns epoch (from 1), the factors, the objective; or None.
        cells: One row a cell of the design, with its factors, state and reason; or None.
        question: Which columns are the factors and which the objective.
        facts: What is known about the data and the training.
        tuning: The executions that chose nuisance hyperparameters, which no effect uses; or None.
    """

    name: str
    executions: pd.DataFrame
    history: pd.DataFrame | None
    cells: pd.DataFrame | None
    question: Question
    facts: Facts = NOTHING_KNOWN
    tuning: pd.DataFrame | None = None
