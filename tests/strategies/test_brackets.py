"""The schedule against the table of the paper, and where it has to shrink."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.strategies.brackets import Bracket, rung_sizes, schedule, sweep


def test_the_table_of_the_paper():
    """Li et al. 2018, table 1: R = 81, eta = 3."""
    rungs = [list(zip(b.sizes, b.epochs, strict=True)) for b in sweep(81, 3)]
    assert rungs == [
        [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        [(34, 3), (11, 9), (3, 27), (1, 81)],
        [(15, 9), (5, 27), (1, 81)],
        [(8, 27), (2, 81)],
        [(5, 81)],
    ]
    assert [bracket.number for bracket in sweep(81, 3)] == [4, 3, 2, 1, 0]


def test_epochs_that_are_no_power_of_the_factor():
    assert [bracket.epochs for bracket in sweep(12, 3)] == [(1, 4, 12), (4, 12), (12,)]
    assert [bracket.epochs for bracket in sweep(8, 3)] == [(3, 8), (8,)]
    assert [bracket.epochs for bracket in sweep(2, 2)] == [(1, 2), (2,)]


@given(max_epochs=st.integers(1, 1000), factor=st.integers(2, 5))
def test_epochs_grow_from_rung_to_rung_and_end_at_the_most(max_epochs, factor):
    for bracket in sweep(max_epochs, factor):
        assert len(bracket.sizes) == len(bracket.epochs) == bracket.number + 1
        assert bracket.epochs[0] >= 1
        assert bracket.epochs[-1] == max_epochs
        assert all(later > sooner for sooner, later in pairwise(bracket.epochs))
        assert all(later <= sooner for sooner, later in pairwise(bracket.sizes))


def test_the_cost_of_a_bracket_counts_only_epochs_that_are_trained():
    assert Bracket(2, (9, 3, 1), (1, 3, 9)).num_epochs == 9 + 3 * 2 + 6
    assert Bracket(2, (9, 3, 1), (1, 3, 9)).num_trials == 13


def test_a_small_space_shrinks_the_brackets_and_is_used_up():
    assert list(schedule(9, num_cells=8)) == [Bracket(2, (8, 2, 1), (1, 3, 9))]
    assert list(schedule(9, num_cells=12)) == [
        Bracket(2, (9, 3, 1), (1, 3, 9)), Bracket(1, (3, 1), (3, 9)),
    ]  # fmt: skip


def test_a_configuration_without_a_rival_is_trained_to_the_end():
    assert list(schedule(9, num_cells=1)) == [Bracket(0, (1,), (9,))]
    assert list(schedule(9, num_cells=10))[1:] == [Bracket(0, (1,), (9,))]


@given(max_trials=st.integers(1, 300), num_sweeps=st.sampled_from([1, None]))
def test_every_bracket_ends_within_the_trials_allowed(max_trials, num_sweeps):
    brackets = list(schedule(27, 3, num_sweeps, num_cells=500, max_trials=max_trials))
    total = sum(bracket.num_trials for bracket in brackets)
    assert 0 < total <= max_trials
    assert all(bracket.sizes[-1] >= 1 for bracket in brackets)
    assert total == max_trials or max_trials > 4  # no more than a small rest is given away
    if num_sweeps is None:
        assert total == max_trials


def test_sweeps_go_on_until_every_cell_is_drawn():
    brackets = list(schedule(9, num_sweeps=None, num_cells=200))
    assert sum(bracket.sizes[0] for bracket in brackets) == 200
    assert [bracket.number for bracket in brackets[:6]] == [2, 1, 0, 2, 1, 0]


def test_without_an_end_it_goes_on_for_ever():
    brackets = schedule(3, num_sweeps=None)
    assert [next(brackets).number for _ in range(100)] == [1, 0] * 50


def test_an_empty_rung_stays_empty():
    assert rung_sizes(0, 3, 3) == (0, 0, 0)
    assert rung_sizes(2, 3, 3) == (2, 1, 1)


@pytest.mark.parametrize(("max_epochs", "factor"), [(0, 3), (9, 1)])
def test_impossible_schedules_are_refused(max_epochs, factor):
    with pytest.raises(ValueError, match="expected max_epochs of 1 or more and a factor of 2"):
        sweep(max_epochs, factor)
