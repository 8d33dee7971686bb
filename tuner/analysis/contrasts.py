"""Which cells a question compares: contrasts with equal weights, along one factor at a time.

Two levels are compared within every combination of the other factors that has both, and these
differences are averaged. In a full factorial that is the difference of marginal means; in a
design with holes it is what the cells at hand can say, and `given` says over which combinations.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy import sparse

from tuner.analysis.crossing import MAX_LEVERAGE, crossed_part, decisive_level, is_crossed
from tuner.analysis.least_squares import Codes, Floats
from tuner.analysis.levels import is_numeric
from tuner.analysis.model import Model
from tuner.words import combination_text, level_text, listed

MAX_STEP_LEVELS = 20  # more levels are a scale, not steps: growth is estimated, steps are not


def no_cells() -> Codes:
    """Give the cells of a contrast that was refused."""
    return np.array([], dtype=np.intp)


@dataclass(frozen=True)
class Contrast:
    """One comparison: weights of cells, and the pairs of cells whose differences it averages."""

    factor: str
    text: str  # "2 → 3"
    kind: str  # "growth" | "step"
    given: str = ""
    by: str = ""  # within a level of which other factor; "" over all
    at: str = ""  # that level, as text
    cells: Codes = field(default_factory=no_cells)
    weights: Floats = field(default_factory=lambda: np.array([]))
    # Pairs of cells that differ in the factor alone, from low to high.
    low: Codes = field(default_factory=no_cells)
    high: Codes = field(default_factory=no_cells)
    refusal: str = ""  # why there is no estimate
    caveat: str = ""  # why there is an estimate and no interval


def weight_matrix(contrasts: list[Contrast], num_cells: int) -> Any:
    """Lay the contrasts out as a sparse matrix, one a row, one cell a column."""
    rows = np.repeat(np.arange(len(contrasts)), [len(c.cells) for c in contrasts])
    cells = np.concatenate([c.cells for c in contrasts])
    weights = np.concatenate([c.weights for c in contrasts])
    shape = (len(contrasts), num_cells)
    return sparse.coo_array((weights, (rows, cells)), shape=shape).tocsr()


def arrange(model: Model, factor: str, design: DataFrame) -> DataFrame:
    """Put every cell beside the combination of the other factors it belongs to.

    Returns:
        One row a cell: cell, level (position of its level), enough (bool: executions for an
        interval), combination (int code).
    """
    levels = model.sample.levels[factor]
    others = [name for name in model.sample.question.factors if name != factor]
    groups = design.groupby(others, sort=False).ngroup() if others else Series(0, design.index)
    return DataFrame(
        {
            "cell": design.index,
            "level": pd.Categorical(design[factor], levels).codes,
            "enough": design["n"] >= model.min_executions,
            "combination": groups,
        }
    )


def keep_combinations(arranged: DataFrame, num_levels: int) -> DataFrame:
    """Keep the combinations that have this many levels, well replicated ones if there are any."""
    for candidates in (arranged[arranged["enough"]], arranged):
        sizes = candidates.groupby("combination")["cell"].transform("size")
        if (sizes >= num_levels).any():
            return candidates[sizes >= num_levels]
    return arranged.iloc[:0]


def describe(model: Model, factor: str, arranged: DataFrame, kept: DataFrame) -> str:
    """Say over which combinations of the other factors a contrast is taken; "" for all.

    All are those that their levels make, trained or not.
    """
    others = model.sample.design.loc[arranged["cell"]].drop(columns=[factor, "n"])
    num_all = prod(others.nunique().tolist())
    num_kept = kept["combination"].nunique()
    if num_kept == num_all:
        return ""
    of_kept = others.loc[kept["cell"]]
    varying = others.columns[others.nunique() > 1]
    held = of_kept[varying].iloc[0][of_kept[varying].nunique() == 1]
    partial = num_kept < prod(others.drop(columns=held.index).nunique().tolist())
    count = [f"over {num_kept:,} of {num_all:,} combinations"] if partial or held.empty else []
    return ", ".join(([combination_text(held)] if len(held) else []) + count)


def explain_interval(kept: DataFrame, num: int) -> str:
    """Say why the cells at hand give no interval; "" when they do."""
    if kept["enough"].all():
        return ""
    return f"a cell has fewer than {num} executions"


def step(model: Model, factor: str, arranged: DataFrame, low: int, high: int) -> Contrast:
    """Compare two levels of a factor, by their positions, over arranged cells."""
    levels = model.sample.levels[factor]
    blank = Contrast(factor, f"{level_text(levels[low])} → {level_text(levels[high])}", "step")
    candidates = arranged[arranged["level"].isin([low, high])]
    kept = keep_combinations(candidates, 2).sort_values(["combination", "level"])
    if kept.empty:
        return replace(blank, refusal=name_missing(model, factor, candidates, low, high))
    pairs = kept["cell"].to_numpy().reshape(-1, 2)
    return replace(
        blank,
        given=describe(model, factor, arranged, kept),
        cells=np.concatenate([pairs[:, 0], pairs[:, 1]]),
        weights=np.repeat([-1.0, 1.0], len(pairs)) / len(pairs),
        low=pairs[:, 0],
        high=pairs[:, 1],
        caveat=explain_interval(kept, model.min_executions),
    )


def name_missing(model: Model, factor: str, arranged: DataFrame, low: int, high: int) -> str:
    """Say which cell would have made a step between two levels estimable."""
    levels = model.sample.levels[factor]
    missing = ""
    if len(arranged):
        seen = arranged.iloc[0]
        absent = level_text(levels[high if seen["level"] == low else low])
        others = combination_text(model.sample.design.loc[seen["cell"]].drop([factor, "n"]))
        missing = f"; missing for instance: {factor}={absent}" + (f", {others}" if others else "")
    return f"no two cells differ in {factor} alone between these levels{missing}"


def growth_axis(model: Model, factor: str) -> tuple[str, Floats] | None:
    """Give the unit of a factor's growth and its levels on that axis; None if it has none."""
    question, levels = model.sample.question, model.sample.levels[factor]
    if factor not in (question.width, question.depth) or not is_numeric(levels):
        return None
    axis = np.array(levels, dtype=float)
    if factor == question.width:
        return ("per doubling", np.log2(axis)) if axis.min() > 0 else None
    return f"per added {question.step}", axis


