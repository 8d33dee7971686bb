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

from tuner.analysis.least_squares import Codes, Floats
from tuner.analysis.moderation import estimate_prior
from tuner.analysis.spreads import Error, Spreads, dense, lines_along, prior_dfs_of, scale_to_one
from tuner.analysis.strata import Strata, divide, estimate_strata, grouped
from tuner.analysis.weighting import CellVariances, cell_variances


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

    def estimate(self, weights: Any) -> Floats:
        """Estimate contrasts: differences of cell means."""
        return np.asarray(self.values.mean(axis=-1) @ dense(weights).T)

    def of(self, weights: Any) -> Error:
        """Estimate the error of contrasts of cell means.

        Args:
            weights: contrasts x cells, dense or sparse; each row sums to zero.
        """
        return self.spreads(weights).steady()

    def spreads(self, weights: Any) -> Spreads:
        """Say what the errors of contrasts are made of."""
        length, units = scale_to_one(weights)
        predicted, predicted_df = self._predict(units)
        own = np.var(units @ self.values, axis=-1, ddof=1)
        scale = length**2 / (self.df + 1)
        own_df = np.full(len(length), float(self.df))
        prior_df = prior_dfs_of(units, self.codes, self.prior_dfs)
        return Spreads(own * scale, own_df, predicted * scale, predicted_df, prior_df)

    def covariance(self, weights: Any) -> Floats:
        """Predict the covariance matrix of the estimates of contrasts, from strata and cells."""
        weights = dense(weights)
        sums = [grouped(weights.T, level) for level in self.codes.T]
        cells = (weights * self.cells.relative[..., None, :]) @ weights.T
        return self.strata.mix([of_level.T @ of_level for of_level in sums], cells) / (self.df + 1)

    def _predict(self, units: Floats) -> tuple[Floats, Floats]:
        """Predict the variance of contrasts of length 1, with its df.

        A contrast's share of a factor's stratum is 1 for the factor's effect over all, that of one
        combination within one, 0 for a rectangle of an interaction.
        """
        noise, noise_df = self._noise(units)
        variance, df = self.strata.predict(self._shares(units), noise)
        return variance, df / (1 + df / noise_df)

    def _noise(self, units: Floats) -> tuple[Floats, Floats]:
        """Compare the cells of contrasts with the mean cell: relative variance and its df."""
        total = self.cells.relative @ (units**2).T
        spread = (self.cells.relative**2 / self.cells.df) @ (units**4).T
        return total, divide(total**2, spread, default=np.inf)

    def _shares(self, units: Floats) -> Floats:
        """Say how much of each factor's stratum is in contrasts of length 1."""
        sums = [(grouped(units.T, level) ** 2).sum(axis=0) for level in self.codes.T]
        return np.asarray(np.stack(sums, axis=1) / self.strata.sizes)

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


def error_terms(values: Any, codes: Any) -> ErrorTerms:
    """Estimate what the errors of a study's contrasts are made of.

    Args:
        values: cells x replicates, no number missing; leading axes are studies of one design.
        codes: cells x factors, the levels as integers; cells may be missing from the factorial.
    """
    values = np.asarray(values, dtype=float)
    levels = [np.unique(level, return_inverse=True)[1] for level in np.transpose(codes)]
    codes = np.stack(levels, axis=1)
    residuals = values - values.mean(axis=-1, keepdims=True)
    residuals -= residuals.mean(axis=-2, keepdims=True)
    strata = estimate_strata(residuals, codes[:, :0], codes, values.shape[-1] - 1)
    return ErrorTerms(values, codes, strata, cell_variances(values))
