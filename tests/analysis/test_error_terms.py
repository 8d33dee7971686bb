"""A contrast's error: its own spread between replicates, steadied by how much its kind varied."""

import time
from itertools import product

import numpy as np
import pytest
from scipy import sparse, stats

from tuner.analysis.error_terms import error_terms
from tuner.analysis.incomplete import incomplete_terms
from tuner.analysis.moderation import estimate_prior, plausibility

SIZES = (3, 4)
CODES = np.array(list(product(*map(range, SIZES))))
RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(12, 4)) + RNG.normal(size=(3, 4))[CODES[:, 0]] + RNG.normal(size=4)
STEP = np.where(CODES[:, 0] == 0, -1, CODES[:, 0] == 1) / 4
WITHIN = np.where(CODES[:, 1] == 2, 4 * STEP, 0)
RECTANGLE = WITHIN - np.roll(WITHIN, 1)
SLOPE = (CODES[:, 1] - 1.5) / 15
WEIGHTS = np.array([STEP, WITHIN, RECTANGLE, SLOPE])
LENGTHS = (WEIGHTS**2).sum(axis=1)


def by_hand(values, weights, factor, share):
    """The rule in plain arithmetic, for one contrast of a 3 x 4 study."""
    terms, num_replicates = error_terms(values, CODES), values.shape[1]
    d, strata, relative = num_replicates - 1, terms.strata, terms.cells.relative
    pooled, pooled_df = strata.pooled
    stratum = max(strata.mean_squares[factor], pooled)
    stratum_df = strata.dfs[factor] * (1 + 3 * (pooled / stratum) ** 2)
    stratum_df = min(stratum_df, max(pooled_df, strata.dfs[factor]))
    u = weights / np.sqrt((weights**2).sum())
    noise = (u**2 * relative).sum()
    predicted = share * (stratum - pooled)
    predicted += (share * pooled + (1 - share) * strata.rest) * noise
    parts = share * stratum, (1 - share) * strata.rest
    df = sum(parts) ** 2 / (parts[0] ** 2 / stratum_df + parts[1] ** 2 / strata.rest_df)
    cells_df = noise**2 / ((u**2 * relative) ** 2 / terms.cells.df).sum()
    df = max(d, 1 / (1 / df + 1 / cells_df))
    own = np.var(u @ values, ddof=1)
    prior_df = min(terms.prior_dfs[factor], df) * plausibility(own, d, predicted) ** 2
    variance = (prior_df * predicted + d * own) / (prior_df + d)
    return np.sqrt(variance * (weights**2).sum() / num_replicates), min(prior_df + d, df)


@pytest.mark.parametrize(
    ("weights", "factor", "share"), [(STEP, 0, 1), (WITHIN, 0, 1 / 4), (SLOPE, 1, 1)]
)
def test_an_error_is_that_of_the_rule_in_plain_arithmetic(weights, factor, share):
    error = error_terms(VALUES, CODES).of(weights[None])
    assert (error.se[0], error.df[0]) == pytest.approx(by_hand(VALUES, weights, factor, share))


def test_contrasts_along_a_factor_say_how_alike_they_are():
    """Every level against those before it, within each level of the other factor."""
    terms = error_terms(VALUES, CODES)
    spreads = []
    for width, depth in product(range(4), (1, 2)):
        weights = np.where(CODES[:, 0] == depth, 1, (CODES[:, 0] < depth) / -depth)
        weights = np.where(CODES[:, 1] == width, weights, 0)
        expected = (weights**2 * terms.cells.relative).sum()
        spreads.append(np.var(weights @ VALUES, ddof=1) / expected)
    assert terms.prior_dfs[0] == pytest.approx(estimate_prior(spreads, 3)[0])


def test_a_rectangle_takes_the_smaller_prior_of_its_factors():
    terms = error_terms(VALUES, CODES)
    assert terms.spreads(RECTANGLE[None]).prior_df == pytest.approx(terms.prior_dfs.min())


def test_own_spreads_are_variances_between_replicates():
    spreads = error_terms(VALUES, CODES).spreads(WEIGHTS)
    np.testing.assert_allclose(spreads.own, np.var(WEIGHTS @ VALUES, axis=1, ddof=1) / 4)
    np.testing.assert_allclose(spreads.own_df, 3)


def test_nothing_depends_on_the_order_of_rows_replicates_and_factors():
    rows, replicates = RNG.permutation(12), RNG.permutation(4)
    expected = error_terms(VALUES, CODES).of(WEIGHTS)
    turned = error_terms(VALUES[rows][:, replicates], CODES[rows][:, ::-1]).of(WEIGHTS[:, rows])
    np.testing.assert_allclose(turned.se, expected.se)
    np.testing.assert_allclose(turned.df, expected.df)


def test_names_of_levels_do_not_matter():
    expected = error_terms(VALUES, CODES).of(WEIGHTS)
    renamed = error_terms(VALUES, 7 * CODES - 3).of(WEIGHTS)
    np.testing.assert_allclose(renamed.se, expected.se)


