"""Least squares of `value ~ C(large) + C(small)` without a matrix of dummies.

The side with more levels is eliminated from the normal equations, which leaves a small dense
system (Searle 1971, Linear Models, section 7.1); so 200,000 executions of 10,000 cells are solved
in a second. That the numbers are those of `statsmodels.OLS` and its `t_test` is held by tests.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class TwoWayFit:
    """A fit of one coefficient a level of either side, (X'X)^- in three pieces.

    An execution is a row of X; `large` and `small` are its levels on the two sides.
    """

    large: Codes
    small: Codes
    size: Floats  # executions of each large level
    shares: Any  # sparse, large x small: what share of a large level's executions a small one has
    inverse: Floats  # small x small: the normal equations' inverse once `large` is eliminated
    totals: tuple[Floats, Floats]  # summed values of each large, each small level
    residuals: Floats  # one an execution
    df: int  # residual degrees of freedom
    component: tuple[Codes, Codes]  # of each level: only levels of one component can be compared

    def spread(self, of_large: Any, of_small: Floats) -> tuple[Floats, Floats]:
        """Multiply linear combinations of the coefficients (one a row) by (X'X)^-."""
        small = (of_small - of_large @ self.shares) @ self.inverse
        large = np.asarray(of_large / self.size[None, :] - (self.shares @ small.T).T)
        return large, small

    def leverages(self) -> Floats:
        """Compute the diagonal of X (X'X)^- X', one an execution."""
        product = self.shares @ self.inverse
        own = np.asarray(self.shares.multiply(product).sum(axis=1)).ravel()
        return np.asarray(
            1 / self.size[self.large]
            + own[self.large]
            + np.diag(self.inverse)[self.small]
            - 2 * product[self.large, self.small]
        )


def fit_two_way(large: Codes, small: Codes, value: Floats) -> TwoWayFit:
    """Fit both sides' coefficients by least squares.

    Args:
        large: the level of each execution on the side with more levels, as a code from 0.
        small: the same on the other side; all zeros make it a fit of one mean a large level.
        value: what was observed.
    """
    counts = sparse.coo_array((np.ones(len(value)), (large, small))).tocsr()
    size = np.asarray(counts.sum(axis=1), dtype=float)
    shares = (sparse.diags_array(1 / size) @ counts).tocsr()
    margin = np.diag(np.asarray(counts.sum(axis=0), dtype=float))
    reduced = margin - (counts.T @ shares).toarray()
    inverse = np.linalg.pinv(reduced, rcond=1e-10, hermitian=True)

    totals = summed(large, value), summed(small, value)
    of_small = inverse @ (totals[1] - shares.T @ totals[0])
    of_large = totals[0] / size - shares @ of_small
    graph = sparse.block_array([[None, counts], [counts.T, None]])
    num_components, labels = connected_components(graph, directed=False)
    return TwoWayFit(
        large=large,
        small=small,
        size=size,
        shares=shares,
        inverse=inverse,
        totals=totals,
        residuals=value - of_large[large] - of_small[small],
        df=len(value) - sum(counts.shape) + num_components,
        component=(labels[: len(size)], labels[len(size) :]),
    )


def summed(codes: Codes, value: Floats) -> Floats:
    """Sum the values of each code."""
    return np.bincount(codes, value).astype(np.float64)
