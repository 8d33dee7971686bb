"""How replicates interact with factors: the mean squares that contrasts are compared with.

Cells of one depth err on the same images, so replicates interact with depth: the variation between
replicates comes in strata, one a factor (replicate x factor) and the rest of replicate x cell.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from tuner.analysis.least_squares import Codes, Floats


@dataclass(frozen=True)
class Strata:
    """Mean squares of executions, per degree of freedom; leading axes are studies of one design.

    A factor has no stratum (df 0, mean square 0) where the design cannot tell it from the rest:
    with one factor, the rest is all there is.
    """

    mean_squares: Floats  # (studies x) factors: replicate x factor, adjusted for the other factors
    dfs: Floats  # factors
    sizes: Floats  # factors: the cells that share a level, as they count in the mean square
    rest: Floats  # (studies): replicate x cell without all these
    rest_df: int

    @property
    def f(self) -> Floats:
        """Compare each stratum with the rest: do replicates disagree on the factor's effect?"""
        return divide(self.mean_squares, self.rest[..., None] * (self.dfs > 0), default=np.nan)

    @property
    def p(self) -> Floats:
        """Give the p-value of each F; NaN where there is none."""
        return np.asarray(stats.f.sf(self.f, np.maximum(self.dfs, 1), self.rest_df))

    @cached_property
    def pooled(self) -> tuple[Floats, Floats]:
        """Pool strata below the rest into it, in rising order, as REML does with negative parts.

        Returns:
            The pooled mean square of each study, and its degrees of freedom.
        """
        squares, df = self.rest * self.rest_df, np.full_like(self.rest, self.rest_df)
        order = np.argsort(self.mean_squares, axis=-1, kind="stable")
        for factor in np.moveaxis(order, -1, 0):
            own = np.take_along_axis(self.mean_squares, factor[..., None], axis=-1)[..., 0]
            own_df = np.where(own < divide(squares, df, default=0), self.dfs[factor], 0)
            squares, df = squares + own * own_df, df + own_df
        return divide(squares, df, default=0), df

    def predict(self, shares: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """Predict the variance of contrasts of length 1.

        A stratum has its own degrees of freedom, up to four times as many the more it is like the
        rest; those of the sum are Satterthwaite's (1946).

        Args:
            shares: contrasts x factors, how much of each stratum is in a contrast.
            noise: (studies x) contrasts, the variance of their cells relative to the mean cell.

        Returns:
            The variance, and its degrees of freedom: 0 where nothing varies.
        """
        left = np.maximum(1 - shares.sum(axis=1), 0) * self.rest[..., None]
        pooled, pooled_df = (part[..., None] for part in self.pooled)
        own = np.maximum(self.mean_squares, pooled)
        own_df = self.dfs * (1 + 3 * divide(pooled, own, default=1) ** 2)
        own_df = np.minimum(own_df, np.maximum(pooled_df, self.dfs))
        parts = own[..., None, :] * shares
        total = parts.sum(axis=-1) + left
        spread = (parts**2 / np.maximum(own_df, 1)[..., None, :]).sum(axis=-1)
        rest = left**2 / max(self.rest_df, 1)
        df = divide(total**2, spread + rest, default=0)
        common = pooled * shares.sum(axis=1) + left
        return total + common * (noise - 1), df

    def mix(self, within: list[Floats], cells: Floats) -> Floats:
        """Predict a covariance matrix of contrasts.

        Args:
            within: for each factor the products of contrasts' sums over its levels.
            cells: the products of contrasts, cells weighted by their relative variance.
        """
        pooled = self.pooled[0][..., None]
        parts = np.maximum(self.mean_squares - pooled, 0) / self.sizes
        mixed = pooled[..., None] * cells
        for factor, products in enumerate(within):
            mixed = mixed + parts[..., factor, None, None] * products
        return mixed


def estimate_strata(values: Floats, fixed: Codes, factors: Codes, times: int) -> Strata:
    """Split what some codes leave of values into a stratum for each factor, and the rest.

    On a full factorial these are the mean squares of an analysis of variance; else each factor is
    adjusted for the others (type II).

    Args:
        values: rows x columns; leading axes are studies.
        fixed: rows x codes, what is no part of any stratum (none: the mean of a column).
        factors: rows x factors, the levels that make the strata.
        times: how many independent columns there are.
    """

    def unexplained(codes: Codes) -> tuple["Basis", Floats]:
        basis = Basis.of(codes)
        return basis, np.asarray((basis.residuals(values) ** 2).sum(axis=(-1, -2)))

    num_rows, num_factors = factors.shape
    whole, rest = unexplained(np.concatenate([fixed, factors], axis=1))
    squares = np.zeros((*rest.shape, num_factors))
    dfs, sizes = np.zeros(num_factors), np.full(num_factors, np.inf)
    if whole.rank == num_rows:  # the factors leave nothing: all of it is the rest
        whole, rest = unexplained(fixed)
        num_factors = 0
    for factor in range(num_factors):
        kept = np.concatenate([fixed, np.delete(factors, factor, axis=1)], axis=1)
        others, left = unexplained(kept)
        rank = whole.rank - others.rank
        if rank:
            squares[..., factor] = np.maximum(left - rest, 0) / (times * rank)
            dfs[factor] = times * rank
            sizes[factor] = others.left_of(factors[:, factor]) / rank
    rest_df = times * (num_rows - whole.rank)
    return Strata(squares, dfs, sizes, rest / max(rest_df, 1), rest_df)


@dataclass(frozen=True)
class Basis:
    """What the levels of some factors span over the cells: one's groups, and what is beyond them.

    The factor with most levels is taken out by means, so that ten thousand cells need no matrix of
    their own.
    """

    groups: Codes
    beyond: Floats  # cells x (rank - groups): orthonormal, and orthogonal to the groups

    @classmethod
    def of(cls, codes: Codes) -> "Basis":
        """Span the levels of factors (cells x factors; none: the constant)."""
        if not codes.shape[1]:
            return cls(np.zeros(len(codes), dtype=np.intp), np.zeros((len(codes), 0)))
        largest = int(np.argmax(codes.max(axis=0)))
        groups = codes[:, largest]
        indicators = [np.eye(c.max() + 1)[c] for c in np.delete(codes, largest, axis=1).T]
        columns = np.concatenate([np.zeros((len(codes), 0)), *indicators], axis=1)
        columns = columns - average(columns, groups)
        squares, vectors = np.linalg.eigh(columns.T @ columns)
        spanned = squares > 1e-9 * len(codes)
        return cls(groups, columns @ (vectors[:, spanned] / np.sqrt(squares[spanned])))

    @property
    def rank(self) -> int:
        """Count the dimensions, the constant's included."""
        return int(self.groups.max()) + 1 + int(self.beyond.shape[1])

    def residuals(self, values: Floats) -> Floats:
        """Take out of values, cells x replicates, what the levels explain."""
        within = values - average(values, self.groups)
        return np.asarray(within - self.beyond @ (self.beyond.T @ within))

    def left_of(self, level: Codes) -> float:
        """Give the squares of another factor's indicators that these factors leave unexplained."""
        crossed = np.unique(np.stack([level, self.groups]), axis=1, return_counts=True)
        (_, of_group), counts = crossed
        explained = (counts**2 / np.bincount(self.groups)[of_group]).sum()
        return float(len(level) - explained - (grouped(self.beyond, level) ** 2).sum())


def grouped(values: Floats, groups: Codes) -> Floats:
    """Sum (studies x) cells x anything over the cells of each group, codes from 0 without a gap."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(groups.max() + 1))
    return np.asarray(np.add.reduceat(values[..., order, :], starts, axis=-2))


def divide(above: Floats, below: Floats, default: float) -> Floats:
    """Divide, and give the default where there is nothing to divide by."""
    out = np.full(np.broadcast_shapes(above.shape, below.shape), float(default))
    return np.asarray(np.divide(above, below, out=out, where=below > 0))


def average(values: Floats, groups: Codes) -> Floats:
    """Put in each cell's place the mean of its group."""
    means = grouped(values, groups) / np.bincount(groups)[:, None]
    return np.asarray(means[..., groups, :])
