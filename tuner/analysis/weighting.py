"""How much each cell varies, without what a noisy cell leaks into the others.

Replicate effects are estimated from all cells: with equal weights one wild cell shifts them and
so widens every other cell. Weights that fall with a cell's variance keep it to itself.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.analysis.least_squares import Floats
from tuner.analysis.moderation import estimate_prior, moderate

ROUNDS = 6  # of weights from variances and variances from weights; more change nothing that counts
LEAST_SHARE = 0.02  # of its own deviations that a cell keeps, however heavy it is
TINY = 1e-300


@dataclass(frozen=True)
class CellVariances:
    """Moderated variances of cells, the last axis, and the degrees of freedom they rest on."""

    relative: Floats  # their mean is 1; all 1 if no cell varies
    df: Floats  # infinite if the cells differ by chance alone


def cell_variances(values: Floats, present: NDArray[Any] | None = None) -> CellVariances:
    """Estimate the variance of each cell around its mean and its replicates' effects.

    Args:
        values: cells x replicates; leading axes are studies.
        present: cells x replicates, bool, where some have no value; what is there is not read.
    """
    present = np.ones(values.shape[-2:]) if present is None else present.astype(float)
    count = present.sum(axis=1, keepdims=True)
    deviations = present * values
    deviations -= present * (deviations.sum(axis=-1, keepdims=True) / count)
    df = count[:, 0] - 1
    weights = np.ones(values.shape[:-1])
    for _ in range(ROUNDS):
        share = weights / weights.sum(axis=-1, keepdims=True)
        residuals = deviations - _fit_replicates(deviations, present, share)
        kept = df * np.maximum(1 - share, LEAST_SHARE)  # exact where nothing is missing
        variances = (residuals**2).sum(axis=-1) / np.maximum(kept, TINY)
        prior_df, prior = estimate_prior(variances, df)
        moderated = moderate(variances, kept, prior_df[..., None], prior[..., None])
        least = 1e-9 * moderated.max(axis=-1, keepdims=True) + TINY
        weights = least / np.maximum(moderated, least)
    relative = np.maximum(moderated, least)
    return CellVariances(relative / relative.mean(axis=-1, keepdims=True), prior_df[..., None] + df)


def _fit_replicates(deviations: Floats, present: Floats, share: Floats) -> Floats:
    """Fit replicate effects by weighted least squares to deviations from cell means.

    Returns:
        What they explain of the deviations.
    """
    if present.all():  # the solution of what follows
        return np.asarray(share[..., None, :] @ deviations)
    num_replicates = present.shape[1]
    of_cell = present / present.sum(axis=1, keepdims=True)
    normal = (present.T @ share[..., None]) * np.eye(num_replicates)
    normal -= (present.T * share[..., None, :]) @ of_cell
    # The constant is no replicate's: adding it makes the equations regular and explains nothing.
    normal += 1 / num_replicates + 1e-12 * np.eye(num_replicates)
    totals = share[..., None, :] @ deviations
    effects = np.linalg.solve(normal, totals.swapaxes(-1, -2))
    return np.asarray(present * (effects.swapaxes(-1, -2) - of_cell @ effects))
