"""The cells one by one: their means, and their differences replicate by replicate."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import sparse, stats

from tuner.analysis.arrangement import arrange
from tuner.analysis.contrasts import MAX_STEP_LEVELS, step
from tuner.analysis.inference import SIGNIFICANCE
from tuner.analysis.least_squares import Codes, Floats
from tuner.analysis.levels import cell_keys
from tuner.analysis.model import Model
from tuner.analysis.preparing import is_unfinished

COSTS = ("params", "flops", "seconds")


def cell_means(
    model: Model, executions: DataFrame | None = None, cells: DataFrame | None = None
) -> DataFrame:
    """Describe every cell of the design, trained or not.

    Args:
        model: the fitted model.
        executions: all executions, for what the cells cost and which of them failed.
        cells: the design as it was planned, for its holes and their reasons.

    Returns:
        One row a cell: <factors>, mean, sd, half_width (of the mean's 95% t-interval, for
        comparing cells: replicates held fixed; NaN where inference is refused), half_width_alone
        (of the mean by itself, in new replicates), n, params, flops, seconds (mean an execution;
        NaN where unknown), state ("trained" | "planned" | "infeasible" | "left out" | "failed"),
        reason.
    """
    factors = list(model.sample.question.factors)
    by_cell = model.sample.executions.groupby("cell")["value"]
    trained = model.sample.design.assign(mean=by_cell.mean(), sd=by_cell.std())
    trained["half_width"] = half_widths(model, trained["n"].to_numpy())
    together = shift_of_all(model, trained.index.to_numpy())
    trained["half_width_alone"] = np.hypot(trained["half_width"], together)
    if model.sample.blocked and model.num_replicates < 2:
        trained["half_width_alone"] = np.nan  # nobody knows what another replicate would give
    trained = trained.assign(state="trained", reason="")
    keys = cell_keys(trained, factors)
    holes = []
    if executions is not None:
        keyed = executions.assign(key=cell_keys(executions, factors))
        known = [cost for cost in COSTS if cost in executions]
        spent = keyed[known].apply(pd.to_numeric, errors="coerce").astype(float)
        trained[known] = spent.groupby(keyed["key"]).mean().reindex(keys).to_numpy()
        failed = keyed[is_unfinished(keyed)][[*factors, "key"]]
        holes.append(failed.assign(state="failed", reason="no execution finished"))
    if cells is not None and set(factors) <= set(cells.columns):
        holes.append(cells.assign(key=cell_keys(cells, factors)))
    table = pd.concat([trained.assign(key=keys), *holes], ignore_index=True)
    table = table.drop_duplicates("key")  # of what is said of a cell, the first holds
    wanted = [
        *factors,
        "mean",
        "sd",
        "half_width",
        "half_width_alone",
        "n",
        *COSTS,
        "state",
        "reason",
    ]
    table = table.reindex(columns=wanted).reset_index(drop=True)
    return table.fillna({"state": "planned", "reason": "", "n": 0}).astype({"n": int})


def over_other_factors(cells: DataFrame, factors: list[str]) -> DataFrame:
    """Average cell means over the factors that are not named, with equal weights.

    Half-widths are combined as those of independent means with one residual spread: the root of
    the sum of their squares over the number of cells.

    Args:
        cells: as `cell_means` returns it.
        factors: those to keep.

    Returns:
        One row a combination: <factors>, mean, half_width, n, num_cells, reason (why a combination
        was trained nowhere; "" otherwise).
    """
    reasons = cells["reason"].fillna("").astype(str)
    cells = cells.assign(
        squared=cells["half_width"] ** 2,
        is_trained=cells["mean"].notna(),
        reason=reasons.where(reasons.ne(""), cells["state"]),
    )
    combinations = cells.groupby(factors, sort=False, observed=True).agg(
        reason=("reason", "first"), num_cells=("is_trained", "sum")
    )
    trained = cells[cells["is_trained"]].groupby(factors, sort=False, observed=True)
    combinations["mean"] = trained["mean"].mean()
    combinations["n"] = trained["n"].sum()
    squared = trained["squared"].sum(skipna=False)
    combinations["half_width"] = np.sqrt(squared) / combinations["num_cells"]
    combinations["reason"] = combinations["reason"].where(combinations["mean"].isna(), "")
    return combinations.reset_index()


def half_widths(model: Model, n: Floats) -> Floats:
    """Compute the half-width of each cell mean's 95% interval."""
    cells = model.estimate(sparse.eye_array(len(n), format="csr"), are_means=True)
    widths = stats.t.ppf(1 - SIGNIFICANCE / 2, np.maximum(cells.df, 1)) * cells.se
    return np.where((n >= model.min_executions) & (cells.df > 0), widths, np.nan)


def shift_of_all(model: Model, cells: Codes) -> float:
    """Give the half-width of what all means have in common: how replicates differ.

    Replicates move all cells alike, so that comparisons are free of it and a level is not.
    """
    num_replicates = model.num_replicates
    if not model.sample.blocked or num_replicates < 2:
        return 0.0  # no replicate is shared: each cell's own spread holds it already
    values = model.by_replicate[cells]
    of_replicates = np.nanmean(values - np.nanmean(values, axis=1, keepdims=True), axis=0)
    se = float(of_replicates.std(ddof=1)) / np.sqrt(num_replicates)
    return float(stats.t.ppf(1 - SIGNIFICANCE / 2, num_replicates - 1) * se)


def paired_differences(model: Model) -> DataFrame:
    """Subtract adjacent levels within each replicate and combination of the other factors.

    Returns:
        One row a pair: factor, contrast ("2 → 3"), given ("width=1, …"), replicate,
        difference. Empty where cells share no replicates.
    """
    parts = list(differences(model)) if model.sample.blocked else []
    if not parts:
        columns = ["factor", "contrast", "given", "replicate", "difference"]
        return DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)


def differences(model: Model) -> Iterator[DataFrame]:
    """Subtract each pair of adjacent levels; columns as `paired_differences`."""
    values, names = model.by_replicate, model.replicate_names
    for factor in model.sample.question.factors:
        num_levels = len(model.sample.levels[factor])
        if num_levels > MAX_STEP_LEVELS:
            continue
        others = [name for name in model.sample.question.factors if name != factor]
        texts = np.full(len(values), "", dtype=object)
        if others:
            texts = cell_keys(model.sample.design, others).to_numpy()
        arranged = arrange(model, factor)
        for low, high in pairwise(range(num_levels)):
            contrast = step(model, factor, arranged, low, high)
            pairs = DataFrame(
                {
                    "factor": factor,
                    "contrast": contrast.text,
                    "given": np.repeat(texts[contrast.low], len(names)),
                    "replicate": np.tile(names, len(contrast.low)),
                    "difference": (values[contrast.high] - values[contrast.low]).ravel(),
                }
            )
            yield pairs[pairs["difference"].notna()]
