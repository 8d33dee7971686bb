"""How much a factor matters beside the others, and whether that is little for sure."""

import numpy as np
from pandas import DataFrame, Series

from tuner.objective import Objective

LITTLE = 1.0  # points of a share, from a factor's worst level to its best
LITTLE_SHARE = 0.05  # of the strongest factor's, where the objective is no share


def spans(means: DataFrame) -> "Series[float]":
    """Measure how far the mean levels of each factor lie apart, the farthest first.

    Args:
        means: as `effects.marginal_means` returns them.
    """
    found = means.groupby("factor", sort=False)["mean"].agg(
        lambda values: np.ptp(values.dropna()) if values.notna().any() else np.nan
    )
    return found.sort_values(ascending=False, kind="stable")


def largest_span(rows: DataFrame, span: float) -> float:
    """Say how far a factor's levels may lie apart at most, as its intervals have it.

    Args:
        rows: what a sentence tells of the factor: its slope alone, or its steps.
        span: how far its mean levels lie apart.
    """
    far = rows[["ci_low", "ci_high"]].abs().max(axis=1)
    if len(rows) == 1 and rows["estimate"].abs().gt(0).all():
        return float(span * far.iloc[0] / abs(rows["estimate"].iloc[0]))
    return float(far.sum(skipna=False))


def is_little(largest: float, strongest: float, objective: Objective) -> bool:
    """Tell whether a factor matters little for sure.

    Args:
        largest: as `largest_span` returns it.
        strongest: how far the levels of the factor lie apart that matters most.
        objective: what was measured.
    """
    return largest < (LITTLE if objective.is_share else LITTLE_SHARE * strongest)
