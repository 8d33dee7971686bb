"""How much each cell varies, without what a noisy cell leaks into the others.

Replicate effects are estimated from all cells: with equal weights one wild cell shifts them and
so widens every other cell. Weights that fall with a cell's variance keep it to itself.
"""

from dataclasses import dataclass

import numpy as np

from tuner.analysis.least_squares import Floats
from tuner.analysis.moderation import estimate_prior, moderate

ROUNDS = 6  # of weights from variances and variances from weights; more change nothing that counts
LEAST_SHARE = 0.02  # of its own deviations that a cell keeps, however heavy it is


@dataclass(frozen=True)
class CellVariances:
    """Moderated variances of cells, the last axis, and the degrees of freedom they rest on."""

    relative: Floats  # their mean is 1; all 1 if no cell varies
    df: Floats  # one number a study: infinite if the cells differ by chance alone


def cell_variances(values: Floats) -> CellVariances:
    """Estimate the variance of each cell around its mean and its replicates' effects.

    Args:
        values: cells x replicates; leading axes are studies.
    """
    df = values.shape[-1] - 1
    deviations = values - values.mean(axis=-1, keepdims=True)
    weights = np.ones(values.shape[:-1])
    for _ in range(ROUNDS):
        share = weights / weights.sum(axis=-1, keepdims=True)
        residuals = deviations - share[..., None, :] @ deviations
        kept = df * np.maximum(1 - share, LEAST_SHARE)
        variances = (residuals**2).sum(axis=-1) / kept
        prior_df, prior = estimate_prior(variances, df)
        moderated = moderate(variances, kept, prior_df[..., None], prior[..., None])
        least = 1e-12 * moderated.max(axis=-1, keepdims=True) + 1e-300
        weights = least / np.maximum(moderated, least)
    mean = moderated.mean(axis=-1, keepdims=True)
    relative = np.divide(moderated, mean, out=np.ones_like(moderated), where=mean > 0)
    return CellVariances(np.maximum(relative, 1e-9), prior_df + df)
