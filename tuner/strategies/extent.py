"""How much a strategy will train, known before it begins."""

import statistics
from collections.abc import Sequence

from tuner.strategies import strategy_of
from tuner.study import Study


def num_executions(study: Study, num_cells: int) -> int:
    """The executions of a whole study.

    Args:
        study: resolved.
        num_cells: of its design, those that are planned.
    """
    num_trials = len(strategy_of(study).trial_epochs(study, num_cells))
    return num_trials * study.replicates + num_cells * study.num_candidates


def chosen_epochs(study: Study, num_cells: int) -> int:
    """The epochs that a study trains whose strategy chooses by results; 0 where it does not.

    Args:
        study: resolved.
        num_cells: of its design, those that are planned.
    """
    strategy = strategy_of(study)
    if strategy.is_known_beforehand:
        return 0
    return sum(strategy.trial_epochs(study, num_cells)) * study.replicates


def total_seconds(study: Study, cell_seconds: Sequence[float]) -> float:
    """The time that all executions of a study take together, in seconds.

    Args:
        study: resolved.
        cell_seconds: the expected time of each planned cell at the full budget.
    """
    epochs = strategy_of(study).trial_epochs(study, len(cell_seconds))
    num_tuning = len(cell_seconds) * study.num_candidates
    budgets = sum(epochs) * study.replicates / study.epochs + num_tuning
    return budgets * statistics.fmean(cell_seconds)
