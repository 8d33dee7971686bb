"""How things are worded."""

import numpy as np
import pytest

from tuner import words
from tuner.errors import UsageError


@pytest.mark.parametrize(
    ("level", "text"),
    [(1.0, "1"), (0.5, "0.5"), (1234567.0, "1234567"), (0.1 + 0.2, "0.3"), (7, "7"),
     (np.float64(2.0), "2"), (np.int64(3), "3"), (True, "True"), ("5-3", "5-3")],
)  # fmt: skip
def test_a_level_is_written_as_people_do(level, text):
    assert words.level_text(level) == text


def test_counts_and_lists():
    assert words.counted(1, "epoch") == "1 epoch"
    assert words.counted(1200, "cell") == "1,200 cells"
    assert words.listed("abc", most=2) == "a, b, … 1 more"
    assert words.name_some(["a", "b", "c"], at_most=2) == "a; b and 1 more"
    assert words.combination_text({"depth": 3.0, "kernel": "5-3"}) == "depth=3, kernel=5-3"


def test_the_nearest_name_is_offered_where_there_is_one():
    assert words.nearest("conv_block", ["conv_blocks", "width"]) == " Did you mean 'conv_blocks'?"
    assert words.nearest("xyz", ["conv_blocks"]) == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(45.2, "45 s"), (59.9, "1 min"), (720, "12 min"), (12600, "3.5 h")]
)
def test_a_duration_is_said_in_its_largest_unit(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (45, "45 s"), (60, "1 min"), (720, "12 min"), (3600, "1.0 h"), (12600, "3.5 h")],
)
def test_a_duration_is_told_as_people_say_it(seconds, told):
    assert words.duration(seconds) == told


@pytest.mark.parametrize(("seconds", "told"), [(59.7, "1 min"), (3599, "1.0 h")])
def test_a_duration_is_rounded_before_its_unit_is_chosen(seconds, told):
    assert words.duration(seconds) == told


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("1.5h", 5400)])
def test_a_typed_time_is_seconds_minutes_or_hours(text, seconds):
    assert words.seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "m", "0s", "-5m", "infh", "nanm", "soon", "5d"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(UsageError, match=r"expected a time such as 90s, 30m or 1\.5h, got"):
        words.seconds_of(text)
