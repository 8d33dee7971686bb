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
from tuner.analysis.joint import assess_jointly
from tuner.analysis.lack_of_fit import SimplerTerms
from tuner.analysis.model import Model
from tuner.analysis.within_cells import CellTerms
from tuner.errors import DataError

REPLICATE_BY = "replicate × "
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
    """Test all differences between steps jointly, against how they differ between replicates.

    Where cells share no replicates each difference is tested by itself and Bonferroni's bound is
    taken, since their variances may differ.
    """
    terms = model.errors
    untested = {"f": np.nan, "df": 0, "df_residual": model.df, "p": np.nan}
    sizes = [len(model.sample.levels[name]) - 1 for name in (factor, by)]
    if terms is None or isinstance(terms, SimplerTerms):
        return untested | {"reason": "no executions are left to tell chance from it"}
    if prod(sizes) > MAX_RECTANGLES:
        return untested | {"reason": "too many levels"}
    rectangles = list(find_rectangles(model, factor, by))
    if not rectangles:
        return untested | {
            "reason": f"no two levels of each are crossed, {model.min_executions} times"
        }
    weights = weight_matrix(rectangles, len(model.count))
    if isinstance(terms, CellTerms):
        p = min(1.0, len(rectangles) * float(p_values(model.estimate(weights)).min()))
        return {**untested, "df": len(rectangles), "p": p, "reason": ""}
    tested = assess_jointly(terms, weights)
    if not np.isfinite(tested.f) or model.residual_sd < model.rounding:
        return untested | {"reason": "the executions of a cell do not differ"}
    found = {"f": tested.f, "df": tested.df, "df_residual": tested.df_error, "p": tested.p}
    return {**{name: float(value) for name, value in found.items()}, "reason": ""}


def find_rectangles(model: Model, factor: str, by: str) -> Iterator[Contrast]:
    """Difference the steps of two factors, averaged over combinations of the others."""
    design = model.sample.design[model.inferable]
    others = [name for name in model.sample.question.factors if name not in (factor, by)]
    codes = [pd.Categorical(design[f], model.sample.levels[f]).codes for f in (factor, by)]
    groups = design.groupby(others, sort=False).ngroup() if others else 0
    keys = DataFrame({"group": groups, "level": codes[0], "by": codes[1], "cell": design.index})
    table = keys.set_index(["group", "level", "by"])["cell"].unstack("group")
    sizes = (len(model.sample.levels[factor]), len(model.sample.levels[by]))
    steps = pairwise if table.notna().all(axis=None) and len(table) == prod(sizes) else combined
    for low, high in product(steps(range(sizes[0])), steps(range(sizes[1]))):
        corners = table.reindex(list(product(low, high))).dropna(axis="columns").to_numpy(int)
        if corners.size:
            weights = np.repeat([1.0, -1.0, -1.0, 1.0], corners.shape[1]) / corners.shape[1]
            yield Contrast(factor, "", "interaction", cells=corners.ravel(), weights=weights)


def combined(levels: range) -> Iterator[tuple[int, int]]:
    """Pair every two levels: where cells are missing, adjacent ones do not span all differences."""
    return combinations(levels, 2)


def variance_shares(model: Model) -> DataFrame:
    """Split the sum of squares between factors, interactions, replicates and seeds.

    Returns:
        One row a term, largest first: term ("depth", "depth × width",
        "replicate", "replicate × depth", "residual"), sum_sq, df, share (0..1), f (against
        the term's own error), error_df (that error's degrees of freedom), p.

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
    errors = [stratum_of(model, str(term)) for term in shares["term"]]
    shares["error_ms"], shares["error_df"] = zip(*errors, strict=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares["f"] = shares["sum_sq"] / shares["df"] / shares["error_ms"]
    known = shares["error_df"].where(shares["error_df"] > 0)
    shares["p"] = stats.f.sf(shares["f"], shares["df"], known)
    shares = pd.concat([shares, replicate_terms(model)], ignore_index=True)
    residual = float((model.solved.residuals**2).sum())
    spent = shares[shares["term"].str.startswith(REPLICATE_BY)][["sum_sq", "df"]].sum()
    residual, df = residual - float(spent["sum_sq"]), model.df - int(spent["df"])
    of_seeds = {"term": "residual", "sum_sq": residual, "df": df}
    shares = pd.concat([shares, DataFrame([of_seeds])], ignore_index=True)
    total = float(shares["sum_sq"].sum())
    shares["share"] = shares["sum_sq"].astype(float) / (total or np.nan)  # where all are equal
    columns = ["term", "sum_sq", "df", "share", "f", "error_df", "p"]
    return shares.sort_values("share", ascending=False, ignore_index=True)[columns]


def stratum_of(model: Model, term: str) -> tuple[float, float]:
    """Give the mean square that a term is compared with, and its degrees of freedom."""
    if model.strata is None:
        return model.residual_sd**2, float(model.df)
    strata = model.strata
    pooled, pooled_df = (float(part) for part in strata.pooled)
    factors = list(model.sample.question.factors)
    if term not in factors:
        return float(strata.rest), float(strata.rest_df)
    own, df = strata.mean_squares[factors.index(term)], strata.dfs[factors.index(term)]
    return (float(own), float(df)) if own > pooled else (pooled, pooled_df)


def replicate_terms(model: Model) -> DataFrame:
    """List how much replicates disagree on each factor, tested against the rest.

    Returns:
        One row a factor: term ("replicate × depth"), sum_sq, df, f, error_df, p.
    """
    if model.strata is None:
        return DataFrame(columns=["term", "sum_sq", "df", "f", "error_df", "p"])
    strata = model.strata
    rows = DataFrame(
        {
            "term": [f"{REPLICATE_BY}{factor}" for factor in model.sample.question.factors],
            "sum_sq": strata.mean_squares * strata.dfs,
            "df": strata.dfs.astype(int),
            "f": strata.f,
            "error_df": float(strata.rest_df),
            "p": strata.p,
        }
    )
    return rows[rows["df"] > 0]


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
    num_levels: int, num_cells: int, num_replicates: int, residual_sd: float, family: int = 1
) -> float:
    """Say what step between two levels of a planned full factorial could be seen.

    Args:
        num_levels: of the factor whose step is asked about.
        num_cells: of the whole design.
        num_replicates: that every cell is met in.
        residual_sd: the spread between seeds to expect; the answer has its units.
        family: how many contrasts will be printed, which share the level.
    """
    df = (num_cells - 1) * (num_replicates - 1)
    standard_error = residual_sd * np.sqrt(2 * num_levels / (num_cells * num_replicates))
    return float(detectable(np.asarray(standard_error), df, family))
