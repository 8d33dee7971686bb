"""Wide against deep where both cost the same."""

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


def wide_against_deep(
    model: Model, cell_means: DataFrame, cost: str, tolerance: float = 0.25
) -> DataFrame:
    """Compare each wider, shallower cell with the narrower, deeper one nearest to it in cost.

    Args:
        model: the fitted model.
        cell_means: as `cells.cell_means` returns it.
        cost: "params", "flops" or "seconds".
        tolerance: the largest relative difference in cost that counts as equal.

    Returns:
        One row a pair, cheapest first: cost (its name), wide, deep (texts,
        "width=4, depth=2"), given (the other factors' levels), cost_wide,
        cost_deep, matching_error (cost_deep / cost_wide − 1), estimate (deep − wide), ci_low,
        ci_high, p, p_holm, n, verdict.

    Raises:
        DataError: width or depth is not known, the costs are not, or no two cells are near enough.
    """
    pairs = match(model, cell_means, cost)
    nearest = pairs["matching_error"].abs().min()
    pairs = pairs[pairs["matching_error"].abs() <= tolerance]
    if pairs.empty:
        raise DataError(
            f"no wider, shallower cell comes within {tolerance:.0%} of a narrower, deeper one in "
            f"{cost}; the nearest two differ by {nearest:.0%}"
        )
    contrasts = [
        compare(model, int(wide), int(deep))
        for wide, deep in pairs[["cell_wide", "cell_deep"]].itertuples(index=False)
    ]
    assessed = assess(model, contrasts)
    compared = pd.concat([pairs.reset_index(drop=True), assessed], axis=1).assign(cost=cost)
    question = model.sample.question
    compared["verdict"] = [budget_verdict(row, question) for row in compared.to_dict("records")]
    wanted = ["cost", "wide", "deep", "given", "cost_wide", "cost_deep", "matching_error"]
    return compared[[*wanted, "estimate", "ci_low", "ci_high", "p", "p_holm", "n", "verdict"]]


def match(model: Model, cell_means: DataFrame, cost: str) -> DataFrame:
    """Find for each cell the narrower, deeper one, equal in the other factors, nearest in cost.

    Returns:
        One row a pair: cell_wide, cell_deep, wide, deep, given, cost_wide, cost_deep,
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
    pairs["distance"] = np.abs(np.log(pairs["cost_deep"] / pairs["cost_wide"]))
    pairs = pairs.sort_values("distance").drop_duplicates("cell_wide").sort_values("cost_wide")
    design = model.sample.design
    for side in ("wide", "deep"):
        shapes = design.loc[pairs[f"cell_{side}"], [width, depth]]
        pairs[side] = shapes.apply(combination_text, axis=1).to_numpy()
    given = design.loc[pairs["cell_wide"], others]
    pairs["given"] = given.apply(combination_text, axis=1).to_numpy() if others else ""
    return pairs.assign(matching_error=pairs["cost_deep"] / pairs["cost_wide"] - 1)


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
