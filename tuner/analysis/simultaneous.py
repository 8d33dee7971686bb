"""Intervals that hold all contrasts of a family at once (max-t)."""

import numpy as np
from scipy import special

from tuner.analysis.least_squares import Floats

NUM_DRAWS = 20_000  # the quantile is known to 0.15 points of its 5%
SEED = 0  # the same family gives the same intervals


def max_t(covariance: Floats, df: Floats, level: float = 0.95) -> Floats:
    """Find how many standard errors make intervals that all hold with this probability.

    Multivariate t by simulation (Hothorn, Bretz and Westfall 2008, Biometrical Journal 50). Where
    degrees of freedom differ, contrasts are widened to a common individual level: each by its own
    Student's t. Their errors are drawn to be large together, as they are where they rest on the
    same strata.

    Args:
        covariance: of the estimates, up to a factor.
        df: the degrees of freedom of each.
        level: the probability.

    Returns:
        The multiplier of each contrast's standard error, at least that of a single interval.
    """
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    correlation = covariance / np.outer(scale, scale)
    roots, vectors = np.linalg.eigh(correlation)
    spanned = roots > 1e-9 * max(float(roots.max()), 1e-300)
    rng = np.random.default_rng(SEED)
    normal = rng.normal(size=(NUM_DRAWS, int(spanned.sum())))
    normal = normal @ (vectors[:, spanned] * np.sqrt(roots[spanned])).T
    # The quantile rests on the smallest p-values alone: of each kind, only these are computed.
    enough = min(int((1 - level) * (NUM_DRAWS - 1)) + 2, NUM_DRAWS)
    least = np.ones(NUM_DRAWS)  # the smallest p-value of a family
    rounded = np.exp2(np.floor(4 * np.log2(np.clip(df, 1, 1e6))) / 4)  # a few kinds of Student's t
    for one in np.unique(rounded):
        spread = np.sqrt(np.sort(rng.chisquare(one, NUM_DRAWS)) / one)  # sorted: large together
        largest = np.abs(normal[:, rounded == one]).max(axis=1) / np.maximum(spread, 1e-300)
        far = np.argpartition(largest, -enough)[-enough:]
        least[far] = np.minimum(least[far], 2 * special.stdtr(one, -largest[far]))
    alpha = np.quantile(least, 1 - level)
    return np.asarray(special.stdtrit(np.minimum(df, 1e8), 1 - alpha / 2))
