"""The error of a contrast of cells met once: from what simpler effects leave of the cells.

Without a second execution of any cell there is no measure of chance but the cells themselves: what
main effects, or main effects and two-factor terms, do not explain of them. It holds chance and the
interactions left out, so intervals are wide rather than narrow.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tuner.analysis.least_squares import Codes, Floats
from tuner.analysis.spreads import Error, Spreads, dense, only_predicted

LEAST_DF = 8  # fewer measure no spread: means only
MOST_WORK = 2e10  # cells x terms^2 that are fitted


@dataclass(frozen=True)
class SimplerTerms:
    """A model of cells by simpler effects; leading axes are studies of one design."""

    effects: str  # what the model holds, as text: "main effects"
    fitted: Floats  # (studies x) cells
    basis: Floats  # cells x dimensions of the model, orthonormal
    mean_square: Floats  # (studies)
    df: int

    @property
    def text(self) -> str:
        """Say which error this is."""
        return f"what {self.effects} leave of the cells ({self.df} degrees of freedom)"

    def estimate(self, weights: Any) -> Floats:
        """Estimate contrasts of the cells as the model fits them."""
        return np.asarray(self.fitted @ dense(weights).T)

    def of(self, weights: Any) -> Error:
        """Estimate the error of contrasts that the model knows; NaN for the others.

        A step within one level of another factor is no contrast of main effects: the model would
        answer with the step over all.
        """
        rows = dense(weights)
        length = np.linalg.norm(rows, axis=1)
        projected = rows @ self.basis
        held = np.linalg.norm(projected, axis=1)
        known = held > (1 - 1e-9) * length
        se = np.sqrt(self.mean_square)[..., None] * np.where(known, held, np.nan)
        return Error(se, np.broadcast_to(np.where(known, float(self.df), np.nan), se.shape))

    def spreads(self, weights: Any) -> Spreads:
        """Say what the errors are made of."""
        return only_predicted(self.of(weights))

    def covariance(self, weights: Any) -> Floats:
        """Give the covariance matrix of the estimates of contrasts."""
        projected = dense(weights) @ self.basis
        return np.asarray(self.mean_square[..., None, None] * (projected @ projected.T))


def lack_of_fit(values: Any, codes: Codes) -> SimplerTerms | None:
    """Fit the richest model that leaves enough degrees of freedom; None if there is none.

    Args:
        values: one a cell, along the last axis; leading axes are studies.
        codes: cells x factors, the levels as integers.
    """
    values = np.asarray(values, dtype=float)
    for order, effects in ((2, "main effects and two-factor terms"), (1, "main effects")):
        columns = _indicators(codes, order)
        if columns is None:
            continue
        vectors, sizes, _ = np.linalg.svd(columns, full_matrices=False)
        basis = vectors[:, sizes > 1e-9 * sizes[0]]
        df = len(codes) - basis.shape[1]
        if df >= LEAST_DF:
            fitted = (values @ basis) @ basis.T
            mean_square = ((values - fitted) ** 2).sum(axis=-1) / df
            return SimplerTerms(effects, fitted, basis, mean_square, df)
    return None


def _indicators(codes: Codes, order: int) -> Floats | None:
    """Lay out the levels of every `order` factors; None if that is too much."""
    groups = [
        np.unique(codes[:, chosen], axis=0, return_inverse=True)[1]
        for chosen in combinations(range(codes.shape[1]), order)
    ]
    num_columns = sum(int(group.max()) + 1 for group in groups)
    if not groups or len(codes) * float(num_columns) ** 2 > MOST_WORK:
        return None
    return np.concatenate([np.eye(group.max() + 1)[group] for group in groups], axis=1)
