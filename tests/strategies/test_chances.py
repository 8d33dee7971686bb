"""Which configurations will go on is a matter of chances that add up."""

import math

import pytest

from tuner.strategies.chances import placed, promoted, standardized


def test_chances_add_up_to_the_room_that_there_is():
    chances = promoted({0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0}, {0: 0.1, 1: 0.4, 2: 0.3, 3: 0.2}, 2, 0.5)
    assert chances == {1: 0.75, 2: 0.75, 3: 0.25, 0: 0.25}
    assert promoted(chances, {0: 9, 1: 2, 2: 1, 3: 0}, 1, 1.0) == {0: 0.25, 1: 0.75, 2: 0, 3: 0}


def test_who_has_failed_goes_on_only_where_nothing_is_known():
    merits = {0: -math.inf, 1: 0.5, 2: 0.1}
    assert promoted(dict.fromkeys(merits, 1.0), merits, 2, 1.0) == {1: 1, 2: 1, 0: 0}


def test_scores_are_ranked_with_what_was_expected_of_the_others():
    merits = {0: 1.0, 1: -1.0, 2: 0.5}
    assert placed({0: 0.71}, merits) == {0: 1.0}
    found = placed({0: 0.70, 1: 0.72}, merits)
    assert found == {0: pytest.approx(-1.0), 1: pytest.approx(1.0)}


def test_equal_values_have_no_spread():
    assert standardized({3: 0.5, 4: 0.5}) == {3: 0, 4: 0}
    assert standardized({}) == {}
