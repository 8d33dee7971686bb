"""How every figure looks: sizes, colours, level axes. No figure of this package uses pyplot."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from tuner.words import level_text, short

INK = "#1b1e23"
PAPER = "#fffffe"
MUTED = "#7b818a"
ACCENT = "#0072b2"  # blue and vermilion of Okabe & Ito's palette: safe for colour-blind readers
SECOND = "#d55e00"
#: Eight steps of viridis up to 3:1 contrast on white: ordered in lightness, so they hold in grey.
SERIES = tuple(
    mpl.colors.to_hex(mpl.colormaps["viridis"](position)) for position in np.linspace(0, 0.6, 8)
)
MARKERS = "osD^vP*X"
DASHES = ("-", "--", "-.", ":")

#: For `matplotlib.rc_context`, while a figure is drawn and while it is saved.
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],  # Verdana has DejaVu's widths
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": MUTED,
    "grid.alpha": 0.25,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 10,  # one size of type in all figures
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "svg.fonttype": "none",  # text stays text: it can be searched, copied and read aloud
    "svg.hashsalt": "tuner",  # the same figure is the same file
    "text.parse_math": False,  # a factor may be named "$x"
}
styled = mpl.rc_context(STYLE)

MAX_LINES = len(SERIES)
MAX_NAMES = 12  # on one axis
MAX_POINTS = 2_000  # beyond it raw points are drawn as one bitmap, so that the page stays small


WIDTH = 3.7  # inches: as wide as a phone's screen, so that type keeps its size there


def canvas(width: float = WIDTH, height: float = 2.9) -> tuple[Figure, Axes]:
    """An empty figure of one panel; by default it fits a phone as it is."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def series(num_levels: int) -> list[str]:
    """Colours for ordered levels, spread over the palette."""
    return [
        SERIES[i] for i in np.linspace(0, MAX_LINES - 1, max(num_levels, 2)).round().astype(int)
    ]


def tick_text(level: object) -> str:
    """A level as a short label: a long name loses its end."""
    return short(level_text(level), 16)


@dataclass(frozen=True)
class Axis:
    """How a factor is called where its levels stand on an axis, in a legend or beside a line."""

    name: str
    text: Callable[[Any], str] = tick_text  # a level on the axis: "8"
    full: Callable[[Any], str] = tick_text  # a level by itself: "8 filters"


def axis_of(factor: str, axes: Mapping[str, Axis] | None) -> Axis:
    """How a factor is called; by its own name where nobody says."""
    named = (axes or {}).get(factor)
    return named or Axis(
        short(factor), full=lambda level: f"{short(factor, 16)} {tick_text(level)}".strip()
    )


def keep_share(ax: Axes, is_share: bool) -> None:
    """End the y axis at 0 and 100 where it shows a share in percent."""
    if is_share:
        low, high = ax.get_ylim()
        ax.set_ylim(max(low, 0.0), min(high, 100.0))


def spread(levels: Sequence[Any], most: int = MAX_LINES) -> list[Any]:
    """At most so many of the levels, evenly, first and last among them."""
    chosen = np.linspace(0, len(levels) - 1, min(most, len(levels))).round().astype(int)
    return [levels[i] for i in np.unique(chosen)]


def is_named(levels: Iterable[Any]) -> bool:
    """Whether levels are names rather than numbers."""
    return any(isinstance(level, str) for level in levels)


def positions(levels: Sequence[Any]) -> np.ndarray:
    """Where levels stand on an axis: numbers at their value, names one apart."""
    if is_named(levels):
        return np.arange(len(levels), dtype=float)
    return np.asarray(levels, dtype=float)


def level_axis(ax: Axes, levels: Sequence[Any], axis: Axis, *, log2: bool) -> np.ndarray:
    """Prepare the x axis for a factor's levels; labels that would touch are left out.

    Args:
        ax: The panel.
        levels: In the order of the axis.
        axis: How the factor and its levels are called.
        log2: Whether doublings are equally far apart.

    Returns:
        The levels' positions.
    """
    where = positions(levels)
    texts = [axis.text(level) for level in levels]
    longest = max(map(len, texts))
    on_axis = np.log2(where) if log2 else where
    span = float(np.ptp(on_axis)) or 1.0
    kept = apart(on_axis / span, room=0.028 * longest + 0.03)
    is_tilted = len(kept) < len(levels) <= MAX_NAMES and is_named(levels)
    if is_tilted:  # every name is needed, where numbers can be read between their neighbours
        kept = list(range(len(levels)))
    if log2:
        ax.set_xscale("log", base=2)
    ax.set_xticks(where[kept], [texts[i] for i in kept])
    if is_tilted:
        ax.tick_params(axis="x", rotation=25)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    ax.minorticks_off()
    pad = 0.12 * span if len(levels) > 2 else 0.5 * span
    low, high = on_axis.min() - pad, on_axis.max() + pad
    limits = np.clip([low, high], -1000, 1000)  # of exponents: no float lies beyond
    ax.set_xlim(*(np.exp2(limits) if log2 else (low, high)))
    ax.set_xlabel(f"{axis.name} (log₂ axis)" if log2 else axis.name)
    return where


def cost_axis(ax: Axes, name: str) -> None:
    """Prepare a log x axis for what networks cost, labelled 200k, 1M, 5M."""
    ax.set_xscale("log")
    low, high = ax.get_xlim()
    subs = (1.0, 2.0, 5.0) if high / low < 200 else (1.0,)
    ax.xaxis.set_major_locator(LogLocator(subs=subs, numticks=8))
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(f"{name} (log axis)")


def apart(places: np.ndarray, room: float) -> list[int]:
    """Indices of the places that keep at least so much room from the last one kept."""
    kept: list[int] = []
    for i in np.argsort(places, kind="stable"):
        if not kept or places[i] - places[kept[-1]] >= room:
            kept.append(int(i))
    return kept
