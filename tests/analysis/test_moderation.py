"""Variances are drawn to what they have in common as far as they are alike."""

import numpy as np
import pytest
from scipy import stats

from tuner.analysis.moderation import CANDIDATES, estimate_prior, moderate, plausibility


def brute_force(variances, df):
    """The posterior mean of 1 / d0, from scipy's densities."""
    likelihood = []
    for d0 in CANDIDATES:
        expected = [stats.loggamma(d / 2).mean() + np.log(2 / d) for d in (df, d0)]
        prior = np.exp(np.mean(np.log(variances)) - expected[0] + expected[1])
        density = stats.f(df, d0, scale=prior).logpdf(variances)
        likelihood.append(density.sum())
    alike = stats.gamma(df / 2, scale=2 * variances.mean() / df).logpdf(variances)
    likelihood = np.array([*likelihood, alike.sum()])
    weight = np.exp(likelihood - likelihood.max())
    return 1 / (weight @ np.append(1 / CANDIDATES, 0) / weight.sum())


@pytest.mark.parametrize("df", [1, 2, 9])
@pytest.mark.parametrize("prior_df", [1.0, 4.0, np.inf])
def test_the_prior_is_the_posterior_mean_of_its_inverse(df, prior_df):
    rng = np.random.default_rng(0)
    between = 1 if np.isinf(prior_df) else prior_df / rng.chisquare(prior_df, 30)
    variances = 7 * between * rng.chisquare(df, 30) / df
    found, prior = estimate_prior(variances, df)
    assert found == pytest.approx(brute_force(variances, df))
    assert 2 < prior < 25


def test_equal_variances_are_known_better_than_different_ones():
    rng = np.random.default_rng(1)
    alike = rng.chisquare(9, (200, 40)) / 9
    different = alike * 5 / rng.chisquare(5, (200, 40))
    found = [np.median(estimate_prior(variances, 9)[0]) for variances in (alike, different)]
    assert found[0] > 40
    assert 3.5 < found[1] < 7


def test_units_do_not_matter_and_scale_the_prior():
    variances = np.random.default_rng(2).chisquare(2, 20)
    (prior_df, prior), (again, scaled) = (estimate_prior(x, 2) for x in (variances, 9 * variances))
    assert again == pytest.approx(prior_df)
    assert scaled == pytest.approx(9 * prior)


def test_families_along_leading_axes_are_apart():
    variances = np.random.default_rng(3).chisquare(2, (3, 20))
    together = estimate_prior(variances, 2)
    apart = [estimate_prior(family, 2) for family in variances]
    np.testing.assert_allclose(np.array(together).T, apart)


def test_variances_without_degrees_of_freedom_say_nothing():
    variances, df = np.array([1.0, 2, 3, 99]), np.array([2, 3, 4, 0])
    assert estimate_prior(variances, df) == estimate_prior(variances[:3], df[:3])


def test_a_single_variance_is_its_own_prior():
    assert estimate_prior([3.0], 2) == (np.inf, 3.0)


def test_no_variation_at_all_is_no_error():
    prior_df, prior = estimate_prior(np.zeros(5), 2)
    assert prior_df > 0
    assert prior == pytest.approx(0)


def test_a_variance_and_its_prior_weigh_what_they_know():
    assert moderate(1.0, 2, 6, 5.0) == pytest.approx((2 * 1 + 6 * 5) / 8)
    assert moderate(1.0, 2, np.inf, 5.0) == 5.0
    assert moderate(1.0, 2, 0, 5.0) == 1.0


def test_predictions_lose_weight_only_where_they_are_exceeded():
    assert plausibility(0.2, 2, 1.0) == 1
    exceeded = plausibility(np.array([1.5, 3.0, 9.0]), 2, 1.0)
    assert (np.diff(exceeded) < 0).all()
    likelihoods = [stats.gamma(1, scale=scale).pdf(3.0) for scale in (1.0, 3.0)]
    assert exceeded[1] == pytest.approx(likelihoods[0] / likelihoods[1])
