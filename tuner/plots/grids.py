"""The design as a grid of cells."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tuner.plots.style import MUTED, WIDTH, Axis, axis_of, canvas, spread, styled

MAX_SIDE = 40  # beyond it a cell is smaller than a letter
MAX_TEXT_SIDE = 12


@styled
def heatmap(
    cells: pd.DataFrame,
    *,
    rows: str,
    columns: str,
    orders: Mapping[str, Sequence[Any]],
    unit: str,
    axes: Mapping[str, Axis] | None = None,
) -> Figure:
    """Draw each cell's mean, its half-width small; a hole is hatched and says why it is one.

    Args:
        cells: One row a combination of the two factors, with columns `rows`, `columns`, mean,
            half_width, n, reason (of a hole; "" otherwise).
        rows: The factor that grows upwards.
        columns: The factor that grows to the right; of both, forty levels at most are drawn.
        orders: The levels of both, in order.
        unit: What the colours show.
        axes: How factors and their levels are called, by name.
    """
    upwards, rightwards = axis_of(rows, axes), axis_of(columns, axes)
    down, along = spread(orders[rows], MAX_SIDE)[::-1], spread(orders[columns], MAX_SIDE)
    has_text = max(len(down), len(along)) <= MAX_TEXT_SIDE
    scale = (0.75, 0.55) if has_text else (0.2, 0.2)
    size = (1.6 + scale[0] * len(along), 1.0 + scale[1] * len(down))
    figure, ax = canvas(max(WIDTH, size[0]), max(2.4, size[1]))
    grid = cells.set_index([rows, columns])
    texts = grid.apply(_cell_text, axis="columns") if len(grid) else pd.Series(dtype=object)

    def laid_out(column: "pd.Series[Any]") -> pd.DataFrame:
        return column.unstack(columns).reindex(index=down, columns=along)

    sns.heatmap(
        laid_out(grid["mean"]).astype(float),
        ax=ax,
        annot=laid_out(texts).fillna("") if has_text else False,
        fmt="",
        annot_kws={"fontsize": 10},
        cmap="viridis",
        linewidths=1 if has_text else 0,
        linecolor="white",
        cbar_kws={"label": unit},
        xticklabels=[rightwards.text(level) for level in along] if has_text else "auto",
        yticklabels=[upwards.text(level) for level in down] if has_text else "auto",
    )
    _mark_holes(ax, laid_out(grid["mean"]), laid_out(grid["reason"]), has_text)
    ax.grid(False)
    ax.set(xlabel=rightwards.name, ylabel=upwards.name)
    ax.tick_params(axis="y", rotation=0)
    ax.tick_params(length=0)
    return figure


def _cell_text(cell: "pd.Series[Any]") -> str:
    """The mean, and its half-width where there is one."""
    width = f"\n±{cell['half_width']:.1f}" if pd.notna(cell["half_width"]) else ""
    return f"{cell['mean']:.1f}{width}"


def _mark_holes(ax: Any, means: pd.DataFrame, reasons: pd.DataFrame, has_text: bool) -> None:
    """Hatch the cells without a mean and write their reason into them."""
    for y, x in np.argwhere(means.isna().to_numpy()):
        ax.add_patch(
            Rectangle((x, y), 1, 1, fill=False, hatch="///", edgecolor=MUTED, alpha=0.5, lw=0)
        )
        if has_text:
            reason = reasons.iloc[y, x]
            why = textwrap.wrap(str(reason) if pd.notna(reason) and reason else "not trained", 9)
            text = "\n".join(why[:3]) + ("…" if len(why) > 3 else "")
            box = {"facecolor": "none", "edgecolor": "none", "pad": 0}
            ax.text(x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=10, bbox=box)
