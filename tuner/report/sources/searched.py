"""Trials of a search: which hyperparameters are factors, and which were searched beside them."""

from collections.abc import Collection, Iterable, Sequence

import pandas as pd

from tuner.errors import DataError
from tuner.words import listed

MOST_LEVELS = 8  # more, and more than half as many as trials, are no levels that were chosen


def part_hyperparameters(
    trials: pd.DataFrame, names: Iterable[str], continuous: Collection[str]
) -> tuple[list[str], list[str]]:
    """Part the hyperparameters that were varied into factors and nuisances.

    A nuisance is what was drawn from a continuum, a learning rate, and what some trials do not have
    (the units of a fourth layer).

    Args:
        trials: One row a trial.
        names: Of the hyperparameters.
        continuous: Those that are drawn from a continuum.

    Raises:
        DataError: no hyperparameter is left as a factor.
    """
    varied = [name for name in names if trials[name].nunique() > 1]
    nuisances = [
        name
        for name in varied
        if name in continuous
        or name.casefold() in ("lr", "learning_rate")
        or trials[name].isna().any()
        or trials[name].nunique() > max(MOST_LEVELS, len(trials) / 2)
    ]
    factors = [name for name in varied if name not in nuisances]
    if not factors:
        raise DataError(
            "no hyperparameter of these trials has two levels that can be compared "
            f"(continuous, or not in every trial: {listed(nuisances) or 'none'})."
        )
    return factors, nuisances


def best_of_each(
    trials: pd.DataFrame,
    keys: Sequence[str],
    nuisances: Sequence[str],
    metric: str,
    *,
    maximize: bool,
) -> tuple[pd.DataFrame, str]:
    """Keep the best of the trials that differ in nuisances alone, without these; and say so.

    Args:
        trials: One row a trial.
        keys: The columns that make a trial another one: factors, replicate, budget.
        nuisances: One at least.
        metric: The column by which a trial is better.
        maximize: Whether more of it is.
    """
    order = trials.sort_values(metric, ascending=not maximize, na_position="last", kind="stable")
    best = order.drop_duplicates(list(keys)).sort_index().reset_index(drop=True)
    best = best.drop(columns=list(nuisances))
    were = "was" if len(nuisances) == 1 else "were"
    told = (
        f"{listed(nuisances)} {were} searched beside the factors: the best of its trials "
        f"stands for each cell ({len(best)} of {len(trials)} trials)."
    )
    return best, told
