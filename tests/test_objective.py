"""What kind of number a metric is, by its name and its values."""

import math

import pytest

from tuner.objective import MEASURED, Objective, named


@pytest.mark.parametrize(
    ("name", "smallest", "largest", "maximize", "is_share", "scale"),
    [
        ("val_accuracy", 0.1, 0.9, True, True, 100.0),
        ("valAccuracy", 10, 95, True, True, 1.0),
        ("test_err", 4, 9, False, True, 1.0),
        ("error_rate", 0.04, 0.2, False, True, 100.0),
        ("mean_squared_error", 0.1, 0.4, False, False, 1.0),
        ("nll", 0.9, 1.8, False, False, 1.0),
        ("accumulated_cost", 3, 80, False, False, 1.0),  # no accuracy, though it begins like one
        ("score", 0.1, 0.8, True, True, 100.0),
        ("score", 1, 8, True, False, 1.0),
        ("reward", 0.1, 0.8, True, False, 1.0),
        ("auc", math.nan, math.nan, True, True, 1.0),
    ],
)
def test_direction_and_unit_are_told_by_name_and_values(
    name, smallest, largest, maximize, is_share, scale
):
    assert named(name, smallest, largest) == Objective(name, maximize, is_share, scale)


def test_a_known_direction_counts_more_than_the_name():
    assert not named("score", 0, 1, maximize=False).maximize


def test_a_share_is_told_in_percent_and_its_differences_in_points():
    share, loss = MEASURED["val_accuracy"], MEASURED["val_loss"]
    assert (share.label, share.unit, share.short) == ("validation accuracy (%)", "pp", "val acc")
    assert share.difference("+2.1") == "+2.1 points"
    assert (loss.label, loss.unit, loss.short) == ("validation loss", "val_loss", "val loss")
    assert loss.difference("−0.3") == "−0.3 of val_loss"


def test_better_is_more_or_less_as_the_direction_says():
    share, loss = MEASURED["val_accuracy"], MEASURED["val_loss"]
    assert share.is_better(0.9, 0.8)
    assert loss.is_better(0.8, 0.9)
    assert (share.best([1, 2]), loss.best([1, 2])) == (2, 1)
    assert (share.direction, loss.direction) == ("max", "min")
