"""Several contrasts at once: does any of them differ from zero?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from tuner.analysis.least_squares import Floats
from tuner.analysis.spreads import Spreads, Terms, dense


@dataclass(frozen=True)
class JointTest:
    """An F test; leading axes are studies."""

    f: Floats  # NaN where nothing varies
    df: Floats  # of the contrasts
    df_error: Floats
    p: Floats


def assess_jointly(terms: Terms, weights: Any) -> JointTest:
    """Test whether all contrasts are zero, such as the rectangles of an interaction.

    The mean square of the contrasts against that of their differences between replicates: their
    own stratum, moderated as that of a single contrast. The degrees of freedom are Box's (1954,
    Annals of Mathematical Statistics 25; Brunner, Dette and Munk 1997, Journal of the American
    Statistical Association 92), which hold where cells vary unequally; with equal variances and
    nothing missing this is the F of an analysis of variance.

    Args:
        terms: what the study's errors are made of (`Model.errors`).
        weights: contrasts x cells; what they span is tested, not how they are chosen.
    """
    rows = dense(weights)
    _, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    basis = directions[sizes > 1e-9 * max(sizes.max(initial=0), 1e-300)]
    spreads, covariance = terms.spreads(basis), terms.covariance(basis)
    total = np.trace(covariance, axis1=-2, axis2=-1)
    df = total**2 / np.maximum((covariance**2).sum(axis=(-2, -1)), 1e-300)
    df = np.where(total > 0, df, len(basis))
    whole = Spreads(
        own=spreads.own.sum(axis=-1),
        own_df=df * spreads.own_df.mean(axis=-1),
        predicted=spreads.predicted.sum(axis=-1),
        predicted_df=spreads.predicted_df.max(axis=-1),
        prior_df=spreads.prior_df.min(axis=-1),
    )
    error = whole.steady()
    squares = (terms.estimate(basis) ** 2).sum(axis=-1)
    f = np.divide(squares, error.se**2, out=np.full_like(df, np.nan), where=error.se > 0)
    return JointTest(f, df, error.df, np.asarray(stats.f.sf(f, df, error.df)))
