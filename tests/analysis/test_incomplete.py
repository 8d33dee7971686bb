"""Where executions are missing, a contrast's own spread is cluster-robust by replicate (CR2)."""

from itertools import product

import numpy as np
import pytest
from pandas import DataFrame
from statsmodels.formula.api import ols

from tuner.analysis import incomplete
from tuner.analysis.incomplete import incomplete_terms

CODES = np.array(list(product(range(3), range(4))))
RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(12, 5)) + RNG.normal(size=5)
VALUES[0, 0] = VALUES[5, 2] = VALUES[7, 1] = VALUES[7, 2] = np.nan
STEP = np.where(CODES[:, 0] == 0, -1, CODES[:, 0] == 1) / 4
WITHIN = np.where(CODES[:, 1] == 3, 4 * STEP, 0)
WEIGHTS = np.array([STEP, WITHIN, WITHIN - np.roll(WITHIN, 1)])


def regression():
    cell, replicate = np.nonzero(np.isfinite(VALUES))
    rows = DataFrame({"cell": cell, "replicate": replicate, "y": VALUES[cell, replicate]})
    return rows, ols("y ~ C(cell) - 1 + C(replicate)", rows).fit()


def cr2():
    """Squared errors and degrees of freedom from the matrices of Pustejovsky and Tipton (2018)."""
    rows, fit = regression()
    inverse = np.linalg.pinv(fit.model.exog)
    left = np.eye(len(rows)) - fit.model.exog @ inverse
    influence = WEIGHTS @ inverse[:12]
    squares, vectors = np.zeros(len(WEIGHTS)), []
    for replicate in range(5):
        its = (rows["replicate"] == replicate).to_numpy()
        roots, turned = np.linalg.eigh(left[np.ix_(its, its)])
        roots = np.where(roots > 1e-9, np.maximum(roots, 1e-9) ** -0.5, 0)
        adjusted = influence[:, its] @ (turned * roots) @ turned.T
        squares += (adjusted @ fit.resid[its]) ** 2
        vectors.append(adjusted @ left[its])
    between = np.einsum("ikn,jkn->kij", vectors, vectors)
    df = np.trace(between, axis1=1, axis2=2) ** 2 / (between**2).sum(axis=(1, 2))
    return squares, df


def test_estimates_are_those_of_least_squares():
    fit = regression()[1]
    expected = WEIGHTS @ fit.params[:12]
    np.testing.assert_allclose(incomplete_terms(VALUES, CODES).estimate(WEIGHTS), expected)


def test_own_spreads_are_cluster_robust():
    spreads = incomplete_terms(VALUES, CODES).spreads(WEIGHTS)
    squares, df = cr2()
    np.testing.assert_allclose(spreads.own, squares)
    np.testing.assert_allclose(spreads.own_df, df)
    assert (df < 4).all()


def test_shortcuts_for_many_cells_and_replicates_are_close(monkeypatch):
    codes = np.array(list(product(range(8), range(10))))
    values = RNG.normal(size=(80, 12))
    values[RNG.random(values.shape) < 0.1] = np.nan
    weights = np.where(codes[:, 0] == 0, -1, codes[:, 0] == 1)[None] / 10
    exact = incomplete_terms(values, codes).spreads(weights)
    monkeypatch.setattr(incomplete, "LARGE", 10)
    monkeypatch.setattr(incomplete, "MANY", 10)
    quick = incomplete_terms(values, codes).spreads(weights)
    assert quick.own == pytest.approx(exact.own, rel=0.03)
    assert quick.own_df == pytest.approx(exact.own_df, rel=0.1)


def test_without_strata_an_error_is_a_contrast_s_own(monkeypatch):
    monkeypatch.setattr(incomplete, "MOST_WORK", 0)
    terms = incomplete_terms(VALUES, CODES)
    error, (squares, df) = terms.of(WEIGHTS), cr2()
    np.testing.assert_allclose(error.se, np.sqrt(squares))
    np.testing.assert_allclose(error.df, df)


def test_the_predicted_covariance_has_the_predictions_on_its_diagonal():
    terms = incomplete_terms(VALUES, CODES)
    found, expected = terms.covariance(WEIGHTS[:1]), terms.spreads(WEIGHTS[:1]).predicted
    np.testing.assert_allclose(np.diag(found), expected, rtol=0.1)


def test_planted_strata_are_predicted_without_bias():
    """Replicate x depth of variance 2, executions of variance 1."""
    present = np.isfinite(VALUES)
    values = RNG.normal(size=(3000, 12, 5))
    values += np.sqrt(2) * RNG.normal(size=(3000, 3, 5))[:, CODES[:, 0]]
    terms = incomplete_terms(np.where(present, values, np.nan), CODES)
    spreads = terms.spreads(WEIGHTS)
    truth = terms.estimate(WEIGHTS).var(axis=0)
    np.testing.assert_allclose(spreads.predicted.mean(axis=0), truth, rtol=0.15)
    np.testing.assert_allclose(spreads.own.mean(axis=0), truth, rtol=0.15)


def test_nothing_depends_on_the_order_of_rows_and_replicates():
    rows, replicates = RNG.permutation(12), RNG.permutation(5)
    expected = incomplete_terms(VALUES, CODES).of(WEIGHTS)
    found = incomplete_terms(VALUES[rows][:, replicates], CODES[rows]).of(WEIGHTS[:, rows])
    np.testing.assert_allclose(found.se, expected.se)
    np.testing.assert_allclose(found.df, expected.df)


def test_many_contrasts_are_taken_in_parts(monkeypatch):
    expected = incomplete_terms(VALUES, CODES).of(WEIGHTS)
    monkeypatch.setattr(incomplete, "AT_ONCE", 1)
    np.testing.assert_allclose(incomplete_terms(VALUES, CODES).of(WEIGHTS).se, expected.se)
