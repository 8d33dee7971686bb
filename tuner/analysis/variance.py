"""Where the variance lies: interactions, shares of the factors, and what could have been seen."""

from collections.abc import Iterator
from itertools import combinations, pairwise, product
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from tuner.analysis.contrasts import Contrast, weight_matrix
from tuner.analysis.inference import SIGNIFICANCE, adjust_holm, detectable, p_values
from tuner.analysis.model import MIN_EXECUTIONS, Model
from tuner.errors import DataError

MAX_RECTANGLES = 400  # of levels in one interaction; more are no table that anybody reads


def interactions(model: Model) -> DataFrame:
    """Test each pair of factors: does one's effect depend on the other's level?

    Returns:
        One row a pair: factor, by, f (NaN where each difference was tested by itself), df,
        df_residual, p, p_holm, resolved (bool), reason (why it could not be tested, else "").
    """
    tested = DataFrame(
        [
            {"factor": factor, "by": by, **assess_interaction(model, factor, by)}
            for factor, by in combinations(model.sample.question.factors, 2)
        ],
        columns=["factor", "by", "f", "df", "df_residual", "p", "reason"],
    )
    tested["p_holm"] = adjust_holm(tested["p"].astype(float))
    tested["resolved"] = tested["p_holm"] < SIGNIFICANCE
    return tested


def assess_interaction(model: Model, factor: str, by: str) -> dict[str, Any]:
    """Test all differences between steps jointly.

    With one spread for all cells that is Wald's F. Where seed variances differ, F finds too much
    (one in ten where nothing is), so each difference is tested by itself and Bonferroni's bound
    is taken.
    """
    untested = {"f": np.nan, "df": 0, "df_residual": model.df, "p": np.nan}
    sizes = [len(model.sample.levels[name]) - 1 for name in (factor, by)]
    if model.df <= 0:
        return untested | {"reason": "no degrees of freedom are left for chance"}
    if prod(sizes) > MAX_RECTANGLES:
        return untested | {"reason": "too many levels"}
    rectangles = list(find_rectangles(model, factor, by))
    if not rectangles:
        return untested | {"reason": f"no two levels of each are crossed, {MIN_EXECUTIONS} times"}
    weights = weight_matrix(rectangles, len(model.count))
    estimates = model.estimate(weights)
    if model.leading == "welch":
        p = min(1.0, len(rectangles) * float(p_values(estimates).min()))
        return {**untested, "df": len(rectangles), "p": p, "reason": ""}
    estimate = estimates.estimate
    covariance = model.covariance(weights)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if rank == 0:
        return untested | {"reason": "the executions of a cell do not differ"}
    f = float(estimate @ np.linalg.pinv(covariance, hermitian=True) @ estimate) / rank
    p = float(stats.f.sf(f, rank, model.df))
    return {"f": f, "df": rank, "df_residual": model.df, "p": p, "reason": ""}


def find_rectangles(model: Model, factor: str, by: str) -> Iterator[Contrast]:
    """Difference the steps of two factors, averaged over combinations of the others."""
    design = model.sample.design[model.inferable]
    others = [name for name in model.sample.question.factors if name not in (factor, by)]
    codes = [pd.Categorical(design[f], model.sample.levels[f]).codes for f in (factor, by)]
    groups = design.groupby(others, sort=False).ngroup() if others else 0
    keys = DataFrame({"group": groups, "level": codes[0], "by": codes[1], "cell": design.index})
    table = keys.set_index(["group", "level", "by"])["cell"].unstack("group")
    sizes = (len(model.sample.levels[factor]), len(model.sample.levels[by]))
    for low, high in product(pairwise(range(sizes[0])), pairwise(range(sizes[1]))):
        corners = table.reindex(list(product(low, high))).dropna(axis="columns").to_numpy(int)
        if corners.size:
            weights = np.repeat([1.0, -1.0, -1.0, 1.0], corners.shape[1]) / corners.shape[1]
            yield Contrast(factor, "", "interaction", cells=corners.ravel(), weights=weights)


