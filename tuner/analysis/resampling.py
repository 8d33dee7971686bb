"""Permutation test and bootstrap over replicates, only where there are enough of them."""

from typing import Any

import numpy as np
from pandas import DataFrame
from scipy import stats

from tuner.analysis.contrasts import Contrast, along
from tuner.analysis.least_squares import Floats
from tuner.analysis.model import Model

MIN_PERMUTED = 6  # with fewer, no two-sided p-value can fall below 5%
MIN_BOOTSTRAPPED = 10  # with fewer, its intervals cover far less than they say
MAX_REPLICATES = 200  # with more, the t-interval needs no check
NUM_RESAMPLES = 9999


def resampled(model: Model) -> DataFrame:
    """Check growth, or the first step of a named factor, without assuming a normal residual.

    A contrast is computed within each replicate that has all its cells; under no effect its sign
    is as likely as the other, which the permutation test uses.

    Returns:
        One row a factor: factor, contrast, estimate (mean over complete replicates),
        permutation_p (from 6 replicates), bootstrap_low, bootstrap_high (95% BCa, from 10),
        replicates (complete ones), reason (what was refused, and why).
    """
    rows = []
    for factor in model.sample.question.factors:
        contrast = next(along(model, factor), None)
        if contrast is not None and not contrast.refusal:
            rows.append(resample(model, contrast))
    columns = ["factor", "contrast", "estimate", "permutation_p", "bootstrap_low"]
    return DataFrame(rows, columns=[*columns, "bootstrap_high", "replicates", "reason"])


def resample(model: Model, contrast: Contrast) -> dict[str, Any]:
    """Resample one contrast; a row of `resampled`."""
    within = within_replicates(model, contrast) if model.sample.blocked else np.array([])
    num = len(within)
    row = {"factor": contrast.factor, "contrast": contrast.text, "replicates": num}
    row["estimate"] = within.mean() if num else np.nan
    if not model.sample.blocked:
        return row | {"reason": "cells share no replicates"}
    if num < MIN_PERMUTED:
        return row | {
            "reason": f"{num} complete replicates: a permutation test needs {MIN_PERMUTED}, "
            f"a bootstrap {MIN_BOOTSTRAPPED}"
        }
    if num > MAX_REPLICATES or np.ptp(within) == 0:
        return row | {"reason": "not needed: many replicates, or no spread between them"}
    row["permutation_p"] = permutation_p(within)
    if num < MIN_BOOTSTRAPPED:
        return row | {"reason": f"{num} complete replicates: a bootstrap needs {MIN_BOOTSTRAPPED}"}
    interval = stats.bootstrap(
        (within,), np.mean, n_resamples=NUM_RESAMPLES, rng=np.random.default_rng(0)
    ).confidence_interval
    return row | {"bootstrap_low": interval.low, "bootstrap_high": interval.high, "reason": ""}


def within_replicates(model: Model, contrast: Contrast) -> Floats:
    """Compute a contrast in each replicate that has all its cells."""
    values: Floats = contrast.weights @ model.by_replicate[contrast.cells]
    return values[np.isfinite(values)]


def permutation_p(within: Floats) -> float:
    """Test paired differences against a random sign; exact where the signs can be listed."""
    tested = stats.permutation_test(
        (within, np.zeros_like(within)),
        lambda high, low, axis: np.mean(high - low, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=NUM_RESAMPLES,
        rng=np.random.default_rng(0),
    )
    return float(tested.pvalue)