def test_effects_and_shifts_of_replicates_do_not_matter_and_units_scale():
    expected = error_terms(VALUES, CODES).of(WEIGHTS)
    shifted = VALUES + RNG.normal(size=(12, 1)) + 9 * RNG.normal(size=4)
    found = error_terms(100 * shifted, CODES).of(WEIGHTS)
    np.testing.assert_allclose(found.se, 100 * expected.se)
    np.testing.assert_allclose(found.df, expected.df)


def test_errors_scale_with_weights_dense_or_sparse():
    terms = error_terms(VALUES, CODES)
    found = terms.of(sparse.csr_array(3 * WEIGHTS))
    np.testing.assert_allclose(found.se, 3 * terms.of(WEIGHTS).se)


def test_studies_analysed_at_once_are_apart():
    studies = np.stack([VALUES, VALUES**2, np.ones_like(VALUES)])
    together = error_terms(studies, CODES).of(WEIGHTS)
    apart = [error_terms(one, CODES).of(WEIGHTS) for one in studies]
    np.testing.assert_allclose(together.se, [error.se for error in apart])
    np.testing.assert_allclose(together.df, [error.df for error in apart])


def test_replicates_that_differ_in_their_slopes_are_heard():
    """Ten replicates say so; the other differences between levels must not average it away."""
    codes = np.array(list(product(range(8), range(8))))
    slope = (codes[:, 0] - 3.5) / 42 / 8
    values = RNG.normal(size=(64, 10)) + np.outer(codes[:, 0] - 3.5, RNG.normal(size=10))
    error = error_terms(values, codes).of(slope[None])
    own = np.std(slope @ values, ddof=1) / np.sqrt(10)
    assert error.se[0] == pytest.approx(own, rel=0.02)
    assert error.df[0] == pytest.approx(9, abs=0.5)


def test_one_factor_is_compared_with_all_that_replicates_leave():
    values, codes = VALUES[:3], np.arange(3)[:, None]
    spreads = error_terms(values, codes).spreads([[-1, 1, 0], [0, -1, 1]])
    assert (spreads.predicted_df < 6).all()
    relative = error_terms(values, codes).cells.relative
    rest = error_terms(values, codes).strata.rest
    expected = rest * np.array([relative[:2].sum(), relative[1:].sum()]) / 4
    np.testing.assert_allclose(spreads.predicted, expected)


def test_executions_that_never_differ_have_no_error():
    error = error_terms(np.ones((12, 3)), CODES).of(WEIGHTS)
    np.testing.assert_array_equal(error.se, 0)
    assert (error.df >= 2).all()


def test_two_cells_are_compared_by_a_paired_t_test():
    terms = error_terms(VALUES[:2], [[0], [1]])
    error = terms.of([[-1, 1]])
    paired = stats.ttest_rel(VALUES[1], VALUES[0])
    assert terms.estimate([[-1, 1]])[0] / error.se[0] == pytest.approx(paired.statistic)
    assert error.df[0] == pytest.approx(paired.df)


@pytest.mark.parametrize("estimate_terms", [error_terms, incomplete_terms])
def test_a_contrast_of_no_cells_has_no_error_and_no_contrast_is_none(estimate_terms):
    terms = estimate_terms(VALUES, CODES)
    with_nothing = terms.of(np.vstack([0 * STEP, STEP]))
    assert with_nothing.se[0] == 0
    assert with_nothing.se[1] == pytest.approx(terms.of(STEP[None]).se[0])
    assert terms.of(WEIGHTS[:0]).se.shape == (0,)


def test_ten_thousand_cells_are_no_matrix_of_themselves():
    codes = np.array(list(product(range(100), range(100))))
    weights = np.zeros((200, 10_000))
    weights[np.arange(200), np.arange(200)] = -1
    weights[:, 5000] = 1
    start = time.process_time()
    error = error_terms(RNG.normal(size=(10_000, 20)), codes).of(weights)
    assert time.process_time() - start < 5
    assert error.se.mean() == pytest.approx(np.sqrt(2 / 20), rel=0.05)


def test_the_predicted_covariance_has_the_predictions_on_its_diagonal():
    """But for the rest of replicate x cell, which a covariance takes pooled."""
    terms = error_terms(VALUES, CODES)
    main = WEIGHTS[[0, 3]]
    covariance = terms.covariance(main)
    np.testing.assert_allclose(np.diag(covariance), terms.spreads(main).predicted)
    assert terms.covariance(WEIGHTS)[1, 0] > 0


def test_complete_replicates_are_a_case_of_incomplete_ones():
    general, special = incomplete_terms(VALUES, CODES), error_terms(VALUES, CODES)
    for field in ("se", "df"):
        np.testing.assert_allclose(
            getattr(general.of(WEIGHTS), field), getattr(special.of(WEIGHTS), field)
        )
    np.testing.assert_allclose(general.covariance(WEIGHTS), special.covariance(WEIGHTS))
    np.testing.assert_allclose(general.estimate(WEIGHTS), special.estimate(WEIGHTS))
