"""Figures: what is drawn is what the frame says, and it can be read."""

import itertools
import subprocess
import sys
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tuner import plots

WIDTHS = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
UNIT = "validation accuracy (%)"


def means_of(levels: list[Any]) -> pd.DataFrame:
    """A mean of 50, 53, 56, …, each with an interval of one to either side."""
    mean = 50.0 + 3 * np.arange(len(levels))
    return pd.DataFrame(
        {"level": levels, "mean": mean, "ci_low": mean - 1, "ci_high": mean + 1, "n": 9}
    )


def cells_of(widths: list[Any], depths: list[Any]) -> pd.DataFrame:
    """One row a combination of width and depth."""
    rows = [
        {
            "width": w,
            "depth": d,
            "mean": 40.0 + 3 * i + 5 * j,
            "half_width": 0.7,
            "n": 3,
            "reason": "",
        }
        for (i, w), (j, d) in itertools.product(enumerate(widths), enumerate(depths))
    ]
    return pd.DataFrame(rows)


def drawn(figure: Figure) -> Figure:
    """The figure after its layout."""
    with mpl.rc_context(plots.STYLE):
        FigureCanvasAgg(figure).draw()
    return figure


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of tick labels that touch."""
    figure = drawn(figure)
    pairs = []
    for ax in figure.axes:
        for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
            shown = [label for label in labels if label.get_text() and label.get_visible()]
            boxes = [(label.get_text(), label.get_window_extent()) for label in shown]
            pairs += [
                (a, b)
                for ((a, one), (b, other)) in itertools.combinations(boxes, 2)
                if one.overlaps(other) and not shown[0].get_rotation()
            ]
    return pairs


@pytest.mark.parametrize("levels", [WIDTHS[:2], WIDTHS, list(np.arange(1.0, 1001.0))], ids=len)
def test_an_effect_shows_means_and_intervals(levels: list[float]) -> None:
    means = means_of(levels)
    points = pd.DataFrame({"level": levels * 3, "value": list(means["mean"]) * 3})
    figure = plots.effect(means, points, factor="width", unit=UNIT, log2=True)
    ax = figure.axes[0]
    line = ax.lines[-1]
    assert list(line.get_xdata()) == levels
    assert list(line.get_ydata()) == list(means["mean"])
    assert ax.get_xscale() == "log"
    assert ax.get_ylabel() == UNIT
    bars = ax.collections[-1].get_segments()
    assert [tuple(bar[:, 1]) for bar in bars] == [(m - 1, m + 1) for m in means["mean"]]
    assert overlapping(figure) == []


def test_no_interval_is_drawn_where_none_is_given() -> None:
    means = means_of([1, 2]).assign(ci_low=np.nan, ci_high=np.nan)
    points = pd.DataFrame({"level": [1, 2], "value": [50.0, 53.0]})
    assert plots.effect(means, points, factor="depth", unit=UNIT).axes[0].containers == []


def test_named_levels_keep_every_name_and_are_not_joined() -> None:
    names = ["3", "5-3", "7-5-3", "a much longer name"]
    points = pd.DataFrame({"level": names, "value": 50.0})
    figure = drawn(plots.effect(means_of(names), points, factor="kernels", unit=UNIT))
    ax = figure.axes[0]
    assert len(ax.get_xticklabels()) == 4
    assert ax.lines[-1].get_linestyle() == "None"


def test_dollars_and_tags_are_drawn_as_they_are() -> None:
    names = ["$x_{", "<b>"]
    points = pd.DataFrame({"level": names, "value": 50.0})
    figure = drawn(plots.effect(means_of(names), points, factor="$\\frac", unit=UNIT))
    assert figure.axes[0].get_xticklabels()[0].get_text().startswith("$x_{")


@pytest.mark.parametrize("num_levels", [2, 8, 20])
def test_interaction_draws_a_line_a_level_with_the_bars_given(num_levels: int) -> None:
    depths = list(range(1, num_levels + 1))
    figure = plots.interaction(
        cells_of(WIDTHS[:3], depths), x="width", lines="depth",
        orders={"width": WIDTHS[:3], "depth": depths}, unit=UNIT, log2=True,
    )  # fmt: skip
    containers = figure.axes[0].containers
    assert len(containers) == min(num_levels, 8)
    low, high = containers[0].lines[2][0].get_segments()[0][:, 1]
    assert (low, high) == pytest.approx((39.3, 40.7))
    assert overlapping(figure) == []


def test_lines_differ_without_colour() -> None:
    depths = list(range(1, 9))
    figure = plots.interaction(
        cells_of([1.0, 2.0], depths), x="width", lines="depth",
        orders={"width": [1.0, 2.0], "depth": depths}, unit=UNIT,
    )  # fmt: skip
    marks = [container.lines[0].get_marker() for container in figure.axes[0].containers]
    assert len(set(marks)) == 8
    grey = [np.dot(mpl.colors.to_rgb(color), (0.2126, 0.7152, 0.0722)) for color in plots.SERIES]
    assert grey == sorted(grey)


def test_the_heatmap_names_its_holes_and_prints_its_cells() -> None:
    cells = cells_of([1.0, 2.0], [1, 2])
    hole = (cells["width"] == 2.0) & (cells["depth"] == 2)
    cells = cells.assign(mean=cells["mean"].mask(hole), reason=np.where(hole, "map of 1 px", ""))
    figure = plots.heatmap(
        cells,
        rows="depth",
        columns="width",
        orders={"width": [1.0, 2.0], "depth": [1, 2]},
        unit=UNIT,
    )
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "40.0\n±0.7" in texts
    assert "map of 1 px" in " ".join(texts).replace("\n", " ")
    assert [patch.get_hatch() for patch in figure.axes[0].patches] == ["///"]


def test_the_heatmap_grows_upwards_and_rightwards() -> None:
    orders = {"width": [1.0, 2.0], "depth": [1, 2, 3]}
    cells = cells_of([1.0, 2.0], [1, 2, 3])
    figure = drawn(plots.heatmap(cells, rows="depth", columns="width", orders=orders, unit=UNIT))
    ax = figure.axes[0]
    places = {label.get_text(): label.get_window_extent().y0 for label in ax.get_yticklabels()}
    assert places["1"] < places["2"] < places["3"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2"]


def lines_of(levels: list[Any], others: list[Any]) -> pd.DataFrame:
    """The mean of each combination with another factor: ten points apart."""
    rows = [(level, by, 40.0 + i + 10 * j) for i, level in enumerate(levels)
            for j, by in enumerate(others)]  # fmt: skip
    return pd.DataFrame(rows, columns=["level", "by", "mean"])


def test_an_effect_shows_the_design_behind_its_means() -> None:
    lines = lines_of(WIDTHS[:3], [1, 2])
    points = lines.rename(columns={"mean": "value"}).assign(counted=lines["level"] != 1.0)
    means = means_of(WIDTHS[:3]).assign(mean=[50.0, np.nan, 56.0])
    axes = {"depth": plots.Axis("blocks", full=lambda level: f"{level} blocks")}
    figure = plots.effect(
        means, points, factor="width", unit=UNIT, lines=lines, by="depth", axes=axes
    )
    ax = figure.axes[0]
    assert [text.get_text() for text in ax.texts] == ["1 blocks", "2 blocks"]
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == [[40, 41, 42], [50, 51, 52]]
    counted, left_out = ax.collections[:2]
    assert len(counted.get_offsets()) == 4
    assert len(left_out.get_offsets()) == 2
    assert len(left_out.get_facecolor()) == 0  # hollow: no mean has them
    assert {tuple(color) for color in counted.get_facecolor()[:, :3]} == {
        tuple(mpl.colors.to_rgb(line.get_color())) for line in ax.lines[:2]
    }
    assert np.isnan(ax.lines[-1].get_ydata()[1])


def test_an_accuracy_never_passes_100_percent() -> None:
    means = means_of([1, 2]).assign(mean=99.5, ci_low=98.0, ci_high=101.0)
    points = pd.DataFrame({"level": [1, 2], "value": [99.0, 100.0]})
    figure = drawn(plots.effect(means, points, factor="depth", unit=UNIT, is_share=True))
    assert figure.axes[0].get_ylim()[1] == 100.0


def test_all_type_has_one_size() -> None:
    lines = lines_of(WIDTHS[:3], [1, 2])
    points = lines.rename(columns={"mean": "value"})
    orders = {"width": WIDTHS[:3], "depth": [1, 2]}
    cells = cells_of(WIDTHS[:3], [1, 2])
    figures = [
        plots.effect(means_of(WIDTHS[:3]), points, factor="width", unit=UNIT, lines=lines),
        plots.interaction(cells, x="width", lines="depth", orders=orders, unit=UNIT),
        plots.heatmap(cells, rows="depth", columns="width", orders=orders, unit=UNIT),
    ]
    for figure in figures:
        sizes = {t.get_fontsize() for t in drawn(figure).findobj(mpl.text.Text) if t.get_text()}
        assert sizes == {10.0}, sizes


def test_the_heatmap_of_many_levels_drops_its_texts() -> None:
    levels = list(range(1, 101))
    figure = plots.heatmap(
        cells_of(levels, levels), rows="depth", columns="width",
        orders={"width": levels, "depth": levels}, unit=UNIT,
    )  # fmt: skip
    assert list(figure.axes[0].texts) == []


def test_paired_differences_show_each_replicate_and_the_zero_line() -> None:
    pairs = pd.DataFrame(
        {
            "factor": "depth",
            "contrast": "1 → 2",
            "replicate": [0, 0, 1, 1],
            "difference": [1.0, 3, 2, 4],
        }
    )
    effects = pd.DataFrame(
        {
            "factor": ["depth"],
            "contrast": ["1 → 2"],
            "estimate": [2.5],
            "ci_low": [1.0],
            "ci_high": [4.0],
        }
    )
    ax = plots.paired_differences(pairs, effects, unit="pp").axes[0]
    assert list(ax.collections[1].get_offsets()[:, 0]) == [2.0, 3.0]
    assert list(ax.lines[0].get_xdata()) == [0, 0]
    assert list(ax.lines[1].get_xdata()) == [1.0, 4.0]


def test_the_frontier_steps_through_the_best_cells() -> None:
    points = cells_of([1.0, 2.0], [1, 2]).assign(
        cost=[100, 200, 150, 400], on_frontier=[True, True, False, True]
    )
    figure = plots.frontier(
        points, color="width", marker="depth", orders={"width": [1.0, 2.0], "depth": [1, 2]},
        cost="parameters", unit=UNIT,
    )  # fmt: skip
    step = figure.axes[0].lines[0]
    assert list(step.get_xdata()) == [100, 200, 400]
    assert step.get_drawstyle() == "steps-post"
    assert figure.axes[0].get_xlabel() == "parameters (log axis)"
    assert overlapping(figure) == []


def test_matched_budgets_say_which_side_is_which() -> None:
    pairs = pd.DataFrame(
        {
            "wide": ["w=4"],
            "deep": ["d=4"],
            "given": [""],
            "estimate": [1.0],
            "ci_low": [0.5],
            "ci_high": [1.5],
        }
    )
    ax = plots.matched_budgets(pairs, unit="pp").axes[0]
    assert ax.get_title("right") == "deep better →"
    assert ax.texts[0].get_text() == "d=4\nover w=4"
    assert list(ax.lines[-1].get_xdata()) == [1.0]


def test_learning_curves_have_a_panel_a_level_and_a_line_a_level() -> None:
    curves = cells_of([1.0, 2.0], [1, 2, 3]).merge(pd.DataFrame({"epoch": [1, 2, 3]}), how="cross")
    curves = curves.assign(low=curves["mean"] - 1, high=curves["mean"] + 1)
    figure = plots.learning_curves(
        curves,
        lines="width",
        panels="depth",
        orders={"width": [1.0, 2.0], "depth": [1, 2, 3]},
        unit=UNIT,
    )
    assert [ax.get_title() for ax in figure.axes] == ["depth 1", "depth 2", "depth 3"]
    assert [len(ax.lines) for ax in figure.axes] == [2, 2, 2]


def test_fidelity_marks_the_epochs_that_could_be_trusted() -> None:
    agreement = pd.DataFrame(
        {
            "epoch": [1, 2, 3], "tau": [0.1, 0.8, 1.0], "tau_across": [0.1, 0.6, 0.7],
            "ceiling": 0.7, "trusted": [False, True, True],
        }
    )  # fmt: skip
    marked = [line for line in plots.fidelity(agreement).axes[0].lines if line.get_marker() == "o"]
    assert list(marked[0].get_xdata()) == [2, 3]


def test_rungs_and_learning_rates_are_drawn_as_given() -> None:
    points = pd.DataFrame(
        {"low_epochs": 3, "high_epochs": 9, "low": [40.0, 45], "high": [50.0, 60]}
    )
    offsets = plots.rung_agreement(points, unit=UNIT).axes[0].collections[0].get_offsets()
    assert offsets.tolist() == [[40, 50], [45, 60]]
    rates = pd.DataFrame(
        {
            "cell": "a",
            "depth": 1,
            "learning_rate": [0.001, 0.01, 0.1],
            "mean": [50.0, 60, 40],
            "best": [False, True, False],
        }
    )
    ax = plots.learning_rate(rates, lines="depth", orders={"depth": [1]}, unit=UNIT).axes[0]
    assert list(ax.lines[1].get_xdata()) == [0.01]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.001", "0.01", "0.1"]


def test_saturation_draws_the_curve_through_the_means() -> None:
    curves = pd.DataFrame({"x": [1.0, 2.0, 4.0], "mean": [50.0, 53, 55]})
    ax = plots.saturation(means_of([1.0, 2.0, 4.0]), curves, factor="width", unit=UNIT).axes[0]
    assert list(ax.lines[0].get_ydata()) == [50, 53, 55]


@pytest.mark.slow
def test_plots_know_neither_the_analysis_nor_pyplots_figures() -> None:
    code = """
import sys, pandas as pd
from tuner import plots
frame = pd.DataFrame({"level": [1, 2], "mean": 1.0, "ci_low": 0.0, "ci_high": 2.0, "n": 3})
plots.effect(frame, frame.assign(value=1.0), factor="f", unit="u")
assert not {"tuner.analysis", "tuner.ledger", "tensorflow", "keras"} & set(sys.modules)
from matplotlib import pyplot
assert pyplot.get_fignums() == []
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
