"""What executions take is learned from those that have ended."""

import pytest

from tuner.design import SECONDS_TO_START
from tuner.engine.fit import Fit
from tuner.execution import Record


def expected(cell, epochs):
    """Of a cell that costs as many seconds an epoch as its number, and 5 to be scored."""
    return SECONDS_TO_START + 5.0 + epochs * cell


def record(cell, epochs, seconds, replicate=0):
    return Record(f"{cell:04d}", cell, replicate, 0, {}, epochs, "ok", seconds=seconds)


def measured(start, each, beside, factor, cells=(1, 2, 4, 8), epochs=(1, 3, 9)):
    """Records of executions that took what a line says."""
    return [
        record(cell, budget, start * (not i) + each + 5 * beside + factor * budget * cell)
        for cell in cells
        for i, budget in enumerate(epochs)
    ]


def test_before_anything_has_ended_the_expected_times_count_with_much_doubt():
    assert Fit(expected, []).seconds(3, 2) == expected(3, 2)
    assert Fit(expected, []).spread == 0.5


def test_a_few_measured_times_correct_all_expected_ones():
    fit = Fit(expected, [record(cell, 3, 2 * expected(cell, 3)) for cell in (1, 2, 3)])
    assert fit.seconds(9, 4) == pytest.approx(2 * expected(9, 4))
    assert fit.spread == pytest.approx(0, abs=1e-9)


def test_a_cell_that_took_longer_than_others_will_again():
    records = [record(cell, 3, expected(cell, 3) * (1.5 if cell == 4 else 1)) for cell in (2, 3, 4)]
    fit = Fit(expected, records)
    off = fit.seconds(4, 3) / fit.seconds(3, 3)
    assert off > 1.1 * expected(4, 3) / expected(3, 3)


def test_a_cell_not_met_yet_takes_longer_where_those_that_cost_about_as_much_did():
    cells = [*range(1, 9), *range(101, 109)]
    fit = Fit(expected, [record(c, 3, expected(c, 3) * (2 if c > 100 else 1)) for c in cells])
    assert fit.seconds(110, 3) / expected(110, 3) > 1.2 * fit.seconds(10, 3) / expected(10, 3)


def test_what_is_spent_beside_the_epochs_is_told_from_what_is_spent_in_them():
    fit = Fit(expected, measured(start=0.5, each=0.1, beside=1.5, factor=1.0))
    assert fit.seconds(16, 27) == pytest.approx(0.6 + 7.5 + 16 * 27, rel=0.1)
    assert fit.seconds(1, 1) == pytest.approx(0.1 + 7.5 + 1, rel=0.1)


def test_the_first_execution_of_a_network_builds_it():
    records = measured(start=2.0, each=0.1, beside=1.0, factor=1.0)
    alone, of_four = Fit(expected, records), Fit(expected, records, replicates=4)
    assert alone.seconds(2, 3) == pytest.approx(0.1 + 5 + 6, rel=0.1)
    assert alone.seconds(3, 3) == pytest.approx(2.1 + 5 + 9, rel=0.1)
    assert alone.seconds(3, 3) - of_four.seconds(3, 3) > 0.3


def test_executions_that_took_no_time_leave_none():
    for num in (3, 12):
        fit = Fit(expected, [record(cell, 1, 0.0) for cell in range(num)])
        assert fit.seconds(1, 1) == pytest.approx(0, abs=1e-6)
