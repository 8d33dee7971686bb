"""From standard errors to intervals, p-values, Holm's correction and what could have been seen."""

from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy import stats

from tuner.analysis.contrasts import Contrast, weight_matrix
from tuner.analysis.lack_of_fit import SimplerTerms
from tuner.analysis.model import MIN_EXECUTIONS, Estimates, Model
from tuner.analysis.simultaneous import max_t

MAX_FAMILY = 400  # contrasts; of more, the covariance and its draws take too long
MIN_DF = 8  # with fewer replicates than executions are asked for: of a model's error
SIGNIFICANCE = 0.05  # of every test and, as 1 − it, the level of every interval


def intervals(model: Model, estimates: Estimates, usable: Any) -> dict[str, Any]:
    """Make 95% t-intervals: ci_low, ci_high (the leading one), hc3_low, hc3_high."""
    usable = usable & estimates.estimable & np.isfinite(estimates.se) & (estimates.df > 0)
    bounds = {}
    leading = stats.t.ppf(1 - SIGNIFICANCE / 2, np.maximum(estimates.df, 1)) * estimates.se
    for name, width in (("ci", leading), ("hc3", model.quantile * estimates.hc3_se)):
        half_width = np.where(usable, width, np.nan)
        bounds[f"{name}_low"] = estimates.estimate - half_width
        bounds[f"{name}_high"] = estimates.estimate + half_width
    return bounds


def assess(model: Model, contrasts: list[Contrast]) -> DataFrame:
    """Estimate and test a family of contrasts.

    Returns:
        One row a contrast: estimate, ci_low, ci_high, hc3_low, hc3_high, p, p_holm (over the
        family), family (its size), simultaneous_low, simultaneous_high (95% for the whole family
        at once), detectable, n (executions), replicates, pairs, refusal (why
        there is no estimate, or no interval; else "").
    """
    estimates = model.estimate(weight_matrix(contrasts, len(model.count)))
    asked = np.array([not c.refusal for c in contrasts])
    usable = asked & np.array([not c.caveat for c in contrasts])
    if model.strata is not None and model.num_replicates < MIN_EXECUTIONS:
        usable &= estimates.df >= MIN_DF
    rows = DataFrame({"estimate": estimates.estimate, **intervals(model, estimates, usable)})
    rows["estimate"] = rows["estimate"].where(asked & estimates.estimable)
    inferred = rows["ci_low"].notna()
    rows["p"] = Series(p_values(estimates)).where(inferred)
    rows["p_holm"] = adjust_holm(rows["p"])
    rows["family"] = int(inferred.sum())
    seen = detectable(estimates.se, estimates.df, int(inferred.sum()))
    rows["detectable"] = Series(seen).where(inferred)
    half = simultaneous(model, contrasts, estimates, inferred.to_numpy())
    rows["simultaneous_low"] = rows["estimate"] - half
    rows["simultaneous_high"] = rows["estimate"] + half
    rows["n"] = [int(model.count[c.cells].sum()) for c in contrasts]
    rows["replicates"] = [count_replicates(model, c.cells) for c in contrasts]
    rows["pairs"] = [
        count_pairs(model, contrast, estimate)
        for contrast, estimate in zip(contrasts, rows["estimate"], strict=True)
    ]
    rows["refusal"] = [
        explain(model, contrast, estimable)
        for contrast, estimable in zip(contrasts, estimates.estimable, strict=True)
    ]
    return rows


def simultaneous(
    model: Model, contrasts: list[Contrast], estimates: Estimates, inferred: Any
) -> Any:
    """Give the half-widths of intervals that hold for all inferred contrasts at once (max-t)."""
    half = np.full(len(contrasts), np.nan)
    family = np.flatnonzero(inferred)
    if 0 < len(family) <= MAX_FAMILY:
        weights = weight_matrix([contrasts[i] for i in family], len(model.count))
        times = max_t(model.covariance(weights), estimates.df[family])
        half[family] = times * estimates.se[family]
    return half


def explain(model: Model, contrast: Contrast, estimable: bool) -> str:
    """Say why a contrast has no estimate or no interval; "" if it has both."""
    if contrast.refusal:
        return contrast.refusal
    if not estimable:
        return "no chain of shared replicates connects these cells"
    if model.errors is None:
        return "one execution a cell: without replicates there is no measure of chance"
    if contrast.caveat:
        return contrast.caveat
    if isinstance(model.errors, SimplerTerms):
        return "one execution a cell: only effects over all levels of the others have an error"
    if model.strata is not None and model.num_replicates < MIN_EXECUTIONS:
        return f"two replicates, and fewer than {MIN_DF} degrees of freedom"
    return "the executions of a cell do not differ"


def p_values(estimates: Estimates) -> Any:
    """Test each contrast against zero, two-sided."""
    return p_of(estimates.estimate, estimates.se, estimates.df)


def p_of(estimate: Any, se: Any, df: Any) -> Any:
    """Test estimates against zero, two-sided; equal means without any spread give 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(np.asarray(estimate) / np.asarray(se))
    return 2 * stats.t.sf(np.nan_to_num(t, nan=0.0, posinf=np.inf), np.maximum(df, 1))


def adjust_holm(p: "Series[float]") -> "Series[float]":
    """Correct the p-values that are known for their number (Holm 1979).

    statsmodels' `multipletests` gives the same numbers, and collects all garbage three times a
    call: beside TensorFlow that takes a second.
    """
    known = p.to_numpy(dtype=float)
    order = np.argsort(known)[: int(np.isfinite(known).sum())]  # those that are missing come last
    adjusted = np.full(len(known), np.nan)
    times = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(known[order] * times), 1)
    return Series(adjusted, index=p.index)


def detectable(standard_error: Any, df: Any, family: int = 1) -> Any:
    """Give the effect that is found with 80% power (Bloom 1995, Evaluation Review 19).

    Args:
        standard_error: of each contrast.
        df: of each standard error.
        family: how many contrasts share the level: what Holm's method asks of the first of them.
    """
    df = np.where(np.asarray(df) > 0, df, np.nan)
    level = 1 - SIGNIFICANCE / 2 / max(family, 1)
    return (stats.t.ppf(level, df) + stats.t.ppf(0.8, df)) * standard_error


def count_replicates(model: Model, cells: Any) -> int:
    """Count the replicates of some cells; where none are shared, the executions of the smallest."""
    if not len(cells):
        return 0
    if not model.sample.blocked:
        return int(model.count[cells].min())
    return int(np.isfinite(model.by_replicate[cells]).any(axis=0).sum())


def count_pairs(model: Model, contrast: Contrast, estimate: float) -> str:
    """Count the pairs, equal but for the factor, whose difference has the estimate's sign."""
    if not model.sample.blocked or pd.isna(estimate) or not len(contrast.low):
        return ""
    values = model.by_replicate
    difference = values[contrast.high] - values[contrast.low]
    difference = difference[np.isfinite(difference)]
    agreeing = int((np.sign(difference) == np.sign(estimate)).sum())
    return f"{agreeing} of {len(difference)}" if len(difference) else ""
