"""What a factor does to the objective: its effect, its interactions, the pairs behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.plots.style import (
    ACCENT,
    DASHES,
    INK,
    MARKERS,
    MAX_POINTS,
    MUTED,
    SECOND,
    Axis,
    axis_of,
    canvas,
    is_named,
    keep_share,
    level_axis,
    positions,
    series,
    spread,
    styled,
)
from tuner.words import short


@styled
def effect(
    means: pd.DataFrame,
    executions: pd.DataFrame,
    *,
    factor: str,
    unit: str,
    log2: bool = False,
    lines: pd.DataFrame | None = None,
    by: str = "",
    axes: Mapping[str, Axis] | None = None,
    is_share: bool = False,
) -> Figure:
    """Draw a factor's marginal means over the design: a faint line a level of another factor.

    Args:
        means: One row a level, in order, with columns level, mean (NaN where its combinations are
            not complete), ci_low, ci_high (NaN where no interval is allowed).
        executions: One row an execution, with columns level, value; by (the level of the other
            factor) and counted (whether the means have it) where that is known.
        factor: The factor's name.
        unit: What the y axis shows, such as "validation accuracy (%)".
        log2: Whether the levels are a width.
        lines: One row a combination with the other factor, with columns level, by, mean.
        by: The other factor's name.
        axes: How factors and their levels are called, by name.
        is_share: Whether y cannot pass 0 and 100.
    """
    figure, ax = canvas()
    axis = axis_of(factor, axes)
    where = level_axis(ax, list(means["level"]), axis, log2=log2)
    at = dict(zip(means["level"], where, strict=True))
    colors = {} if lines is None else _design_lines(ax, lines, at, axis_of(by, axes))
    _raw_points(ax, executions.assign(at=executions["level"].map(at)), colors, log2)
    _bars(ax, where, means, color=ACCENT)
    line = "" if is_named(means["level"]) else "-"  # between names there is nothing
    marker = "o" if len(means) <= 30 else ""
    ax.plot(where, means["mean"], marker + line, color=ACCENT, markersize=6, lw=2, zorder=4)
    ax.set_ylabel(unit)
    keep_share(ax, is_share)
    return figure


def _design_lines(
    ax: Axes, lines: pd.DataFrame, at: Mapping[Any, float], axis: Axis
) -> dict[Any, str]:
    """Draw a faint line a level of the other factor, named at its end; give the colours."""
    levels = list(dict.fromkeys(lines["by"]))
    drawn = spread(levels)
    colors = dict(zip(drawn, series(len(drawn)), strict=False))
    ends = []
    for level, color in colors.items():
        line = lines[lines["by"].eq(level) & lines["mean"].notna()]
        line = line.assign(at=line["level"].map(at)).sort_values("at")
        ax.plot(line["at"], line["mean"], color=color, alpha=0.6, lw=1, zorder=1)
        if len(line):
            ends.append((line["mean"].iloc[-1], line["at"].iloc[-1], axis.full(level), color))
    _name_ends(ax, sorted(ends), reach=float(np.ptp(lines["mean"].dropna())))
    return colors


def _name_ends(ax: Axes, ends: Sequence[tuple[Any, Any, str, str]], reach: float) -> None:
    """Write a line's name beside its end, the names one above the other where ends are close."""
    last = -np.inf
    for y, x, name, color in ends:
        last = max(y, last + 0.09 * reach)
        style: dict[str, Any] = {"color": color, "va": "center", "annotation_clip": False}
        ax.annotate(name, (x, last), xytext=(8, 0), textcoords="offset points", **style)


def _raw_points(ax: Axes, executions: pd.DataFrame, colors: Mapping[Any, str], log2: bool) -> None:
    """Every execution, moved aside by its rank so that equal values stay visible.

    Those that the means leave out are hollow.
    """
    values, where = executions["value"], executions["at"].astype(float)
    within = values.groupby(where).rank(method="first") % 5
    reach = np.ptp(np.log2(ax.get_xlim()) if log2 else ax.get_xlim())
    shift = (within - 2) * 0.008 * reach
    x = where * np.exp2(shift) if log2 else where + shift
    is_crowd = len(values) > MAX_POINTS
    size, alpha = (3, 0.15) if is_crowd else (12, 0.6)
    by = executions["by"] if "by" in executions else pd.Series("", executions.index)
    hues = by.map(lambda level: colors.get(level, MUTED))
    counted = executions.get("counted", pd.Series(True, executions.index)).astype(bool)
    for is_counted in (True, False):
        mine = counted == is_counted
        if not mine.any():
            continue
        fill: dict[str, Any] = {"c": hues[mine].tolist(), "linewidths": 0}
        if not is_counted:
            fill = {"facecolors": "none", "edgecolors": hues[mine].tolist(), "linewidths": 1}
        fill |= {"s": size, "alpha": alpha, "rasterized": is_crowd, "clip_on": is_crowd}
        ax.scatter(x[mine], values[mine], **fill)


def _bars(ax: Axes, where: np.ndarray, means: pd.DataFrame, **style: Any) -> None:
    """Intervals as they were computed; none where they are NaN."""
    if means["ci_low"].notna().any():
        reach = np.vstack([means["mean"] - means["ci_low"], means["ci_high"] - means["mean"]])
        ax.errorbar(
            where, means["mean"], yerr=reach, fmt="none", capsize=5, lw=2, zorder=3, **style
        )


