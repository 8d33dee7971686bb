"""Several contrasts at once."""

from itertools import product

import numpy as np
import pytest
from pandas import DataFrame
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from tuner.analysis.error_terms import error_terms
from tuner.analysis.incomplete import incomplete_terms
from tuner.analysis.joint import assess_jointly

CODES = np.array(list(product(range(3), range(4))))
RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(12, 4)) + RNG.normal(size=(12, 1))
STEPS = np.array([np.where(CODES[:, 0] == k, -1, CODES[:, 0] == k + 1) / 4 for k in range(2)])
RECTANGLES = np.array(
    [
        np.where(CODES[:, 1] == b, step, np.where(CODES[:, 1] == b + 1, -step, 0))
        for step in STEPS
        for b in range(3)
    ]
)


def test_an_interaction_is_compared_with_its_own_stratum():
    rows = [(a, b, r, VALUES[cell, r]) for cell, (a, b) in enumerate(CODES) for r in range(4)]
    model = "y ~ C(a) * C(b) + C(r) + C(r):C(a) + C(r):C(b)"
    table = anova_lm(ols(model, DataFrame(rows, columns=["a", "b", "r", "y"])).fit())
    found = assess_jointly(error_terms(VALUES, CODES), RECTANGLES)
    assert found.f == pytest.approx(table.loc["C(a):C(b)", "F"])
    assert 4 < found.df <= 6  # Box's, for what spread the cells seem to have
    assert found.p == pytest.approx(table.loc["C(a):C(b)", "PR(>F)"], rel=0.5)


def test_what_contrasts_span_is_tested_and_not_how_they_are_chosen():
    terms = error_terms(VALUES, CODES)
    mixed = RNG.normal(size=(9, 6)) @ RECTANGLES
    found, again = assess_jointly(terms, mixed), assess_jointly(terms, RECTANGLES)
    np.testing.assert_allclose(
        [found.f, found.df, found.p], [again.f, again.df, again.p], rtol=1e-6
    )


def test_one_contrast_is_its_t_test():
    terms = error_terms(VALUES, CODES)
    found, error = assess_jointly(terms, STEPS[:1]), terms.of(STEPS[:1])
    assert found.f == pytest.approx((terms.estimate(STEPS[:1])[0] / error.se[0]) ** 2)
    assert (found.df, found.df_error) == pytest.approx((1, error.df[0]))


@pytest.mark.parametrize("missing", [False, True])
def test_where_nothing_is_little_is_found(missing):
    values = RNG.normal(size=(1000, 12, 3)) + RNG.normal(size=(1000, 3, 3))[:, CODES[:, 0]]
    if missing:
        values[:, [0, 5], [1, 2]] = np.nan
    terms = (incomplete_terms if missing else error_terms)(values, CODES)
    for weights in (STEPS, RECTANGLES):
        assert 0.01 < (assess_jointly(terms, weights).p < 0.05).mean() < 0.085


def test_where_nothing_varies_there_is_no_test():
    assert np.isnan(assess_jointly(error_terms(np.ones((12, 3)), CODES), STEPS).p)
