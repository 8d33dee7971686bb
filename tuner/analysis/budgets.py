"""Wide against deep where both cost the same."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame

from tuner.analysis.contrasts import Contrast
from tuner.analysis.inference import assess
from tuner.analysis.levels import is_numeric
from tuner.analysis.model import Model
from tuner.analysis.verdicts import budget_verdict
from tuner.errors import DataError
from tuner.words import combination_text

MAX_CELLS = 1000  # half a million pairs
PAIR = ("cost", "wide", "deep", "given", "cost_wide", "cost_deep", "matching_error")
COMPARED = (
    *("estimate", "ci_low", "ci_high", "simultaneous_low", "simultaneous_high"),
    *("p", "p_holm", "n", "verdict"),
)


def match_budgets(
    model: Model, cell_means: DataFrame, cost: str, tolerance: float = 0.25
) -> DataFrame:
    """Pair wider, shallower cells with narrower, deeper ones of about their cost.

    The nearest two cells are paired first, and each cell is in one pair at most.

    Args:
        model: the fitted model.
        cell_means: as `cells.cell_means` returns it.
        cost: "params", "flops" or "seconds".
        tolerance: the largest relative difference in cost that counts as equal.

    Returns:
        One row a pair, cheapest first: cell_wide, cell_deep, cost (its name), wide, deep (texts,
        "width=4, depth=2"), given (the other factors' levels), cost_wide, cost_deep,
        matching_error (cost_deep / cost_wide − 1).

    Raises:
        DataError: width or depth is not known, the costs are not, or no two cells are near enough.
    """
    question, design = model.sample.question, model.sample.design
    candidates = list_candidates(model, cell_means, cost)
    near = candidates[candidates["matching_error"].abs() <= tolerance]
    if near.empty:
        nearest = candidates["matching_error"].abs().min()
        raise DataError(
            f"no wider, shallower cell comes within {tolerance:.0%} of a narrower, deeper one in "
            f"{cost}; the nearest two differ by {nearest:.0%}"
        )
    pairs = near.loc[pair_off(near[["cell_wide", "cell_deep"]])].sort_values("cost_wide")
    axes = [question.width, question.depth]
    others = [factor for factor in question.factors if factor not in axes]
    for side in ("wide", "deep"):
        pairs[side] = combination_texts(design.loc[pairs[f"cell_{side}"], axes])
    pairs["given"] = combination_texts(design.loc[pairs["cell_wide"], others]) if others else ""
    wanted = ["cell_wide", "cell_deep", *PAIR]
    return pairs.assign(cost=cost)[wanted].reset_index(drop=True)


def combination_texts(levels: DataFrame) -> list[str]:
    """Write each row, one column a factor, as "depth=3, width=2"."""
    return [combination_text(row) for row in levels.to_dict("records")]


def list_candidates(model: Model, cell_means: DataFrame, cost: str) -> DataFrame:
    """List every two cells, equal in the other factors, of which one is wider and one deeper.

    Returns:
        One row a pair, nearest in cost first: cell_wide, cell_deep, cost_wide, cost_deep,
        matching_error.
    """
    question, levels = model.sample.question, model.sample.levels
    width, depth = question.width, question.depth
    if width is None or depth is None:
        raise DataError("wide against deep needs both: name the width and the depth")
    if not (is_numeric(levels[width]) and is_numeric(levels[depth])):
        raise DataError(f"wide against deep needs numbers as levels of {width} and {depth}")
    trained = cell_means[(cell_means["state"] == "trained") & (cell_means[cost] > 0)]
    if trained.empty:
        raise DataError(f"the table has no column '{cost}', or no number in it")
    if len(trained) > MAX_CELLS:
        raise DataError(f"{len(trained)} cells make too many pairs; {MAX_CELLS} are compared")
    others = [factor for factor in question.factors if factor not in (width, depth)]
    cells = trained[[*question.factors, cost]].rename(columns={cost: "cost"})
    cells = cells.rename_axis("cell").reset_index()
    on = {"on": others} if others else {"how": "cross"}
    pairs = cells.merge(cells, suffixes=("_wide", "_deep"), **on)
    wider = pairs[f"{width}_wide"] > pairs[f"{width}_deep"]
    pairs = pairs[wider & (pairs[f"{depth}_wide"] < pairs[f"{depth}_deep"])]
    if pairs.empty:
        raise DataError("no two cells are one wider and the other deeper")
    pairs["matching_error"] = pairs["cost_deep"] / pairs["cost_wide"] - 1
    pairs["distance"] = np.abs(np.log(pairs["cost_deep"] / pairs["cost_wide"]))
    return pairs.sort_values("distance", kind="stable")


def pair_off(pairs: DataFrame) -> list[int]:
    """Choose pairs in their order so that no cell is in two of them: their index.

    Args:
        pairs: one row a pair, with two columns of cells.
    """
    taken: set[int] = set()
    chosen = []
    for index, *cells in pairs.itertuples(name=None):
        if taken.isdisjoint(cells):
            taken.update(cells)
            chosen.append(index)
    return chosen


def wide_against_deep(model: Model, matched: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """Compare the cells of each pair: deep minus wide, as one family over all costs.

    Two cells that are paired at several costs are one comparison.

    Args:
        model: the fitted model.
        matched: the pairs of each cost, as `match_budgets` returns them, or empty.

    Returns:
        Of each cost, one row a pair: cost, wide, deep, given, cost_wide, cost_deep, matching_error,
        estimate (deep − wide), ci_low, ci_high, simultaneous_low, simultaneous_high, p, p_holm, n,
        verdict.
    """
    pairs = pd.concat([DataFrame(columns=["cell_wide", "cell_deep"]), *matched.values()])
    family = pairs[["cell_wide", "cell_deep"]].drop_duplicates().astype(int)
    if family.empty:
        return dict(matched)
    found = assess(model, [compare(model, *cells) for cells in family.itertuples(index=False)])
    question = model.sample.question
    found["verdict"] = [budget_verdict(row, question) for row in found.to_dict("records")]
    found.index = pd.MultiIndex.from_frame(family)
    return {
        cost: of_cost.join(found, on=["cell_wide", "cell_deep"])[[*PAIR, *COMPARED]]
        if len(of_cost)
        else of_cost
        for cost, of_cost in matched.items()
    }


def compare(model: Model, wide: int, deep: int) -> Contrast:
    """Subtract the wide cell's mean from the deep one's."""
    pair = np.array([deep, wide])
    enough = bool(model.inferable[pair].all())
    return Contrast(
        factor="",
        text="deep − wide",
        kind="matched",
        cells=pair,
        weights=np.array([1.0, -1.0]),
        low=pair[1:],
        high=pair[:1],
        caveat="" if enough else f"a cell has fewer than {model.min_executions} executions",
    )
