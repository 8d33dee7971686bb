"""A figure as it stands on the page: smaller, and saying the same."""

import re

import pandas as pd

from tuner import plots
from tuner.report.rendering import draw, on_page


def test_what_a_figure_says_is_not_rounded_with_its_coordinates() -> None:
    means = pd.DataFrame(
        {"level": [0.125, 0.25], "mean": [0.905, 0.955], "ci_low": 0.9, "ci_high": 0.96}
    )
    points = pd.DataFrame({"level": [0.125, 0.25], "value": [0.905, 0.955]})
    svg, _ = draw(plots.effect(means, points, factor="rate", unit="loss"))
    inline = on_page(svg, "effect", "loss by rate")
    texts = re.compile(r"<text[^>]*>([^<]*)</text>")
    assert texts.findall(inline) == texts.findall(svg)
    assert {"0.125", "0.25"} <= set(texts.findall(inline))
    assert len(inline) < len(svg)
    assert inline.endswith("</svg>")  # what `--verify` leaves out ends there
