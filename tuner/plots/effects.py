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
    canvas,
    is_named,
    level_axis,
    positions,
    series,
    spread,
    styled,
    tick_text,
)
from tuner.words import short


@styled
def effect(
    means: pd.DataFrame, executions: pd.DataFrame, *, factor: str, unit: str, log2: bool = False
) -> Figure:
    """Draw a factor's marginal means with their intervals over the raw points.

    Args:
        means: One row a level, in order, with columns level, mean, ci_low, ci_high (NaN where no
            interval is allowed), n.
        executions: One row an execution, with columns level, value.
        factor: The factor's name.
        unit: What the y axis shows, such as "validation accuracy (%)".
        log2: Whether the levels are a width.
    """
    figure, ax = canvas(4.8 if len(means) <= 8 else 6.4)
    counts = [f"n={n:.0f}" for n in means["n"]]
    where = level_axis(ax, list(means["level"]), factor, log2=log2, below=counts)
    at = dict(zip(means["level"], where, strict=True))
    _raw_points(ax, executions["level"].map(at).astype(float), executions["value"], log2)
    _bars(ax, where, means, color=ACCENT)
    line = "" if is_named(means["level"]) else "-"  # between names there is nothing
    marker = "o" if len(means) <= 30 else ""
    ax.plot(where, means["mean"], marker + line, color=ACCENT, markersize=5, zorder=4)
    ax.set_ylabel(unit)
    return figure


def _raw_points(ax: Axes, where: pd.Series, values: pd.Series, log2: bool) -> None:
    """Every execution, moved aside by its rank so that equal values stay visible."""
    within = values.groupby(where).rank(method="first") % 5
    shift = (
        (within - 2)
        * 0.012
        * (np.ptp(ax.get_xlim()) if not log2 else np.ptp(np.log2(ax.get_xlim())))
    )
    x = where * np.exp2(shift) if log2 else where + shift
    is_crowd = len(values) > MAX_POINTS
    size, alpha = (3, 0.15) if is_crowd else (14, 0.55)
    ax.scatter(x, values, s=size, color=MUTED, alpha=alpha, linewidths=0, rasterized=is_crowd)


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
) -> Figure:
    """Draw one line a level of a factor over the levels of another, with bars as given.

    Args:
        cells: One row a combination of the two, with columns `x`, `lines`, mean, half_width.
        x: The factor on the x axis.
        lines: The factor whose levels are lines; eight of them at most are drawn.
        orders: The levels of both, in order.
        unit: What the y axis shows.
        log2: Whether `x` is a width.
    """
    figure, ax = canvas(5.4, 3.9)
    where = level_axis(ax, orders[x], x, log2=log2)
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
            label=tick_text(level),
        )
    title = short(lines)
    if len(drawn) < len(orders[lines]):
        title += f" ({len(drawn)} of {len(orders[lines])} levels)"
    figure.legend(title=title, loc="outside upper center", ncols=min(len(drawn), 4))
    ax.set_ylabel(unit)
    return figure


@styled
def paired_differences(pairs: pd.DataFrame, effects: pd.DataFrame, *, unit: str) -> Figure:
    """Draw each step's differences within replicates, with its interval, over a zero line.

    Args:
        pairs: One row a pair, with columns factor, contrast, replicate, difference.
        effects: One row a step, with columns factor, contrast, estimate, ci_low, ci_high.
        unit: What the x axis shows.
    """
    steps = spread(list(effects[["factor", "contrast"]].itertuples(index=False, name=None)), 16)
    figure, ax = canvas(6.0, 1.2 + 0.42 * len(steps))
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
        }
        ax.scatter(mine["difference"], np.full(len(mine), y + 0.18), s=10, **light)
        ax.scatter(
            by_replicate, np.full(len(by_replicate), y), s=30, color=ACCENT, marker="o", alpha=0.8
        )
        shown = effects[(effects["factor"] == factor) & (effects["contrast"] == contrast)].iloc[0]
        ax.plot([shown["ci_low"], shown["ci_high"]], [y - 0.2] * 2, color=SECOND, lw=2)
        ax.plot(shown["estimate"], y - 0.2, "|", color=SECOND, markersize=9, markeredgewidth=2)
    names = [f"{short(factor)}: {short(contrast)}" for factor, contrast in steps]
    ax.set_yticks(range(len(steps)), names)
    ax.set_ylim(len(steps) - 0.5, -0.6)
    ax.set_xlabel(unit)
    return figure


@styled
def saturation(means: pd.DataFrame, curves: pd.DataFrame, *, factor: str, unit: str) -> Figure:
    """Draw the fitted saturation curve of the width through its marginal means.

    Args:
        means: One row a width, with columns level, mean, ci_low, ci_high, n.
        curves: One row a point of the curve over all depths, with columns x, mean.
        factor: The width's name.
        unit: What the y axis shows.
    """
    figure, ax = canvas()
    where = level_axis(ax, list(means["level"]), factor, log2=True)
    inside = curves[curves["x"].between(*ax.get_xlim())]
    ax.plot(
        inside["x"], inside["mean"], color=SECOND, linestyle="--", label="error = a + b / width^c"
    )
    _bars(ax, positions(list(means["level"])), means, color=ACCENT)
    ax.plot(where, means["mean"], "o", color=ACCENT, label="marginal means")
    figure.legend(loc="outside upper center", ncols=2)
    ax.set_ylabel(unit)
    return figure
