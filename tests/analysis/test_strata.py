"""Replicate x factor is told from the rest of replicate x cell, as in an analysis of variance."""

from itertools import product

import numpy as np
import pytest
from pandas import DataFrame
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from tuner.analysis.error_terms import error_terms

CODES = np.array(list(product(range(3), range(4))))
RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(12, 4)) + 2 * RNG.normal(size=(3, 4))[CODES[:, 0]]


def anova(values, codes):
    rows = [
        {"a": a, "b": b, "r": r, "y": values[cell, r]}
        for cell, (a, b) in enumerate(codes)
        for r in range(values.shape[1])
    ]
    model = ols("y ~ C(a) * C(b) + C(r) + C(r):C(a) + C(r):C(b)", DataFrame(rows)).fit()
    return anova_lm(model)


def unexplained(values, codes, factors):
    """The sum of squares beyond cells and replicate x factors, and its df, from all dummies."""
    cell, replicate = (grid.ravel() for grid in np.indices(values.shape))
    groups = [cell, replicate, *(10 * codes[cell, factor] + replicate for factor in factors)]
    dummies = np.hstack([group[:, None] == np.unique(group) for group in groups]).astype(float)
    fitted = dummies @ np.linalg.pinv(dummies) @ values.ravel()
    return ((values.ravel() - fitted) ** 2).sum(), len(cell) - np.linalg.matrix_rank(dummies)


def test_strata_are_those_of_an_analysis_of_variance():
    table, strata = anova(VALUES, CODES), error_terms(VALUES, CODES).strata
    terms = ["C(r):C(a)", "C(r):C(b)"]
    np.testing.assert_allclose(strata.mean_squares, table.loc[terms, "mean_sq"])
    np.testing.assert_allclose(strata.dfs, table.loc[terms, "df"])
    np.testing.assert_allclose(strata.f, table.loc[terms, "F"])
    np.testing.assert_allclose(strata.p, table.loc[terms, "PR(>F)"])
    assert strata.rest == pytest.approx(table.loc["Residual", "mean_sq"])
    assert strata.rest_df == table.loc["Residual", "df"]
    np.testing.assert_allclose(strata.sizes, [4, 3])


def test_around_a_hole_each_factor_is_adjusted_for_the_other():
    kept = np.arange(12) != 5
    strata = error_terms(VALUES[kept], CODES[kept]).strata
    rest, rest_df = unexplained(VALUES[kept], CODES[kept], (0, 1))
    assert strata.rest == pytest.approx(rest / rest_df)
    for factor, other in ((0, 1), (1, 0)):
        left, left_df = unexplained(VALUES[kept], CODES[kept], (other,))
        mean_square = (left - rest) / (left_df - rest_df)
        assert strata.mean_squares[factor] == pytest.approx(mean_square)


def test_a_stratum_holds_its_factor_s_variance_once_a_cell_of_its_level():
    """Planted: variance 2 at each level and replicate, nothing else; around a hole too."""
    kept = np.arange(12) != 5
    planted = np.sqrt(2) * RNG.normal(size=(4000, 3, 4))[:, CODES[:, 0]]
    strata = error_terms(planted[:, kept], CODES[kept]).strata
    expected = 2 * strata.sizes[0]
    assert strata.mean_squares[:, 0].mean() == pytest.approx(expected, rel=0.05)


def test_one_factor_has_no_stratum_beside_the_rest():
    strata = error_terms(VALUES[:4], CODES[:4, 1:]).strata
    residuals = VALUES[:4] - VALUES[:4].mean(axis=1, keepdims=True)
    residuals -= residuals.mean(axis=0)
    assert strata.rest == pytest.approx((residuals**2).sum() / 9)
    assert (strata.rest_df, list(strata.dfs)) == (9, [0])
    assert np.isnan(strata.p).all()


def test_a_factor_that_goes_with_another_has_no_stratum():
    strata = error_terms(VALUES, np.column_stack([CODES, CODES[:, 0]])).strata
    np.testing.assert_array_equal(strata.dfs, [0, 9, 0])


def test_strata_below_the_rest_are_pooled_in_rising_order():
    strata = error_terms(VALUES, CODES).strata
    squares, df = strata.rest * strata.rest_df, strata.rest_df
    for own, own_df in sorted(zip(strata.mean_squares, strata.dfs, strict=True)):
        if own < squares / df:
            squares, df = squares + own * own_df, df + own_df
    assert strata.pooled == pytest.approx((squares / df, df))


def test_the_prediction_of_a_main_effect_is_its_stratum_and_of_a_rectangle_the_rest():
    strata = error_terms(VALUES, CODES).strata
    shares = np.array([[1, 0], [0, 0], [1 / 4, 0]])
    variance, df = strata.predict(shares, np.ones(3))
    stratum, pooled = strata.mean_squares[0], strata.pooled[0]
    assert stratum > 3 * pooled  # as planted
    mixed = stratum / 4 + 0.75 * strata.rest
    np.testing.assert_allclose(variance, [stratum, strata.rest, mixed])
    assert df[1] == strata.rest_df
    assert strata.dfs[0] <= df[0] <= 1.4 * strata.dfs[0]


def test_nothing_that_varies_is_no_error():
    strata = error_terms(np.ones((12, 3)), CODES).strata
    assert strata.rest == 0
    assert np.isnan(strata.f).all()