@styled
def interaction(
    cells: pd.DataFrame,
    *,
    x: str,
    lines: str,
    orders: Mapping[str, Sequence[Any]],
    unit: str,
    log2: bool = False,
    axes: Mapping[str, Axis] | None = None,
    is_share: bool = False,
) -> Figure:
    """Draw one line a level of a factor over the levels of another, with bars as given.

    Args:
        cells: One row a combination of the two, with columns `x`, `lines`, mean, half_width.
        x: The factor on the x axis.
        lines: The factor whose levels are lines; eight of them at most are drawn.
        orders: The levels of both, in order.
        unit: What the y axis shows.
        log2: Whether `x` is a width.
        axes: How factors and their levels are called, by name.
        is_share: Whether y cannot pass 0 and 100.
    """
    figure, ax = canvas(height=3.3)
    named = axis_of(lines, axes)
    where = level_axis(ax, orders[x], axis_of(x, axes), log2=log2)
    at = dict(zip(orders[x], where, strict=True))
    drawn = spread(orders[lines])
    gap = 0.012 * np.ptp(np.log2(where) if log2 else where)
    for i, (level, color) in enumerate(zip(drawn, series(len(drawn)), strict=False)):
        row = cells[cells[lines] == level].assign(at=lambda cells: cells[x].map(at).astype(float))
        row = row.dropna(subset=["mean"]).sort_values("at")
        shift = gap * (i - (len(drawn) - 1) / 2)  # bars at the same x would hide each other
        ax.errorbar(
            row["at"] * np.exp2(shift) if log2 else row["at"] + shift,
            row["mean"],
            yerr=row["half_width"] if row["half_width"].notna().any() else None,
            marker=MARKERS[i],
            linestyle=DASHES[i % len(DASHES)],
            color=color,
            capsize=3,
            label=named.text(level),
        )
    title = named.name
    if len(drawn) < len(orders[lines]):
        title += f" ({len(drawn)} of {len(orders[lines])} levels)"
    figure.legend(title=title, loc="outside upper center", ncols=min(len(drawn), 4))
    ax.set_ylabel(unit)
    keep_share(ax, is_share)
    return figure


@styled
def paired_differences(
    pairs: pd.DataFrame,
    effects: pd.DataFrame,
    *,
    unit: str,
    axes: Mapping[str, Axis] | None = None,
) -> Figure:
    """Draw each step's differences within replicates, with its interval, over a zero line.

    Args:
        pairs: One row a pair, with columns factor, contrast, replicate, difference.
        effects: One row a step, with columns factor, contrast, estimate, ci_low, ci_high.
        unit: What the x axis shows.
        axes: How factors and their levels are called, by name.
    """
    steps = spread(list(effects[["factor", "contrast"]].itertuples(index=False, name=None)), 16)
    figure, ax = canvas(height=1.2 + 0.62 * len(steps))
    ax.axvline(0, color=INK, lw=1)
    for y, (factor, contrast) in enumerate(steps):
        mine = pairs[(pairs["factor"] == factor) & (pairs["contrast"] == contrast)]
        by_replicate = mine.groupby("replicate")["difference"].mean()
        is_crowd = len(mine) > MAX_POINTS
        light: dict[str, Any] = {
            "color": MUTED,
            "alpha": 0.35,
            "linewidths": 0,
            "rasterized": is_crowd,
            "clip_on": is_crowd,
        }
        ax.scatter(mine["difference"], np.full(len(mine), y + 0.18), s=10, **light)
        ax.scatter(
            by_replicate, np.full(len(by_replicate), y), s=30, color=ACCENT, marker="o", alpha=0.8
        )
        shown = effects[(effects["factor"] == factor) & (effects["contrast"] == contrast)].iloc[0]
        ax.plot([shown["ci_low"], shown["ci_high"]], [y - 0.2] * 2, color=SECOND, lw=2)
        ax.plot(shown["estimate"], y - 0.2, "|", color=SECOND, markersize=9, markeredgewidth=2)
    for y, (factor, contrast) in enumerate(steps):
        name = f"{axis_of(factor, axes).name}: {short(contrast, 24)}"
        ax.annotate(name, (0.01, y - 0.34), xycoords=("axes fraction", "data"), va="bottom")
    ax.set_yticks([])
    ax.set_ylim(len(steps) - 0.6, -0.9)
    ax.set_xlabel(unit)
    return figure


@styled
def saturation(
    means: pd.DataFrame,
    curves: pd.DataFrame,
    *,
    factor: str,
    unit: str,
    axes: Mapping[str, Axis] | None = None,
) -> Figure:
    """Draw the fitted saturation curve of the width through its marginal means.

    Args:
        means: One row a width, with columns level, mean, ci_low, ci_high, n.
        curves: One row a point of the curve over all depths, with columns x, mean.
        factor: The width's name.
        unit: What the y axis shows.
        axes: How factors and their levels are called, by name.
    """
    figure, ax = canvas(height=3.2)
    where = level_axis(ax, list(means["level"]), axis_of(factor, axes), log2=True)
    inside = curves[curves["x"].between(*ax.get_xlim())]
    ax.plot(
        inside["x"], inside["mean"], color=SECOND, linestyle="--", label="error = a + b / width^c"
    )
    _bars(ax, positions(list(means["level"])), means, color=ACCENT)
    ax.plot(where, means["mean"], "o", color=ACCENT, label="marginal means")
    figure.legend(loc="outside upper center", ncols=1)
    ax.set_ylabel(unit)
    keep_share(ax, is_share=True)
    return figure
