"""Without shared replicates an error is Welch's."""

import numpy as np
import pytest
from scipy import stats

from tuner.analysis.within_cells import within_cells

RNG = np.random.default_rng(0)
CELL = np.repeat([0, 1, 2], [4, 7, 5])
VALUES = RNG.normal(size=16) * np.array([1, 3, 0.3])[CELL]


def test_a_difference_of_two_cells_is_welch_s():
    terms = within_cells(VALUES, CELL)
    error = terms.of([[-1, 1, 0]])
    welch = stats.ttest_ind(VALUES[CELL == 1], VALUES[CELL == 0], equal_var=False)
    assert error.df[0] == pytest.approx(welch.df)
    assert terms.estimate([[-1, 1, 0]])[0] / error.se[0] == pytest.approx(welch.statistic)


def test_a_mean_is_that_of_its_cell():
    error = within_cells(VALUES, CELL).of([[0, 0, 1]])
    assert (error.se[0], error.df[0]) == pytest.approx((stats.sem(VALUES[CELL == 2]), 4))


def test_a_single_execution_has_no_error():
    error = within_cells(VALUES[:12], np.append(CELL[:11], 2)).of([[-1, 1, 0], [0, -1, 1]])
    assert np.isfinite(error.se[0])
    assert np.isnan(error.se[1])


def test_the_covariance_has_the_squared_errors_on_its_diagonal():
    terms, weights = within_cells(VALUES, CELL), [[-1, 1, 0], [0, -1, 1]]
    covariance = terms.covariance(weights)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), terms.of(weights).se)
    assert covariance[0, 1] == pytest.approx(-(stats.sem(VALUES[CELL == 1]) ** 2))


def test_studies_analysed_at_once_are_apart():
    together = within_cells(np.stack([VALUES, VALUES**2]), CELL).of([[-1, 1, 0]])
    assert together.se[1] == pytest.approx(within_cells(VALUES**2, CELL).of([[-1, 1, 0]]).se)
