"""The error that omitted terms make, held against the likelihood and covariance written out."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import ortho_group

from tuner.analysis.left_out import estimate_left_out


@pytest.fixture(params=[0, 1, 2])
def design(request):
    """Basis of a model, omitted columns, and what was observed."""
    rng = np.random.default_rng(request.param)
    basis = ortho_group.rvs(60, random_state=request.param)[:, :12]
    omitted = rng.normal(size=(60, 25))
    observed = 0.4 * omitted @ rng.normal(size=25) + 1.5 * rng.normal(size=60)
    return basis, omitted, observed - basis @ (basis.T @ observed)


def test_variances_and_their_information_are_those_of_the_restricted_likelihood(design):
    basis, omitted, residuals = design
    outside = np.linalg.svd(basis)[0][:, 12:]
    parts = [np.eye(48), outside.T @ omitted @ omitted.T @ outside]
    rotated = outside.T @ residuals

    def badness(log_variances):
        own, terms = np.exp(log_variances)
        covariance = own * parts[0] + terms * parts[1]
        return np.linalg.slogdet(covariance)[1] + rotated @ np.linalg.solve(covariance, rotated)

    best = np.exp(minimize(badness, [0, -1], method="Nelder-Mead", options={"xatol": 1e-7}).x)
    found = estimate_left_out(basis, omitted, residuals)
    assert (found.own, found.terms) == pytest.approx(tuple(best), rel=1e-3)
    inverse = np.linalg.inv(found.own * parts[0] + found.terms * parts[1])
    information = [[np.trace(inverse @ a @ inverse @ b) / 2 for b in parts] for a in parts]
    assert found.information == pytest.approx(np.array(information))


def test_the_covariance_of_contrasts_is_written_out(design):
    basis, omitted, residuals = design
    found = estimate_left_out(basis, omitted, residuals)
    of_cells = found.own * np.eye(60) + found.terms * omitted @ omitted.T
    assert found.covariance(basis.T, omitted) == pytest.approx(basis.T @ of_cells @ basis)


def test_without_omitted_terms_it_is_the_residual_mean_square_and_its_degrees_of_freedom(design):
    basis, _, residuals = design
    nothing = np.empty((60, 0))
    found = estimate_left_out(basis, nothing, residuals)
    assert found.own == pytest.approx(residuals @ residuals / 48)
    assert found.df(basis.T, nothing) == pytest.approx(48)


def test_a_cells_own_part_is_never_less_than_chance(design):
    basis, omitted, residuals = design
    assert estimate_left_out(basis, omitted, residuals, least_own=100.0).own == 100.0


def test_perfect_fits_have_no_error():
    basis = np.eye(20)[:, :5]
    found = estimate_left_out(basis, np.ones((20, 2)), np.zeros(20))
    assert found.covariance(basis.T, np.ones((20, 2))) == pytest.approx(np.zeros((5, 5)))
