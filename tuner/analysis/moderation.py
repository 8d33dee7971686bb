"""How far a variance of few degrees of freedom is drawn towards what its kind has in common.

Variances s^2 on d degrees of freedom are taken as draws around a common s0^2, as if that were known
with d0 prior degrees of freedom: s^2 / s0^2 ~ F(d, d0) (Smyth 2004, Statistical Applications in
Genetics and Molecular Biology 3:3). d0 comes from how much the variances differ beyond chance: near
zero where each is its own, infinite where all are one.
"""

from typing import Any

import numpy as np
from scipy.special import digamma, gammaln

from tuner.analysis.least_squares import Floats

#: Prior degrees of freedom that are weighed against each other; infinite is the tenth.
CANDIDATES = 2.0 ** np.arange(-1, 7)
INFINITE = 10_000.0  # more prior degrees of freedom are as good as infinitely many


def estimate_prior(variances: Any, df: Any) -> tuple[Floats, Floats]:
    """Estimate the prior of a family of variances.

    The posterior mean of 1 / d0 under a flat prior over a few candidates, each with its best s0^2.
    Smyth's moments do as well from three replicates and worse at two.

    Args:
        variances: the family lies along the last axis; leading axes are families of their own.
        df: the degrees of freedom of each variance of a family, or one number for all.

    Returns:
        The prior degrees of freedom (infinite if the variances differ by chance alone or there is
        but one) and the prior variance, one each a family.
    """
    variances = np.asarray(variances, dtype=float)
    df = np.broadcast_to(np.asarray(df, dtype=float), variances.shape[-1:])
    usable = df > 0
    variances, df = variances[..., usable], df[usable]
    mean = variances @ df / max(df.sum(), 1.0)
    if len(df) < 2:
        return np.full(mean.shape, np.inf), mean
    # What rounding made zero is no evidence (limma keeps such variances at that share of the rest).
    floor = np.maximum(1e-5 * np.median(variances, axis=-1, keepdims=True), 1e-300)
    observed = np.log(np.maximum(variances, floor))
    likelihood = [_log_f(observed, df, d0) for d0 in CANDIDATES]
    likelihood.append(_log_gamma(observed, df, np.log(np.maximum(mean, 1e-300))))
    weight = np.stack(likelihood)
    weight = np.exp(weight - weight.max(axis=0))
    inverse = np.tensordot(np.append(1 / CANDIDATES, 0.0), weight, 1) / weight.sum(axis=0)
    prior_df = np.where(inverse * INFINITE > 1, 1 / np.maximum(inverse, 1e-12), np.inf)
    finite = np.where(np.isinf(prior_df), 1.0, prior_df)
    prior = np.exp(_log_prior(observed, df, finite[..., None])[..., 0])
    return prior_df, np.where(np.isinf(prior_df), mean, prior)


def moderate(variances: Any, df: Any, prior_df: Any, prior: Any) -> Floats:
    """Weigh variances and their prior by their degrees of freedom; all arrays broadcast."""
    known = np.where(np.isinf(prior_df), 0.0, prior_df)
    weighed = (known * prior + df * variances) / np.maximum(known + df, 1e-300)
    return np.asarray(np.where(np.isinf(prior_df), prior, weighed))


def plausibility(variances: Any, df: Any, predicted: Any) -> Floats:
    """Say how far to believe predictions that variances exceed; 1 where they do not.

    The likelihood of a variance under its prediction, relative to its own best. Without it what
    differs from its kind is averaged away, however many replicates say so: a slope where replicates
    differ in their slopes, a wild cell.
    """
    predicted = np.asarray(predicted, dtype=float)
    ones = np.ones(np.broadcast_shapes(np.shape(variances), predicted.shape))
    ratio = np.maximum(np.divide(variances, predicted, out=ones, where=predicted > 0), 1)
    return np.asarray(np.exp(-np.asarray(df) / 2 * (ratio - 1 - np.log(ratio))))


def _log_prior(observed: Floats, df: Floats, prior_df: Any) -> Floats:
    """Estimate log s0^2 from the mean of log s^2 (Smyth 2004, section 6.2); keeps the last axis."""
    expected = digamma(df / 2) - np.log(df / 2)
    level = np.mean(observed - expected, axis=-1, keepdims=True)
    return np.asarray(level + digamma(prior_df / 2) - np.log(prior_df / 2))


def _log_f(observed: Floats, df: Floats, prior_df: float) -> Floats:
    """Log-likelihood of a family under s^2 / s0^2 ~ F(df, prior_df), in units of log s^2."""
    z = observed - _log_prior(observed, df, prior_df)
    constant = gammaln((df + prior_df) / 2) - gammaln(df / 2) - gammaln(prior_df / 2)
    density = constant + df / 2 * (np.log(df / prior_df) + z)
    density -= (df + prior_df) / 2 * np.log1p(np.exp(z) * df / prior_df)
    return np.asarray(density.sum(axis=-1))


def _log_gamma(observed: Floats, df: Floats, log_mean: Floats) -> Floats:
    """Log-likelihood of a family of one variance: df s^2 / mean ~ chi^2(df)."""
    z = observed - log_mean[..., None]
    density = df / 2 * (np.log(df / 2) + z) - df / 2 * np.exp(z) - gammaln(df / 2)
    return np.asarray(density.sum(axis=-1))
