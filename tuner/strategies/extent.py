"""How much a strategy will train, known before it begins."""

import statistics
from collections.abc import Sequence

from tuner.strategies.brackets import schedule
from tuner.study import Study


def trial_epochs(study: Study, num_cells: int) -> list[int]:
    """The epochs that each trial of a study trains, if none fails.

    Args:
        study: resolved.
        num_cells: of its design, those that are planned.
    """
    if study.strategy != "hyperband":
        num_trials = min(num_cells, study.max_trials or num_cells)
        return [study.epochs] * num_trials
    brackets = schedule(
        study.epochs,
        min(3, study.epochs),
        None if study.max_trials else 1,
        num_cells,
        study.max_trials,
    )
    return [
        epochs - before
        for bracket in brackets
        for size, before, epochs in zip(
            bracket.sizes, (0, *bracket.epochs), bracket.epochs, strict=False
        )
        for _ in range(size)
    ]


def extent(study: Study, cell_seconds: Sequence[float]) -> tuple[int, float]:
    """The number of executions of a whole study, and the time they take together.

    Args:
        study: resolved.
        cell_seconds: the expected time of each planned cell at the full budget.
    """
    epochs = trial_epochs(study, len(cell_seconds))
    num_tuning = len(cell_seconds) * study.num_candidates
    budgets = sum(epochs) * study.replicates / study.epochs + num_tuning
    return (
        len(epochs) * study.replicates + num_tuning,
        budgets * statistics.fmean(cell_seconds),
    )
