"""The objective against what a network costs: the frontier, and wide against deep."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tuner.plots.style import (
    ACCENT,
    INK,
    MARKERS,
    MAX_POINTS,
    MUTED,
    SECOND,
    Axis,
    axis_of,
    canvas,
    cost_axis,
    series,
    spread,
    styled,
)


@styled
def frontier(
    points: pd.DataFrame,
    *,
    color: str | None,
    marker: str | None,
    orders: Mapping[str, Sequence[Any]],
    cost: str,
    unit: str,
    axes: Mapping[str, Axis] | None = None,
) -> Figure:
    """Draw the cells by what they cost, and a step line through those that none beats.

    Args:
        points: One row a cell, by cost, with columns cost, mean, half_width, on_frontier (bool)
            and the factors named by `color` and `marker`.
        color: The factor whose levels are colours, if any; eight of them at most stand out.
        marker: The factor whose levels are marks, if any; likewise.
        orders: The levels of both, in order.
        cost: What the x axis shows, such as "parameters".
        unit: What the y axis shows.
        axes: How factors and their levels are called, by name.
    """
    figure, ax = canvas(height=4.2)
    best = points[points["on_frontier"]].sort_values("cost")
    ax.step(best["cost"], best["mean"], where="post", color=SECOND, lw=1.5, zorder=1)
    is_crowd = len(points) > MAX_POINTS
    if points["half_width"].notna().any() and len(points) <= 200:
        bars: dict[str, Any] = {"fmt": "none", "ecolor": MUTED, "lw": 1, "zorder": 1}
        ax.errorbar(points["cost"], points["mean"], yerr=points["half_width"], **bars)
    colors = _styles(orders.get(color or "", ()), series)
    marks = _styles(orders.get(marker or "", ()), lambda num: list(MARKERS[:num]))
    hues = points[color].map(colors).fillna(MUTED) if color else pd.Series(ACCENT, points.index)
    shapes = points[marker].map(marks).fillna("o") if marker else pd.Series("o", points.index)
    for hue, mark in sorted(set(zip(hues, shapes, strict=True))):
        group = points[(hues == hue) & (shapes == mark)]
        ax.scatter(
            group["cost"], group["mean"], c=hue, marker=mark, s=36, zorder=2, rasterized=is_crowd
        )
    named = axis_of(color or "", axes), axis_of(marker or "", axes)
    _legend(figure, colors, marks, *named)
    cost_axis(ax, cost)
    ax.set_ylabel(unit)
    return figure


def _styles(levels: Sequence[Any], look: Any) -> dict[Any, str]:
    """One colour or mark a level, for eight levels at most."""
    drawn = spread(levels)
    return dict(zip(drawn, look(len(drawn)), strict=False)) if len(drawn) else {}


def _legend(
    figure: Figure,
    colors: Mapping[Any, str],
    marks: Mapping[Any, str],
    color: Axis,
    marker: Axis,
) -> None:
    """Say what colours, marks and the line are, above the panel."""
    dot: dict[str, Any] = {"linestyle": "", "markersize": 6}
    entries = [Line2D([], [], color=SECOND, label="none better")]
    entries += [
        Line2D([], [], marker="o", color=hue, label=color.full(level), **dot)
        for level, hue in colors.items()
    ]
    entries += [
        Line2D([], [], marker=mark, color=INK, label=marker.full(level), **dot)
        for level, mark in marks.items()
    ]
    figure.legend(handles=entries, loc="outside upper center", ncols=2)


@styled
def matched_budgets(pairs: pd.DataFrame, *, unit: str) -> Figure:
    """Draw, for pairs of equal cost, how far the deep network is ahead of the wide one.

    Args:
        pairs: One row a pair, with columns wide, deep, given, estimate, ci_low,
            ci_high.
        unit: What the x axis shows.
    """
    shown = pairs.iloc[spread(range(len(pairs)), 16)]
    is_long = shown["given"].ne("").any()
    figure, ax = canvas(height=1.0 + (1.0 if is_long else 0.8) * len(shown))
    ax.axvline(0, color=INK, lw=1)
    y = np.arange(len(shown))
    if shown["ci_low"].notna().any():
        reach = [shown["estimate"] - shown["ci_low"], shown["ci_high"] - shown["estimate"]]
        ax.errorbar(shown["estimate"], y, xerr=reach, fmt="none", ecolor=ACCENT, lw=2, capsize=4)
    ax.plot(shown["estimate"], y, "o", color=ACCENT)
    names = shown["deep"] + "\nover " + shown["wide"] + ("\n" + shown["given"] if is_long else "")
    for place, name in zip(y, names, strict=True):
        ax.annotate(name, (0.01, place - 0.12), xycoords=("axes fraction", "data"), va="bottom")
    ax.set_yticks([])
    ax.set_ylim(len(shown) - 0.7, -0.9)
    _say_sides(ax)
    ax.set_xlabel(unit)
    return figure


def _say_sides(ax: Axes) -> None:
    """Name the two sides of the zero line above the panel."""
    ax.set_title("← wide better", loc="left", color=MUTED)
    ax.set_title("deep better →", loc="right", color=MUTED)
