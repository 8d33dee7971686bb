"""Effects of several studies side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.plots.style import ACCENT, INK, MARKERS, SECOND, SERIES, WIDTH, styled
from tuner.words import shortened

COLORS = (ACCENT, SECOND, SERIES[2], SERIES[4], INK)  # readable as text, light and dark
MOST_STUDIES = len(COLORS)
ROW = 0.23  # inches: of a study's effect, and of the line above the effects of one change


@styled
def side_by_side(
    effects: pd.DataFrame, *, studies: Sequence[str], titles: Mapping[str, str], unit: str
) -> Figure:
    """Draw each change's effect in every study, with its interval: one panel a factor.

    Args:
        effects: One row a study and change, with columns study, factor, change, estimate, ci_low,
            ci_high (NaN where there is none).
        studies: Their names, the first on top; five at most.
        titles: How each factor is called, by its name: the panels, in order.
        unit: What the x axes show.
    """
    panels = [effects[effects["factor"].eq(factor)] for factor in titles]
    rows = [(own["change"].nunique() + 1) * (len(studies) + 1) - 1 for own in panels]
    figure = Figure(figsize=(WIDTH, ROW * sum(rows) + 0.75 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), squeeze=False, height_ratios=rows)[:, 0]
    for ax, own, title in zip(axes, panels, titles.values(), strict=True):
        ax.axvline(0, color=INK, lw=1)
        ax.set_title(title, loc="left", fontweight="bold")
        _changes(ax, own, studies)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(unit)
    return figure


def _changes(ax: Axes, effects: pd.DataFrame, studies: Sequence[str]) -> None:
    """Draw the changes of one factor, one below the other; those of the first are named."""
    ends = effects[["ci_low", "ci_high", "estimate"]].to_numpy()
    low, high = min(np.nanmin(ends), 0.0), max(np.nanmax(ends), 0.0)
    pad = 0.04 * (high - low or 1.0)
    ax.set_xlim(low - pad, high + pad)
    y = 0.0
    for place, (change, own) in enumerate(effects.groupby("change", sort=False)):
        _text(ax, str(change), y, INK)
        for number, study in enumerate(studies):
            if place == 0:
                y += 1
                _text(ax, f"   {shortened(study, 34)}", y, COLORS[number])
            y += 1
            for effect in own[own["study"].eq(study)].to_dict("records"):
                _effect(ax, effect, y, number)
        y += 1
    ax.set_ylim(y - 0.4, -0.8)


def _text(ax: Axes, text: str, y: float, color: str) -> None:
    """Write a line of its own from the panel's left edge on."""
    ax.annotate(text, (0.0, y), xycoords=("axes fraction", "data"), va="center", color=color)


def _effect(ax: Axes, effect: Mapping[Any, Any], y: float, number: int) -> None:
    """Draw one estimate with its interval."""
    style: dict[str, Any] = {"color": COLORS[number], "zorder": 3}
    if np.isfinite(effect["ci_low"]):
        ax.plot([effect["ci_low"], effect["ci_high"]], [y, y], lw=2, **style)
    ax.plot(effect["estimate"], y, MARKERS[number], markersize=6, **style)
