"""What the epochs show: learning curves, agreement of early and late order, learning rates."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tuner.plots.style import (
    ACCENT,
    DASHES,
    INK,
    MARKERS,
    MAX_POINTS,
    MUTED,
    SECOND,
    WIDTH,
    Axis,
    apart,
    axis_of,
    canvas,
    series,
    spread,
    styled,
)

MAX_PANELS = 6


@styled
def learning_curves(
    curves: pd.DataFrame,
    *,
    lines: str,
    panels: str | None,
    orders: Mapping[str, Sequence[Any]],
    unit: str,
    axes: Mapping[str, Axis] | None = None,
) -> Figure:
    """Draw the mean objective by epoch: one line a level of one factor, one panel one of another.

    Args:
        curves: One row a combination and epoch, with columns `lines`, `panels`, epoch, mean, low,
            high.
        lines: The factor whose levels are lines; eight of them at most.
        panels: The factor whose levels are panels, if any; six of them at most.
        orders: The levels of both, in order.
        unit: What the y axis shows.
        axes: How factors and their levels are called, by name.
    """
    shown: list[Any] = spread(orders[panels], MAX_PANELS) if panels else [None]
    num_columns = min(len(shown), 2)
    num_rows = -(-len(shown) // num_columns)
    figure = Figure(figsize=(WIDTH, 1.0 + 1.7 * num_rows), layout="constrained")
    grid = figure.subplots(num_rows, num_columns, sharex=True, sharey=True, squeeze=False).ravel()
    named = axis_of(lines, axes)
    drawn = spread(orders[lines])
    for ax, level in zip(grid, shown, strict=False):
        here = curves if panels is None else curves[curves[panels] == level]
        _curves(ax, here, lines, drawn, named)
        if panels is not None:
            ax.set_title(axis_of(panels, axes).full(level))
    for i in range(len(shown), len(grid)):
        grid[i].remove()
        grid[i - num_columns].tick_params(labelbottom=True)
    handles, labels = _first_legend(list(grid))
    legend: dict[str, Any] = {"title": named.name, "loc": "outside upper center", "ncols": 4}
    figure.legend(handles, labels, **legend)
    figure.supxlabel("epoch", fontsize=10)
    figure.supylabel(unit, fontsize=10)
    return figure


def _curves(ax: Axes, curves: pd.DataFrame, lines: str, drawn: Sequence[Any], named: Axis) -> None:
    """One panel: a mean line a level, with the range over replicates behind it."""
    for i, (level, color) in enumerate(zip(drawn, series(len(drawn)), strict=False)):
        line = curves[curves[lines] == level].sort_values("epoch")
        if line.empty:
            continue
        ax.fill_between(line["epoch"], line["low"], line["high"], color=color, alpha=0.15, lw=0)
        style = DASHES[i % len(DASHES)]
        ax.plot(line["epoch"], line["mean"], style, color=color, lw=1.6, label=named.text(level))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))


def _first_legend(axes: Sequence[Axes]) -> tuple[list[Any], list[str]]:
    """Each line's handle and label once, wherever it was drawn first."""
    entries: dict[str, Any] = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    return list(entries.values()), list(entries)


@styled
def fidelity(agreement: pd.DataFrame) -> Figure:
    """Draw how the order of the cells at each epoch agrees with their order at the end.

    Args:
        agreement: One row an epoch, with columns epoch, tau, tau_across, ceiling, trusted (bool).
    """
    figure, ax = canvas()
    if agreement["ceiling"].notna().any():
        ceiling = agreement["ceiling"].iloc[-1]
        ax.axhline(ceiling, color=MUTED, linestyle=":", label="seed to seed, at the end")
        ax.plot(
            agreement["epoch"], agreement["tau_across"], "--", color=SECOND, label="across seeds"
        )
    ax.plot(agreement["epoch"], agreement["tau"], color=ACCENT, label="cell means")
    held = agreement[agreement["trusted"]]
    ax.plot(held["epoch"], held["tau"], "o", color=ACCENT, markersize=5, label="could be trusted")
    ax.axhline(0, color=INK, lw=0.8)
    ax.set_ylim(min(-0.1, agreement["tau"].min() - 0.05), 1.05)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ax.set(xlabel="epoch", ylabel="agreement with the end\n(Kendall's τ)")
    figure.legend(loc="outside upper center", ncols=1)
    return figure


