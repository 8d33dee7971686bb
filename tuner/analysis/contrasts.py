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
from pandas import Series
from scipy import sparse

from tuner.analysis.arrangement import Arranged, arrange, keep_combinations
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


def describe(model: Model, factor: str, arranged: Arranged, kept: Arranged) -> str:
    """Say over which combinations of the other factors a contrast is taken; "" for all.

    All are those that their levels make, trained or not.
    """
    others = [
        (name, levels, model.codes[:, place])
        for place, (name, levels) in enumerate(model.sample.levels.items())
        if name != factor
    ]
    sizes = {name: len(np.unique(codes[arranged.cell])) for name, _, codes in others}
    num_all = prod(sizes.values())
    num_kept = len(np.unique(kept.combination))
    if num_kept == num_all:
        return ""
    held = {
        name: levels[codes[kept.cell[0]]]
        for name, levels, codes in others
        if sizes[name] > 1 and len(np.unique(codes[kept.cell])) == 1
    }
    partial = num_kept < prod(size for name, size in sizes.items() if name not in held)
    count = [f"over {num_kept:,} of {num_all:,} combinations"] if partial or not held else []
    return ", ".join(([combination_text(held)] if held else []) + count)


def explain_interval(kept: Arranged, num: int) -> str:
    """Say why the cells at hand give no interval; "" when they do."""
    if kept.enough.all():
        return ""
    return f"a cell has fewer than {num} executions"


def step(model: Model, factor: str, arranged: Arranged, low: int, high: int) -> Contrast:
    """Compare two levels of a factor, by their positions, over arranged cells."""
    levels = model.sample.levels[factor]
    blank = Contrast(factor, f"{level_text(levels[low])} → {level_text(levels[high])}", "step")
    candidates = arranged.take((arranged.level == low) | (arranged.level == high))
    kept = keep_combinations(candidates, 2)
    if not len(kept):
        return replace(blank, refusal=name_missing(model, factor, candidates, low, high))
    pairs = kept.cell[np.lexsort((kept.level, kept.combination))].reshape(-1, 2)
    return replace(
        blank,
        given=describe(model, factor, arranged, kept),
        cells=np.concatenate([pairs[:, 0], pairs[:, 1]]),
        weights=np.repeat([-1.0, 1.0], len(pairs)) / len(pairs),
        low=pairs[:, 0],
        high=pairs[:, 1],
        caveat=explain_interval(kept, model.min_executions),
    )


def name_missing(model: Model, factor: str, arranged: Arranged, low: int, high: int) -> str:
    """Say which cell would have made a step between two levels estimable."""
    levels = model.sample.levels[factor]
    missing = ""
    if len(arranged):
        absent = level_text(levels[high if arranged.level[0] == low else low])
        others = combination_text(model.sample.design.loc[arranged.cell[0]].drop([factor, "n"]))
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


def growth(model: Model, factor: str, arranged: Arranged) -> Contrast | None:
    """Take the least-squares slope of a factor within combinations of the others.

    In a full factorial that is the slope of the marginal means with equal weights. It is refused
    where the factor is not crossed with the others over its range, or one level decides it.
    """
    axis = growth_axis(model, factor)
    if axis is None:
        return None
    blank = Contrast(factor, axis[0], "growth")
    kept = keep_combinations(arranged, 2)
    if not len(kept):
        return replace(blank, refusal=f"no two cells differ in {factor} alone")
    if not is_crossed(kept):
        return replace(blank, refusal=name_crossed(model, factor, crossed_part(kept)))
    kept = kept.take(np.argsort(axis[1][kept.level], kind="stable"))
    x = axis[1][kept.level]
    centred = x - Series(x).groupby(kept.combination).transform("mean").to_numpy()
    level, leverage = decisive_level(kept.level, centred)
    if leverage > MAX_LEVERAGE:
        alone = f"{factor}={level_text(model.sample.levels[factor][level])}"
        return replace(blank, refusal=f"{alone} alone would decide it (leverage {leverage:.2f})")
    first = np.unique(kept.combination, return_index=True)[1]
    last = len(kept) - 1 - np.unique(kept.combination[::-1], return_index=True)[1]
    return replace(
        blank,
        given=describe(model, factor, arranged, kept),
        cells=kept.cell,
        weights=centred / (centred**2).sum(),
        low=kept.cell[first],
        high=kept.cell[last],
        caveat=explain_interval(kept, model.min_executions),
    )


def name_crossed(model: Model, factor: str, part: Arranged) -> str:
    """Say that a factor is not crossed over its range, and where it is."""
    cells = model.sample.design.loc[part.cell].drop(columns="n")
    held = [
        f"{name} {listed((level_text(level) for level in sorted(set(cells[name]))), 6)}"
        for name in cells.columns
        if cells[name].nunique() > 1
    ]
    where = " × ".join(held)
    return f"{factor} is not crossed with the other factors over its range; it is at {where}"


def along(model: Model, factor: str, cells: Codes | None = None) -> Iterator[Contrast]:
    """Ask everything about one factor over some cells, or all: its growth, then its steps.

    Of a scale that is not crossed over its range, the steps are those of the part that is.
    """
    arranged = arrange(model, factor, cells)
    slope = growth(model, factor, arranged)
    if slope is not None:
        yield slope
    num_levels = len(model.sample.levels[factor])
    if num_levels <= MAX_STEP_LEVELS:
        for low, high in pairwise(range(num_levels)):
            yield step(model, factor, arranged, low, high)
        return
    kept = keep_combinations(arranged, 2)
    if len(kept) and not is_crossed(kept):
        part = crossed_part(kept)
        given = describe(model, factor, arranged, part)
        for low, high in pairwise(np.unique(part.level).tolist()[: MAX_STEP_LEVELS + 1]):
            yield replace(step(model, factor, part, low, high), given=given)


def within_levels(model: Model, factor: str, by: str) -> Iterator[Contrast]:
    """Ask the same at each level of another factor."""
    of_by = model.codes[:, [*model.sample.levels].index(by)]
    for place, level in enumerate(model.sample.levels[by]):
        at = level_text(level)
        held = f"{by}={at}"
        asked = list(along(model, factor, np.flatnonzero(of_by == place)))
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
    printed = [c for factor in model.sample.question.factors for c in along(model, factor)]
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
