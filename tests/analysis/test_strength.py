"""How much a factor matters beside the others."""

import numpy as np
import pandas as pd

from tuner.analysis.strength import is_little, largest_span, spans
from tuner.objective import MEASURED, VALIDATION_ACCURACY


def test_the_factor_whose_levels_lie_farthest_apart_stands_first():
    means = pd.DataFrame(
        {"factor": ["a", "a", "b", "b", "c"], "mean": [50.0, 51.0, 40.0, 60.0, np.nan]}
    )
    found = spans(means)
    assert list(found.index) == ["b", "a", "c"]
    assert list(found)[:2] == [20.0, 1.0]


def test_a_span_is_as_large_as_intervals_allow():
    slope = pd.DataFrame({"estimate": [2.0], "ci_low": [1.0], "ci_high": [3.0]})
    assert largest_span(slope, span=4.0) == 6.0
    steps = pd.DataFrame({"estimate": [0.2, -0.1], "ci_low": [0.1, -0.4], "ci_high": [0.3, 0.2]})
    assert np.isclose(largest_span(steps, span=0.2), 0.7)


def test_little_is_under_a_point_or_a_small_part_of_the_strongest():
    assert is_little(0.9, 20.0, VALIDATION_ACCURACY)
    assert not is_little(1.1, 100.0, VALIDATION_ACCURACY)
    loss = MEASURED["val_loss"]
    assert is_little(0.04, 1.0, loss)
    assert not is_little(0.9, 1.0, loss)


def test_what_has_no_interval_is_not_called_little():
    unknown = [np.nan, np.nan]
    steps = pd.DataFrame({"estimate": [0.2, 0.1], "ci_low": unknown, "ci_high": unknown})
    assert not is_little(largest_span(steps, 0.2), 1.0, VALIDATION_ACCURACY)