@styled
def rung_agreement(points: pd.DataFrame, *, unit: str) -> Figure:
    """Draw the cells' means at two budgets against each other, one mark a pair of budgets.

    Args:
        points: One row a cell and pair of budgets, with columns low_epochs, high_epochs, low, high.
        unit: What both axes show.
    """
    figure, ax = canvas(height=3.3)
    budgets: list[Any] = sorted(points.groupby(["low_epochs", "high_epochs"]).groups)
    drawn = spread(budgets)
    for i, ((low, high), color) in enumerate(zip(drawn, series(len(drawn)), strict=False)):
        mine = points[(points["low_epochs"] == low) & (points["high_epochs"] == high)]
        label = f"{low:g} → {high:g}"
        is_crowd = len(mine) > MAX_POINTS
        ax.scatter(
            mine["low"],
            mine["high"],
            color=color,
            marker=MARKERS[i],
            s=26,
            label=label,
            rasterized=is_crowd,
        )
    ax.axline((points["low"].mean(), points["low"].mean()), slope=1, color=MUTED, linestyle=":")
    figure.legend(loc="outside upper center", ncols=2)
    ax.set(xlabel=f"{unit}, smaller budget", ylabel=f"{unit},\nlarger budget")
    return figure


@styled
def best_so_far(spending: pd.DataFrame, *, unit: str) -> Figure:
    """Draw the best objective so far against the epochs spent, over the trials that were made.

    Args:
        spending: One row a trial, with columns spent, epochs (of the trial), mean, best.
        unit: What the y axis shows.
    """
    figure, ax = canvas(height=3.3)
    ax.step(spending["spent"], spending["best"], where="post", color=ACCENT, label="best so far")
    budgets = sorted(spending["epochs"].unique())
    drawn = spread(budgets)
    for i, (epochs, color) in enumerate(zip(drawn, series(len(drawn)), strict=False)):
        mine = spending[spending["epochs"] == epochs]
        label = f"{epochs:g} epoch{'s' if epochs > 1 else ''}"
        ax.scatter(mine["spent"], mine["mean"], color=color, marker=MARKERS[i], s=22, label=label)
    figure.legend(loc="outside upper center", ncols=2)
    ax.set(xlabel="epochs spent, all executions", ylabel=unit)
    return figure


@styled
def learning_rate(
    rates: pd.DataFrame,
    *,
    lines: str,
    orders: Mapping[str, Sequence[Any]],
    unit: str,
    axes: Mapping[str, Axis] | None = None,
) -> Figure:
    """Draw the objective by learning rate, one line a cell, each cell's best rate marked.

    Args:
        rates: One row a cell and rate, with columns cell (its text), `lines`, learning_rate, mean,
            best (bool).
        lines: The factor whose levels are colours; eight of them at most.
        orders: Its levels, in order.
        unit: What the y axis shows.
        axes: How factors and their levels are called, by name.
    """
    figure, ax = canvas(height=3.3)
    named = axis_of(lines, axes)
    ax.set_xscale("log")
    drawn = spread(orders[lines])
    for i, (level, color) in enumerate(zip(drawn, series(len(drawn)), strict=False)):
        label: str | None = named.text(level)
        for _, cell in rates[rates[lines] == level].groupby("cell", sort=False):
            cell = cell.sort_values("learning_rate")
            style = DASHES[i % len(DASHES)]
            ax.plot(cell["learning_rate"], cell["mean"], style, color=color, lw=1.2, label=label)
            best = cell[cell["best"].astype(bool)]
            ax.plot(best["learning_rate"], best["mean"], MARKERS[i], color=color, markersize=6)
            label = None
    figure.legend(title=named.name, loc="outside upper center", ncols=4)
    tried = sorted(rates["learning_rate"].unique())
    kept = apart(np.log(tried) / (np.ptp(np.log(tried)) or 1), room=0.12)
    ax.set_xticks([tried[i] for i in kept], [f"{tried[i]:.2g}" for i in kept])
    ax.minorticks_off()
    ax.set(xlabel="learning rate (log axis)", ylabel=unit)
    return figure
