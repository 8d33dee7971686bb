"""A noisy cell is noisy by itself."""

import numpy as np
import pytest

from tuner.analysis.weighting import cell_variances

RNG = np.random.default_rng(0)
QUIET = RNG.normal(size=(12, 5)) + RNG.normal(size=5)


def test_a_wild_cell_does_not_leak_into_the_others():
    wild = QUIET.copy()
    wild[3] = 100 * RNG.normal(size=5)
    relative = cell_variances(wild).relative
    of_others = np.delete(relative, 3)
    assert relative[3] > 100 * of_others.max()
    without = cell_variances(np.delete(QUIET, 3, axis=0)).relative
    assert np.corrcoef(of_others, without)[0, 1] > 0.9


def test_a_wild_cell_knows_of_itself_alone():
    wild = QUIET.copy()
    wild[3] *= 100
    df = cell_variances(wild).df
    assert df[3] == pytest.approx(4)
    assert np.median(df) > 4.8


def test_what_replicates_share_is_no_variance_of_cells():
    shifted = QUIET + 50 * RNG.normal(size=5) + 30 * RNG.normal(size=(12, 1))
    np.testing.assert_allclose(
        cell_variances(shifted).relative, cell_variances(QUIET).relative, rtol=1e-8
    )


def test_cells_keep_their_variances_wherever_they_stand():
    order = RNG.permutation(12)
    np.testing.assert_allclose(
        cell_variances(QUIET[order][:, ::-1]).relative, cell_variances(QUIET).relative[order]
    )


def test_studies_are_apart():
    studies = np.stack([QUIET, QUIET**2])
    np.testing.assert_allclose(
        cell_variances(studies).relative, [cell_variances(one).relative for one in studies]
    )


def test_missing_executions_are_not_read():
    present = np.ones((12, 5), bool)
    present[0, 0] = present[4, 2] = False
    garbage = np.where(present, QUIET, 1e6)
    found, again = (cell_variances(v, present) for v in (garbage, np.where(present, QUIET, 0)))
    np.testing.assert_allclose(found.relative, again.relative)
    assert (found.df >= present.sum(axis=1) - 1).all()


def test_one_missing_execution_of_many_changes_little():
    values = RNG.normal(size=(12, 30))
    present = np.ones((12, 30), bool)
    present[0, 0] = False
    changed = cell_variances(values, present).relative / cell_variances(values).relative
    assert np.abs(changed - 1).max() < 0.2


def test_cells_that_never_vary_are_alike():
    np.testing.assert_allclose(cell_variances(np.ones((4, 3))).relative, 1)


def test_the_mean_cell_has_variance_one():
    assert cell_variances(QUIET).relative.mean() == pytest.approx(1)
