"""Figures: a frame in, a matplotlib Figure out. Nothing here reads, fits or writes."""

from tuner.plots.compared import MOST_STUDIES, side_by_side
from tuner.plots.costs import frontier, matched_budgets
from tuner.plots.effects import effect, interaction, paired_differences, saturation
from tuner.plots.epochs import (
    best_so_far,
    fidelity,
    learning_curves,
    learning_rate,
    rung_agreement,
)
from tuner.plots.grids import heatmap
from tuner.plots.style import ACCENT, INK, MUTED, PAPER, SECOND, SERIES, STYLE, Axis

__all__ = [
    "ACCENT",
    "INK",
    "MOST_STUDIES",
    "MUTED",
    "PAPER",
    "SECOND",
    "SERIES",
    "STYLE",
    "Axis",
    "best_so_far",
    "effect",
    "fidelity",
    "frontier",
    "heatmap",
    "interaction",
    "learning_curves",
    "learning_rate",
    "matched_budgets",
    "paired_differences",
    "rung_agreement",
    "saturation",
    "side_by_side",
]
