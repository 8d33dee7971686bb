"""A study has the measure of chance that its executions allow, and says which."""

from itertools import product

import numpy as np
import pytest

from tuner.analysis.error_terms import error_terms
from tuner.analysis.joint import assess_jointly
from tuner.analysis.measuring import measure_chance

CODES = np.array(list(product(range(4), range(4))))
RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(16, 3))
STEPS = np.array([np.where(CODES[:, 0] == k, -1, CODES[:, 0] == k + 1) / 4 for k in range(3)])


def test_complete_replicates_are_compared_with_each_other():
    chance = measure_chance(VALUES, CODES, shared=True)
    np.testing.assert_allclose(chance.terms.of(STEPS).se, error_terms(VALUES, CODES).of(STEPS).se)
    assert chance.text.startswith("how much each difference varied between replicates")
    assert chance.strata.f.shape == (2,)


def test_two_replicates_are_said_to_be_two():
    assert "two replicates" in measure_chance(VALUES[:, :2], CODES, shared=True).text


def test_missing_executions_are_said_to_be_missing():
    values = VALUES.copy()
    values[3, 1] = np.nan
    chance = measure_chance(values, CODES, shared=True)
    assert "missing" in chance.text
    assert np.isfinite(chance.terms.of(STEPS).se).all()


def test_replicates_that_are_not_shared_are_no_pairs():
    values = VALUES.copy()
    values[3, 1] = np.nan
    chance = measure_chance(values, CODES, shared=False)
    shuffled = RNG.permuted(values, axis=1)
    again = measure_chance(shuffled, CODES, shared=False)
    np.testing.assert_allclose(again.terms.of(STEPS).se, chance.terms.of(STEPS).se)
    assert chance.strata is None


def test_cells_met_once_are_compared_with_what_effects_leave():
    values = np.full((16, 3), np.nan)
    values[:, 1] = VALUES[:, 1]
    chance = measure_chance(values, CODES, shared=True)
    assert "main effects leave" in chance.text
    assert chance.terms.of(STEPS).df == pytest.approx(9)
    assert measure_chance(values[:8], CODES[:8], shared=True) is None


@pytest.mark.parametrize("shared", [True, False])
def test_every_measure_tests_jointly(shared):
    planted = VALUES + 2 * CODES[:, :1]
    for values in (planted, planted[:, :1]):
        terms = measure_chance(values, CODES, shared=shared).terms
        assert assess_jointly(terms, STEPS).p < 1e-3
        assert terms.covariance(STEPS).shape == (3, 3)
