"""Does a straight line describe what a factor does; if not, which shape do its steps make?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import numpy as np
from pandas import DataFrame
from scipy import linalg, sparse, stats

from tuner.analysis.arrangement import arrange
from tuner.analysis.contrasts import MAX_STEP_LEVELS, Contrast, growth_axis
from tuner.analysis.inference import SIGNIFICANCE
from tuner.analysis.least_squares import Floats
from tuner.analysis.model import Model

MIN_SHARE = 0.95  # of the sum of squares between levels, for a line that does not quite fit
ROUNDING = 1e-8  # columns of ones and zeros have nothing smaller in them
MAX_MISS = 0.25  # of such a line's own step, between it and what the levels show


@dataclass(frozen=True)
class Line:
    """How well a straight line describes the levels of a factor."""

    lack_of_fit: float  # p of free levels against the line; NaN where nothing measures chance
    share: float  # of the sum of squares between levels that the line holds
    miss: float  # of the step told worst, as a part of what the line says of it

    @property
    def fits(self) -> bool:
        """Tell whether the line can stand for the levels.

        A precise study refutes any line; one that misses little is kept. Share alone is no
        measure of that: steps of 13, 11 and 5 leave 97% to a line of 10 a step.
        """
        holds = self.share >= MIN_SHARE and self.miss <= MAX_MISS
        return bool(self.lack_of_fit >= SIGNIFICANCE or holds)


STRAIGHT = Line(lack_of_fit=1.0, share=1.0, miss=0.0)  # through two levels


def line_of(model: Model, growth: Contrast) -> Line:
    """Hold a slope against free levels, over the cells that it is taken over.

    Lack of fit is tested by the sum of squares that free levels add, over what chance would add to
    it: an F with equal variances, else Box's approximation (Brunner, Dette and Munk 1997, Journal
    of the American Statistical Association 92). More than twenty levels are grouped in twenty.
    """
    line, free = free_levels(model, growth)
    sides, sizes, _ = linalg.svd(free - np.outer(line, line @ free), full_matrices=False)
    bent = sides[:, sizes > ROUNDING]
    if not bent.size:
        return STRAIGHT
    rows = np.vstack([line, bent.T])
    weights = np.zeros((len(rows), len(model.count)))
    weights[:, growth.cells] = rows
    found = model.estimate(sparse.csr_array(weights))
    squares = found.estimate**2
    share = squares[0] / squares.sum() if squares.sum() > 0 else 1.0
    p = lack_of_fit(squares[1:], found.se[1:] ** 2, found.df[1:])
    return Line(p, float(share), largest_miss(free, line, rows.T @ found.estimate))


def free_levels(model: Model, growth: Contrast) -> tuple[Floats, Floats]:
    """Lay out a line of length 1 and free levels, both within combinations.

    Returns:
        One number a cell of the growth; and cells x levels, in order.
    """
    axis = growth_axis(model, growth.factor)
    assert axis is not None
    arranged = arrange(model, growth.factor, growth.cells)
    present, rank = np.unique(arranged.level, return_inverse=True)
    group = rank * min(len(present), MAX_STEP_LEVELS) // len(present)
    columns = np.column_stack([axis[1][arranged.level], np.eye(group.max() + 1)[group]])
    means = DataFrame(columns).groupby(arranged.combination).transform("mean")
    centred = np.asfortranarray(columns - means.to_numpy())  # the order decides the last digits
    line = centred[:, 0]
    return line / np.linalg.norm(line), centred[:, 1:]


def lack_of_fit(squares: Floats, variances: Floats, df: Floats) -> float:
    """Test whether orthogonal contrasts are all zero: p of their sum of squares.

    Args:
        squares: of their estimates.
        variances: of their estimates.
        df: of their variances.
    """
    total = variances.sum()
    if not squares.sum() > 0 or np.isnan(total):
        return 1.0 if total >= 0 else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(stats.f.sf(squares.sum() / total, len(squares), df.mean()))


def largest_miss(free: Floats, line: Floats, fitted: Floats) -> float:
    """Compare the steps of free levels with those of the line: the largest difference, relative."""
    steps, told = (
        np.diff(linalg.lstsq(free, part)[0]) for part in (fitted, line * (line @ fitted))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.nan_to_num(np.abs(steps / told - 1), nan=0.0).max())


@dataclass(frozen=True)
class Step:
    """A step from one level to the next; its interval is NaN where there is none."""

    low: str
    high: str
    estimate: float
    ci_low: float
    ci_high: float
    is_resolved: bool

    @property
    def sign(self) -> int:
        """1 where it is known to rise, −1 where it is known to fall, else 0."""
        return int(np.sign(self.estimate)) if self.is_resolved else 0

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that it may be, in the direction of its estimate."""
        is_rise = self.estimate > 0
        return (self.ci_low, self.ci_high) if is_rise else (-self.ci_high, -self.ci_low)


