"""Numbers are written by one rule a kind."""

import pandas as pd
import pytest

from tuner.report import formats
from tuner.report.parts import Table


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (formats.change, 2.1, "+2.10"),
        (formats.change, -0.0123, "−0.012"),
        (formats.change, 1e-15, "+0.00"),
        (formats.change, float("nan"), "–"),
        (formats.level, 61.254, "61.25"),
        (formats.probability, 0.0004, "< .001"),
        (formats.probability, 0.0312, ".031"),
        (formats.probability, 1.0, "1.000"),
        (formats.count, 336618, "336,618"),
        (formats.size, 16_800_000, "16.8 M"),
        (formats.size, 9_600, "9,600"),
        (formats.share, 0.567, "56.7 %"),
        (formats.ratio, -0.25, "−25 %"),
        (formats.number, float("inf"), "–"),
        (formats.sentence, "a thing is so", "A thing is so."),
        (formats.sentence, "", ""),
    ],
)
def test_a_number_is_written(write: "object", value: object, text: str) -> None:
    assert write(value) == text


def test_columns_are_chosen_named_and_written_and_empty_ones_left_out() -> None:
    rows = pd.DataFrame({"low": [1.0], "high": [2.0], "given": [""], "a|b": ["x"]})
    shown = formats.printed(
        rows,
        {
            ("low", "high"): ("interval", formats.interval),
            "given": ("in", None),
            "a|b": ("f", None),
        },
    )
    assert shown.to_dict("records") == [{"interval": "[1.00, 2.00]", "f": "x"}]


def test_columns_of_numbers_stand_on_the_right() -> None:
    rows = pd.DataFrame(
        {"n": ["12", "–"], "k": ["3", "5-3"], "i": ["[−1.00, 2.00]", "–"], "v": ["w" * 50, ""]}
    )
    assert Table("t", rows, rows, "").kinds == ["number", "short", "number", "long"]
