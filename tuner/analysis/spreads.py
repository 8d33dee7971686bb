"""What contrasts varied, what their kind varied, and how the two make an error."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from tuner.analysis.least_squares import Codes, Floats
from tuner.analysis.moderation import moderate, plausibility
from tuner.analysis.strata import grouped

ROUNDING = 1e-9  # a sum of weights this small, of a contrast of length 1, is zero


@dataclass(frozen=True)
class Error:
    """The errors of estimates; the last axis has one number a contrast."""

    se: Floats
    df: Floats


@dataclass(frozen=True)
class Spreads:
    """Squared errors of estimates, with their degrees of freedom; the last axis is contrasts."""

    own: Floats  # from how a contrast differed between replicates
    own_df: Floats
    predicted: Floats  # from how all of its kind did
    predicted_df: Floats
    prior_df: Floats  # how alike the contrasts of its kind are; infinite: but for chance

    def steady(self) -> Error:
        """Weigh what contrasts varied against what their kind varied.

        A prediction counts for as much as contrasts along its factor are alike, never for more
        than it rests on, and for less the more a contrast's own spread exceeds it.
        """
        most = np.maximum(self.predicted_df, self.own_df)
        prior_df = np.minimum(self.prior_df, most)
        prior_df = prior_df * plausibility(self.own, self.own_df, self.predicted)
        squares = moderate(self.own, self.own_df, prior_df, self.predicted)
        return Error(np.sqrt(squares), np.minimum(prior_df + self.own_df, most))


def dense(weights: Any) -> Floats:
    """Lay contrasts, a row each, out as an array."""
    return np.asarray(weights.toarray() if sparse.issparse(weights) else weights, dtype=float)


def scale_to_one(weights: Any) -> tuple[Floats, Floats]:
    """Give the lengths of contrasts (a row each, dense or sparse), and them at length 1."""
    rows = dense(weights)
    length = np.linalg.norm(rows, axis=1)
    return length, rows / np.maximum(length, ROUNDING)[:, None]


def prior_dfs_of(units: Floats, codes: Codes, prior_dfs: Floats) -> Floats:
    """Give contrasts the prior df of the factor that they run along, the smallest of several."""
    sums = [np.abs(grouped(units.T, line)).max(axis=0) for line in lines_along(codes)]
    along = np.stack(sums, axis=1) < ROUNDING
    along |= ~along.any(axis=1, keepdims=True)  # cells that differ in several factors at once
    return np.asarray(np.where(along, prior_dfs[..., None, :], np.inf).min(axis=-1))


def lines_along(codes: Codes) -> list[Codes]:
    """Number for each factor the combinations of the others, cell by cell."""
    return [
        np.unique(np.delete(codes, factor, axis=1), axis=0, return_inverse=True)[1]
        if codes.shape[1] > 1
        else np.zeros(len(codes), dtype=np.intp)
        for factor in range(codes.shape[1])
    ]