def steps_of(rows: Any) -> list[Step]:
    """Read the steps of a factor, in order.

    Args:
        rows: those of `effects.effects`, with columns contrast ("1 → 2"), estimate, ci_low,
            ci_high, p_holm.
    """
    steps = []
    for row in rows.to_dict("records"):
        low, _, high = str(row["contrast"]).partition(" → ")
        numbers = row["estimate"], row["ci_low"], row["ci_high"]
        steps.append(Step(low, high, *numbers, bool(row["p_holm"] < SIGNIFICANCE)))
    return steps


@dataclass(frozen=True)
class Shape:
    """The shape that the resolved steps of a factor make.

    Attributes:
        kind: "flat" (no step is resolved), "rises", "falls", "peaks", "dips" or "no order".
        steps: Those from the first resolved to the last.
        skipped: Whether steps before the first are not resolved.
        pace: "less" or "more" each time, of one direction; "" where that is not known.
        tail: Of one direction, what follows: "" (nothing), "levels off" (known to be less than the
            largest step) or "unresolved".
        turns: Of a peak or a dip, the level before and the one after it; often the same.
    """

    kind: Literal["flat", "rises", "falls", "peaks", "dips", "no order"]
    steps: tuple[Step, ...] = ()
    skipped: bool = False
    pace: Literal["", "less", "more"] = ""
    tail: Literal["", "levels off", "unresolved"] = ""
    turns: tuple[str, str] = ("", "")


def read_shape(steps: Sequence[Step]) -> Shape:
    """Read the shape off the steps of a factor, as far as they are resolved.

    Those of one direction have a pace where all steps between are resolved and the first and the
    last differ by more than their intervals.
    """
    places = [i for i, step in enumerate(steps) if step.sign]
    if not places:
        return Shape("flat")
    between = tuple(steps[places[0] : places[-1] + 1])
    turns = [list(part) for _, part in groupby([steps[i] for i in places], lambda step: step.sign)]
    if len(turns) > 2:
        return Shape("no order", between)
    if len(turns) == 2:
        kind: Literal["peaks", "dips"] = "peaks" if turns[0][0].sign > 0 else "dips"
        return Shape(kind, between, turns=(turns[0][-1].high, turns[1][0].low))
    return one_way(steps, places)


def one_way(steps: Sequence[Step], places: Sequence[int]) -> Shape:
    """Read the shape of steps that, as far as they are resolved, all rise or all fall."""
    between, rest = tuple(steps[places[0] : places[-1] + 1]), steps[places[-1] + 1 :]
    largest = max(step.bounds[0] for step in between)
    tail: Literal["", "levels off", "unresolved"] = "unresolved" if rest else ""
    if rest and all(max(abs(step.ci_low), abs(step.ci_high)) < largest for step in rest):
        tail = "levels off"
    return Shape(
        "rises" if between[0].sign > 0 else "falls",
        between,
        skipped=places[0] > 0,
        pace=pace(between) if all(step.sign for step in between) else "",
        tail=tail,
    )


def shape_of(steps: Sequence[Step]) -> str:
    """Name the shape that the resolved steps of a factor make: "rises by less each time"."""
    shape = read_shape(steps)
    if shape.kind == "flat":
        return "no step is resolved"
    if shape.kind == "no order":
        return "rises and falls in no order"
    if shape.kind in ("peaks", "dips"):
        before, after = shape.turns
        at = f"at {before}" if before == after else f"between {before} and {after}"
        return f"peaks {at}" if shape.kind == "peaks" else f"falls, then rises: lowest {at}"
    text = shape.kind + (f" from {shape.steps[0].low} on" if shape.skipped else "")
    text += f" by {shape.pace} each time" if shape.pace else ""
    if shape.tail == "levels off":
        return f"{text} and levels off after {shape.steps[-1].high}"
    if shape.tail:
        return f"{text} to {shape.steps[-1].high}; what follows is not resolved"
    return text


def equally_far(steps: Sequence[Step]) -> bool:
    """Whether each level is as much more than the one before, or as many times it; or is no number.

    A step of half a doubling is not smaller than one of a whole because less is gained by it.
    """
    try:
        levels = np.array([float(text) for text in (steps[0].low, *(step.high for step in steps))])
    except ValueError:
        return True
    differences, ratios = np.diff(levels), levels[1:] / np.where(levels[:-1], levels[:-1], np.nan)
    return bool(np.ptp(differences) <= 0.1 * np.mean(differences)) or bool(
        np.ptp(ratios) <= 0.1 * np.mean(ratios)
    )


def pace(steps: Sequence[Step]) -> Literal["", "less", "more"]:
    """Say whether steps of one direction, equally far apart, shrink or grow each time."""
    if not equally_far(steps):
        return ""
    sizes = np.abs([step.estimate for step in steps])
    first, last = steps[0].bounds, steps[-1].bounds
    if (np.diff(sizes) < 0).all() and first[0] > last[1]:
        return "less"
    if (np.diff(sizes) > 0).all() and last[0] > first[1]:
        return "more"
    return ""
