"""How far a contrast errs by what its model leaves out, in the very cells that were trained.

A model with two-factor terms leaves out three-factor terms. They are the same in every execution,
so they do not average out as chance does; how far they pass into a contrast depends on the cells,
far less in chosen ones than in random ones. So the residual of a cell has two parts: the terms of
the next order, all with one variance, and what is the cell's own (terms of higher order, and
chance). Both variances are estimated by REML, and an interval has Satterthwaite's degrees of
freedom (Giesbrecht and Burns 1985, Biometrics 41).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Floats = NDArray[np.float64]
GRID = 60  # shares of the variance that are tried before the best is refined
TINY = 1e-150  # a variance of nothing that can still be divided by


@dataclass(frozen=True)
class LeftOut:
    """The two variances, and how well they are known.

    Attributes:
        own: of a cell's own part.
        terms: of a parameter of the next order.
        information: of (own, terms); only of those that are not zero.
    """

    own: float
    terms: float
    information: Floats

    def covariance(self, weights: Floats, omitted: Floats) -> Floats:
        """The covariance of contrasts.

        Args:
            weights: contrasts x cells.
            omitted: cells x parameters of the next order.
        """
        passed_on = weights @ omitted
        return np.asarray(
            self.own * weights @ weights.T + self.terms * passed_on @ passed_on.T, dtype=float
        )

    def df(self, weights: Floats, omitted: Floats) -> Floats:
        """Satterthwaite's degrees of freedom of the contrasts' variances."""
        variances = np.array([self.own, self.terms])
        gradients = np.stack([(weights**2).sum(1), ((weights @ omitted) ** 2).sum(1)])
        known = variances > 0
        spread = np.linalg.inv(self.information)
        of_variance = np.einsum("ik,ij,jk->k", gradients[known], spread, gradients[known])
        return np.asarray(2 * (variances @ gradients) ** 2 / of_variance)


def estimate_left_out(
    basis: Floats, omitted: Floats, residuals: Floats, least_own: float = 0.0
) -> LeftOut:
    """Estimate both variances from the residuals of least squares.

    Args:
        basis: an orthonormal basis of the model's columns, cells x parameters.
        omitted: the columns of the next order, cells x parameters.
        residuals: one a cell.
        least_own: what chance alone gives a cell's own part, if that is known.
    """
    df = len(residuals) - basis.shape[1]
    outside = omitted - basis @ (basis.T @ omitted)
    directions, sizes, _ = np.linalg.svd(outside, full_matrices=False)
    num_directions = min(df, int((sizes > 1e-8 * max(sizes.max(initial=0), 1)).sum()))
    squares = (directions[:, :num_directions].T @ residuals) ** 2
    # Rotated so, residuals are independent with variances own + terms x strength.
    num_others = df - num_directions
    rest = max(float(residuals @ residuals - squares.sum()), 0) / max(num_others, 1)
    squares = np.append(squares, np.full(num_others, rest))
    strengths = np.append(sizes[:num_directions] ** 2, np.zeros(num_others))
    scale = strengths.mean()
    if squares.sum() == 0 or scale == 0 or np.ptp(strengths) == 0:
        own = max(float(squares.mean()), least_own, TINY)
        return LeftOut(own, 0.0, np.array([[df / (2 * own**2)]]))
    share = most_likely_share(squares, strengths / scale)
    total = float(np.mean(squares / mixed(share, strengths / scale)))
    variances = np.array([total * (1 - share), total * share / scale])
    variances[0] = max(variances[0], least_own)
    slopes = np.stack([np.ones_like(strengths), strengths])[variances > 0]
    slopes = slopes / (variances[0] + variances[1] * strengths)
    return LeftOut(float(variances[0]), float(variances[1]), slopes @ slopes.T / 2)


def mixed(share: float, strengths: Floats) -> Floats:
    """The variance in each direction, up to a factor."""
    return 1 - share + share * strengths


def most_likely_share(squares: Floats, strengths: Floats) -> float:
    """The share of the omitted terms in the residual variance that makes REML's likelihood largest.

    Args:
        squares: of the rotated residuals.
        strengths: how strongly each direction holds the omitted terms, 1 on average.
    """

    def badness(share: float) -> float:
        variances = mixed(share, strengths)
        return float(np.log(variances * np.mean(squares / variances)).sum())

    largest = 1.0 if strengths.min() > 1e-9 else 1 - 1e-6
    grid = np.append(0.0, np.geomspace(1e-4, largest, GRID))
    place = int(np.argmin([badness(share) for share in grid]))
    if place in (0, GRID):
        return float(grid[place])
    around = (grid[place - 1], grid[place + 1])
    return float(minimize_scalar(badness, bounds=around, method="bounded").x)