def variance_shares(model: Model) -> DataFrame:
    """Split the sum of squares between factors, interactions, replicates and seeds.

    Returns:
        One row a term, largest first: term ("depth", "depth × width",
        "replicate", "residual"), sum_sq, df, share (0..1), f, p.

    Raises:
        DataError: the design has holes or unequal counts, so that shares do not add up.
    """
    sizes = [len(levels) for levels in model.sample.levels.values()]
    refuse_unbalanced(model, prod(sizes))
    num_executions = int(model.count[0])
    means = np.bincount(model.sample.executions["cell"], model.sample.executions["value"])
    terms = split_sums(means.reshape(sizes) / num_executions, model.sample.question.factors)
    shares = DataFrame(terms, columns=["term", "sum_sq", "df"])
    shares["sum_sq"] *= num_executions
    if model.sample.blocked:
        of_replicates = model.by_replicate.mean(axis=0)
        blocks = len(model.count) * float(((of_replicates - of_replicates.mean()) ** 2).sum())
        of_blocks = {"term": "replicate", "sum_sq": blocks, "df": model.num_replicates - 1}
        shares = pd.concat([shares, DataFrame([of_blocks])], ignore_index=True)
    mean_square = model.residual_sd**2
    with np.errstate(divide="ignore", invalid="ignore"):
        shares["f"] = shares["sum_sq"] / shares["df"] / mean_square
    shares["p"] = stats.f.sf(shares["f"], shares["df"], model.df) if model.df > 0 else np.nan
    residual = float((model.solved.residuals**2).sum())
    of_seeds = {"term": "residual", "sum_sq": residual, "df": model.df}
    shares = pd.concat([shares, DataFrame([of_seeds])], ignore_index=True)
    shares["share"] = shares["sum_sq"] / shares["sum_sq"].sum()
    columns = ["term", "sum_sq", "df", "share", "f", "p"]
    return shares.sort_values("share", ascending=False, ignore_index=True)[columns]


def refuse_unbalanced(model: Model, num_crossed: int) -> None:
    """Refuse a design whose sums of squares overlap."""
    num_cells = len(model.count)
    if num_cells < num_crossed:
        raise DataError(
            f"shares of variance add up only in a full factorial: {num_crossed - num_cells} of "
            f"{num_crossed} cells have no execution"
        )
    complete = len(model.sample.executions) == num_cells * model.num_replicates
    if np.ptp(model.count) > 0 or (model.sample.blocked and not complete):
        raise DataError(
            "shares of variance add up only in a balanced design: cells have "
            f"{int(model.count.min())} to {int(model.count.max())} executions"
        )


def split_sums(means: Any, factors: tuple[str, ...]) -> Iterator[tuple[str, float, int]]:
    """Split a full table of cell means into terms: their name, sum of squares, df.

    A term is what its factors' means hold beyond the terms within it (inclusion and exclusion
    over margins); on a balanced table these are the sums of squares of every type of ANOVA.
    """
    axes = range(means.ndim)
    for order in range(1, means.ndim + 1):
        for term in combinations(axes, order):
            part = np.zeros_like(means)
            for size in range(order + 1):
                for kept in combinations(term, size):
                    margin = means.mean(axis=tuple(set(axes) - set(kept)), keepdims=True)
                    part += (-1) ** (order - size) * margin
            df = prod(means.shape[axis] - 1 for axis in term)
            yield " × ".join(factors[axis] for axis in term), float((part**2).sum()), df


def planned_detectable_effect(
    num_levels: int, num_cells: int, num_replicates: int, residual_sd: float
) -> float:
    """Say what step between two levels of a planned full factorial could be seen.

    Args:
        num_levels: of the factor whose step is asked about.
        num_cells: of the whole design.
        num_replicates: that every cell is met in.
        residual_sd: the spread between seeds to expect; the answer has its units.
    """
    df = (num_cells - 1) * (num_replicates - 1)
    standard_error = residual_sd * np.sqrt(2 * num_levels / (num_cells * num_replicates))
    return float(detectable(np.asarray(standard_error), df))
