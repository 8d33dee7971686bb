"""The sentence of a difference between studies: never stronger than its interval."""

import math

from tests.report.answers.test_factors import DEPTH, KERNELS, LOSS, WIDTH
from tuner.objective import VALIDATION_ACCURACY
from tuner.report.answers.differences import (
    Difference,
    difference_sentence,
    undetermined_sentence,
)

UNKNOWN = (math.nan, math.nan)


def said(effects, difference, bounds, naming=DEPTH, contrast="1 → 2", **also):
    """The sentence of two studies, A and B."""
    settings = {"objective": VALIDATION_ACCURACY, "is_resolved": True, "refusal": "", **also}
    objective = settings.pop("objective")
    found = Difference("B", effects[1], difference, *bounds, **settings)
    return difference_sentence(naming, objective, contrast, ("A", effects[0]), [found])


def test_a_resolved_difference_is_told_with_its_interval():
    assert said((13.02, 9.12), -3.9, (-4.93, -2.87)) == (
        "A second block adds 13 points in A and 9.1 in B: the difference, 3.9 (2.9 to 4.9), is "
        "resolved."
    )
    assert said((3.4, -1.1), -4.5, (-5.5, -3.5), WIDTH, "per doubling") == (
        "Each doubling of the filters adds 3.4 points in A and costs 1.1 points in B: the "
        "difference, 4.5 (3.5 to 5.5), is resolved."
    )


def test_what_is_not_resolved_says_what_remains_possible():
    assert said((13.0, 13.4), 0.4, (-0.7, 1.5), is_resolved=False) == (
        "A second block adds 13 points in A and 13.4 in B: the difference is not resolved, the "
        "effect in B may be from 0.7 points lower to 1.5 higher."
    )
    assert "may be 0.2 to 1.5 points higher." in said(
        (13, 13.8), 0.8, (0.2, 1.5), is_resolved=False
    )
    assert "may be 0.2 to 1.5 points lower." in said(
        (13, 12.2), -0.8, (-1.5, -0.2), is_resolved=False
    )


def test_without_an_interval_the_reason_stands_in_its_place():
    text = said((13, 9), -4, UNKNOWN, is_resolved=False, refusal="one execution a cell")
    assert text.endswith("the difference, 4, has no interval (one execution a cell).")


def test_a_loss_and_named_levels():
    assert said((-0.301, -0.21), 0.091, (0.05, 0.13), KERNELS, "3 → 5-3", objective=LOSS) == (
        "Going from 3 to kernel schedule 5-3 lowers validation loss by 0.3 in A and 0.21 in B: the "
        "difference, 0.09 (0.05 to 0.13), is resolved."
    )


def test_several_studies_are_each_held_against_the_first():
    found = [
        Difference("B", 9.1, -3.9, -4.9, -2.9, is_resolved=True),
        Difference("C", 12.6, -0.4, -1.5, 0.7, is_resolved=False),
    ]
    text = difference_sentence(DEPTH, VALIDATION_ACCURACY, "2 → 3", ("A", 13.0), found)
    assert text == (
        "A third block adds 13 points in A, 9.1 in B and 12.6 in C: the difference of B from A, "
        "3.9 (2.9 to 4.9), is resolved; the difference of C from A is not resolved, the effect in "
        "C may be from 1.5 points lower to 0.7 higher."
    )


def test_no_step_that_is_told_apart_is_never_no_difference():
    text = undetermined_sentence(DEPTH, VALIDATION_ACCURACY, 3, "A", {"B": (-1.36, 1.26)})
    assert text == (
        "No step of depth is told apart between A and B: each of the 3 may be from 1.4 points "
        "lower to 1.3 higher in B."
    )
