"""Cells met once are compared with what simpler effects leave of them."""

from itertools import product

import numpy as np
import pytest
from pandas import DataFrame
from statsmodels.formula.api import ols

from tuner.analysis.lack_of_fit import lack_of_fit

CODES = np.array(list(product(range(4), range(4))))
RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=16) + CODES[:, 0]
STEP = np.where(CODES[:, 0] == 0, -1, CODES[:, 0] == 1) / 4
WITHIN = np.where(CODES[:, 1] == 0, 4 * STEP, 0)


def test_a_step_is_that_of_the_regression():
    found = lack_of_fit(VALUES, CODES)
    rows = DataFrame({"a": CODES[:, 0], "b": CODES[:, 1], "y": VALUES})
    fit = ols("y ~ C(a) + C(b)", rows).fit()
    expected = fit.t_test("C(a)[T.1] = 0")
    error = found.of([STEP])
    assert found.estimate([STEP])[0] == pytest.approx(expected.effect[0])
    assert (error.se[0], error.df[0]) == pytest.approx((expected.sd[0, 0], 9))
    assert found.text == "what main effects leave of the cells (9 degrees of freedom)"


def test_a_step_within_a_level_is_not_answered_with_the_step_over_all():
    error = lack_of_fit(VALUES, CODES).of([WITHIN, STEP])
    assert np.isnan([error.se[0], error.df[0]]).all()
    assert np.isfinite(error.se[1])


def test_two_factor_terms_are_held_where_enough_is_left():
    codes = np.array(list(product(range(3), range(3), range(3), range(2))))
    found = lack_of_fit(RNG.normal(size=54), codes)
    assert found.text.startswith("what main effects and two-factor terms leave")
    assert found.df == 28
    within = np.where(codes[:, 0] == 0, -1, codes[:, 0] == 1) * (codes[:, 1] == 0) / 6
    assert np.isfinite(found.of([within]).se).all()


def test_too_few_cells_measure_no_error():
    assert lack_of_fit(VALUES[:12], CODES[:12]) is None
    assert lack_of_fit(VALUES[:4], CODES[:4, 1:]) is None


def test_the_covariance_has_the_squared_errors_on_its_diagonal():
    found = lack_of_fit(VALUES, CODES)
    assert found.covariance([STEP])[0, 0] == pytest.approx(found.of([STEP]).se[0] ** 2)