def growth(model: Model, factor: str, arranged: DataFrame) -> Contrast | None:
    """Take the least-squares slope of a factor within combinations of the others.

    In a full factorial that is the slope of the marginal means with equal weights. It is refused
    where the factor is not crossed with the others over its range, or one level decides it.
    """
    axis = growth_axis(model, factor)
    if axis is None:
        return None
    blank = Contrast(factor, axis[0], "growth")
    kept = keep_combinations(arranged, 2)
    if kept.empty:
        return replace(blank, refusal=f"no two cells differ in {factor} alone")
    if not is_crossed(kept):
        return replace(blank, refusal=name_crossed(model, factor, crossed_part(kept)))
    kept = kept.assign(x=axis[1][kept["level"]]).sort_values("x", kind="stable")
    of_combination = kept.groupby("combination")
    centred = kept["x"] - of_combination["x"].transform("mean")
    level, leverage = decisive_level(kept["level"].to_numpy(), centred.to_numpy())
    if leverage > MAX_LEVERAGE:
        alone = f"{factor}={level_text(model.sample.levels[factor][level])}"
        return replace(blank, refusal=f"{alone} alone would decide it (leverage {leverage:.2f})")
    return replace(
        blank,
        given=describe(model, factor, arranged, kept),
        cells=kept["cell"].to_numpy(),
        weights=(centred / (centred**2).sum()).to_numpy(),
        low=of_combination["cell"].first().to_numpy(),
        high=of_combination["cell"].last().to_numpy(),
        caveat=explain_interval(kept, model.min_executions),
    )


def name_crossed(model: Model, factor: str, part: DataFrame) -> str:
    """Say that a factor is not crossed over its range, and where it is."""
    cells = model.sample.design.loc[part["cell"]].drop(columns="n")
    held = [
        f"{name} {listed((level_text(level) for level in sorted(set(cells[name]))), 6)}"
        for name in cells.columns
        if cells[name].nunique() > 1
    ]
    where = " × ".join(held)
    return f"{factor} is not crossed with the other factors over its range; it is at {where}"


def along(model: Model, factor: str, design: DataFrame) -> Iterator[Contrast]:
    """Ask everything about one factor over the cells of `design`: its growth, then its steps.

    Of a scale that is not crossed over its range, the steps are those of the part that is.
    """
    arranged = arrange(model, factor, design)
    slope = growth(model, factor, arranged)
    if slope is not None:
        yield slope
    num_levels = len(model.sample.levels[factor])
    if num_levels <= MAX_STEP_LEVELS:
        for low, high in pairwise(range(num_levels)):
            yield step(model, factor, arranged, low, high)
        return
    kept = keep_combinations(arranged, 2)
    if not kept.empty and not is_crossed(kept):
        part = crossed_part(kept)
        given = describe(model, factor, arranged, part)
        for low, high in pairwise(sorted(part["level"].unique())[: MAX_STEP_LEVELS + 1]):
            yield replace(step(model, factor, part, low, high), given=given)


def within_levels(model: Model, factor: str, by: str) -> Iterator[Contrast]:
    """Ask the same at each level of another factor."""
    design = model.sample.design
    for level in model.sample.levels[by]:
        at = level_text(level)
        held = f"{by}={at}"
        asked = list(along(model, factor, design[design[by] == level]))
        if all(contrast.refusal for contrast in asked):
            continue  # one level of the factor alone was crossed with this one
        for contrast in asked:
            given = f"{held}, {contrast.given}" if contrast.given else held
            kind = f"conditional {contrast.kind}"
            yield replace(contrast, kind=kind, given=given, by=by, at=at)


def leading_pair(model: Model) -> tuple[str, str] | None:
    """Name the two factors whose effects within each other's levels are always asked for."""
    question = model.sample.question
    if len(question.factors) < 2:
        return None
    if question.width is not None and question.depth is not None:
        return question.width, question.depth
    return question.factors[0], question.factors[1]


def all_contrasts(model: Model, interacting: Iterable[tuple[str, str]] = ()) -> list[Contrast]:
    """List what a report prints: each factor over all, then pairs of factors within each other.

    Args:
        model: the fitted model.
        interacting: pairs of factors that interact. Width and depth, or the first two factors, are
            asked about within each other in any case; other pairs only if they are named here.
    """
    design = model.sample.design
    printed = [c for factor in model.sample.question.factors for c in along(model, factor, design)]
    pairs = {frozenset(pair): pair for pair in (leading_pair(model), *interacting) if pair}
    known = {(c.factor, c.text, tuple(c.cells)) for c in printed}
    for factor, by in (order for pair in pairs.values() for order in (pair, pair[::-1])):
        if max(len(model.sample.levels[name]) for name in (factor, by)) > MAX_STEP_LEVELS:
            continue
        for contrast in within_levels(model, factor, by):
            # A step that only one level of the other factor allows is printed once.
            if (contrast.factor, contrast.text, tuple(contrast.cells)) not in known:
                printed.append(contrast)
    return printed
