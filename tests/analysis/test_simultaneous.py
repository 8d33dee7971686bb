"""Intervals that hold all contrasts of a family at once."""

import numpy as np
import pytest
from scipy import stats

from tuner.analysis.simultaneous import max_t


def test_independent_contrasts_of_known_error_need_sidak_s_level():
    found = max_t(np.diag([1.0, 4, 9, 16]), np.full(4, 1e6))
    assert found == pytest.approx(stats.norm.ppf(1 - (1 - 0.95 ** (1 / 4)) / 2), rel=0.01)


def test_dunnett_s_comparisons_have_dunnett_s_quantile():
    """Three treatments against a control, 20 degrees of freedom: 2.54 (Dunnett 1964, table II)."""
    covariance = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    assert max_t(covariance, np.full(3, 20.0)) == pytest.approx(2.54, abs=0.04)


def test_it_is_the_multivariate_t():
    root = np.random.default_rng(0).normal(size=(3, 3))
    covariance, df = root @ root.T, 8.0
    scale = np.sqrt(np.diag(covariance))
    quantile = max_t(covariance, np.full(3, df))[0]
    shape = covariance / np.outer(scale, scale)
    inside = stats.multivariate_t(shape=shape, df=df, seed=1).cdf(
        np.full(3, quantile), lower_limit=np.full(3, -quantile), random_state=1
    )
    assert inside == pytest.approx(0.95, abs=0.005)


def test_contrasts_of_fewer_degrees_of_freedom_are_widened_more_to_one_level():
    df = np.array([3.0, 10, 40])
    found = max_t(np.eye(3), df)
    levels = 2 * stats.t.sf(found, df)
    np.testing.assert_allclose(levels, levels[0])
    assert 0.05 / 3 < levels[0] < 0.05


def test_one_contrast_and_its_copies_have_a_single_interval():
    assert max_t(np.ones((3, 3)), np.full(3, 7.0)) == pytest.approx(stats.t.ppf(0.975, 7), rel=0.02)
