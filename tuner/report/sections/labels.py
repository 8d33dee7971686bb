"""How the page names what is measured, and which factors it puts first."""

import numpy as np
import pandas as pd

from tuner.analysis.overview import Analysis
from tuner.report.sources.study import Source


def unit(source: Source) -> str:
    """What an axis of the objective shows, such as "validation accuracy (%)"."""
    objective = source.question.objective
    shown = "validation accuracy" if objective == "val_accuracy" else objective
    return f"{shown} (%)" if is_percent(source) else shown


def is_percent(source: Source) -> bool:
    """Whether reported units are percent, so that differences are percentage points."""
    return bool(source.facts.get("is_percent", True))


def difference_unit(source: Source) -> str:
    """What an axis of differences shows."""
    return "percentage points" if is_percent(source) else f"units of {source.question.objective}"


def leading_factors(analysis: Analysis) -> list[str]:
    """Width and depth; where one of them is not known, the next factor in its place."""
    question = analysis.model.sample.question
    named = [name for name in (question.width, question.depth) if name is not None]
    return list(dict.fromkeys([*named, *question.factors]))[: max(2, len(named))]


def over_other_factors(cells: pd.DataFrame, factors: list[str]) -> pd.DataFrame:
    """Average cell means over the factors that are not named, with equal weights.

    Half-widths are combined as those of independent means with one residual spread: the root of
    the sum of their squares over the number of cells.

    Args:
        cells: As `tuner.analysis.cells.cell_means` returns it.
        factors: The factors to keep.

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
