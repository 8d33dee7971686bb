"""The error of a contrast of cells, when every cell is met in every replicate.

The error of each difference is how much it varied between replicates, steadied by how much its
kind varied:

    terms = error_terms(values, codes)  # once a study: cells x replicates, cells x factors
    error = terms.of(weights)  # any contrasts, one a row, one cell a column
    half_width = stats.t.ppf(0.975, error.df) * error.se

What kind a contrast is (of a factor over all or within a level, a rectangle of an interaction) is
read from its weights. Leading axes of `values` are studies of one design, analysed at once.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from tuner.analysis.least_squares import Codes, Floats
from tuner.analysis.moderation import estimate_prior, moderate, plausibility
from tuner.analysis.strata import Strata, estimate_strata, grouped
from tuner.analysis.weighting import CellVariances, cell_variances

ROUNDING = 1e-9  # a sum of weights this small, of a contrast of length 1, is zero


@dataclass(frozen=True)
class Error:
    """The errors of contrasts of cell means; the last axis has one number a contrast."""

    se: Floats
    df: Floats


@dataclass(frozen=True)
class ErrorTerms:
    """What is estimated once a study."""

    values: Floats  # (studies x) cells x replicates
    codes: Codes  # cells x factors
    strata: Strata
    cells: CellVariances

    @property
    def df(self) -> int:
        """Count the degrees of freedom between replicates."""
        return int(self.values.shape[-1]) - 1

    def of(self, weights: Any) -> Error:
        """Estimate the error of contrasts of cell means.

        Args:
            weights: contrasts x cells, dense or sparse; each row sums to zero.
        """
        weights = weights.toarray() if sparse.issparse(weights) else np.asarray(weights, float)
        length = np.linalg.norm(weights, axis=1)
        units = weights / length[:, None]
        predicted, predicted_df = self._predict(units)
        own = np.var(units @ self.values, axis=-1, ddof=1)
        prior_df = np.minimum(self._prior_dfs_of(units), predicted_df)
        prior_df = prior_df * plausibility(own, self.df, predicted)
        variance = moderate(own, self.df, prior_df, predicted)
        se = length * np.sqrt(variance / (self.df + 1))
        return Error(se, np.minimum(prior_df + self.df, predicted_df))

    def _predict(self, units: Floats) -> tuple[Floats, Floats]:
        """Predict the variance of contrasts of length 1 from the strata, with its df.

        A contrast's share of a factor's stratum is 1 for the factor's effect over all, that of one
        combination within one, 0 for a rectangle of an interaction (Satterthwaite 1946). A stratum
        has its own degrees of freedom, up to four times as many the more it is like the rest.
        """
        strata, shares = self.strata, self._shares(units)
        left = np.maximum(1 - shares.sum(axis=1), 0) * strata.rest[..., None]
        pooled, pooled_df = (part[..., None] for part in strata.pooled)
        own = np.maximum(strata.mean_squares, pooled)
        own_df = strata.dfs * (1 + 3 * _divide(pooled, own, default=1) ** 2)
        own_df = np.minimum(own_df, np.maximum(pooled_df, strata.dfs))
        parts = own[..., None, :] * shares
        total = parts.sum(axis=-1) + left
        spread = (parts**2 / np.maximum(own_df, 1)[..., None, :]).sum(axis=-1)
        spread += left**2 / strata.rest_df
        df = _divide(total**2, spread, default=self.df)
        noise, noise_df = self._noise(units)
        common = pooled * shares.sum(axis=1)
        variance = total - common + (common + left) * noise
        return variance, np.maximum(self.df, 1 / (1 / df + 1 / noise_df))

    def _noise(self, units: Floats) -> tuple[Floats, Floats]:
        """Compare the cells of contrasts with the mean cell: relative variance and its df."""
        total = self.cells.relative @ (units**2).T
        spread = self.cells.relative**2 @ (units**4).T
        return total, total**2 / spread * self.cells.df[..., None]

    def _shares(self, units: Floats) -> Floats:
        """Say how much of each factor's stratum is in contrasts of length 1."""
        sums = [(grouped(units.T, level) ** 2).sum(axis=0) for level in self.codes.T]
        return np.asarray(np.stack(sums, axis=1) / self.strata.sizes)

    def _prior_dfs_of(self, units: Floats) -> Floats:
        """Give each contrast the prior df of the factor it runs along, the smallest of several."""
        sums = [np.abs(grouped(units.T, line)).max(axis=0) for line in lines_along(self.codes)]
        along = np.stack(sums, axis=1) < ROUNDING
        along |= ~along.any(axis=1, keepdims=True)  # cells that differ in several factors at once
        smallest = np.where(along, self.prior_dfs[..., None, :], np.inf).min(axis=-1)
        return np.asarray(smallest)

    @cached_property
    def prior_dfs(self) -> Floats:
        """Estimate for each factor how alike the spreads of contrasts along it are."""
        lines = lines_along(self.codes)
        along = [
            self._prior_df(line, level) for line, level in zip(lines, self.codes.T, strict=True)
        ]
        return np.stack(along, axis=-1)

    def _prior_df(self, line: Codes, level: Codes) -> Floats:
        """Compare spreads on lines of cells: of each against those before it (Helmert)."""
        order = np.lexsort((level, line))
        start = np.searchsorted(line[order], line[order])
        place = np.arange(len(order)) - start
        later = place > 0
        place, start = place[later], start[later]

        def summed_before(values: Floats) -> Floats:
            sums = np.cumsum(values, axis=-2) - values
            return sums[..., later, :] - sums[..., start, :]

        values = self.values[..., order, :]
        values = values - values.mean(axis=-1, keepdims=True)
        noise = self.cells.relative[..., order, None]
        contrasts = values[..., later, :] - summed_before(values) / place[:, None]
        expected = noise[..., later, 0] + summed_before(noise)[..., 0] / place**2
        spread = (contrasts**2).sum(axis=-1) / self.df
        return estimate_prior(spread / expected, self.df)[0]


def _divide(above: Floats, below: Floats, default: float) -> Floats:
    """Divide, and give the default where there is nothing to divide by."""
    out = np.full(np.broadcast_shapes(above.shape, below.shape), float(default))
    return np.asarray(np.divide(above, below, out=out, where=below > 0))


def lines_along(codes: Codes) -> list[Codes]:
    """Number for each factor the combinations of the others, cell by cell."""
    return [
        np.unique(np.delete(codes, factor, axis=1), axis=0, return_inverse=True)[1]
        if codes.shape[1] > 1
        else np.zeros(len(codes), dtype=np.intp)
        for factor in range(codes.shape[1])
    ]


def error_terms(values: Any, codes: Any) -> ErrorTerms:
    """Estimate what the errors of a study's contrasts are made of.

    Args:
        values: cells x replicates, no number missing; leading axes are studies of one design.
        codes: cells x factors, the levels as integers; cells may be missing from the factorial.
    """
    values = np.asarray(values, dtype=float)
    levels = [np.unique(level, return_inverse=True)[1] for level in np.transpose(codes)]
    codes = np.stack(levels, axis=1)
    return ErrorTerms(values, codes, estimate_strata(values, codes), cell_variances(values))
