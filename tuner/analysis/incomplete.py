"""The error of a contrast of cells, when some cells lack an execution in some replicates.

As with complete replicates, but that a contrast's own spread between replicates is cluster-robust:
CR2 by replicate with Satterthwaite's degrees of freedom (Bell and McCaffrey 2002, Survey
Methodology 28; Pustejovsky and Tipton 2018, Journal of Business & Economic Statistics 36). Where
nothing is missing it is the variance between replicates, and all numbers are those of
`tuner.analysis.error_terms`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.analysis.least_squares import Codes, Floats
from tuner.analysis.moderation import estimate_prior
from tuner.analysis.spreads import Error, Spreads, dense, lines_along, prior_dfs_of, scale_to_one
from tuner.analysis.strata import Strata, divide, estimate_strata, grouped
from tuner.analysis.weighting import CellVariances, cell_variances

LARGE = 150  # cells in a replicate: beyond them its effect takes next to nothing of each
MANY = 100  # replicates: beyond them they are next to independent in what they leave
MOST_WORK = 2e10  # executions x (levels in all replicates)^2: beyond it, no strata
MOST_LINES = 300  # contrasts along a factor that are enough to say how alike they are
AT_ONCE = 4_000_000  # bounds the memory of many contrasts


@dataclass(frozen=True)
class IncompleteTerms:
    """What is estimated once a study. Leading axes of `values` are studies of one design."""

    values: Floats  # (studies x) cells x replicates; 0 where there is no execution
    present: NDArray[np.bool_]  # cells x replicates
    codes: Codes  # cells x factors
    strata: Strata
    cells: CellVariances

    def estimate(self, weights: Any) -> Floats:
        """Estimate contrasts by least squares on cells and replicates."""
        weights = dense(weights)
        influence = self._influence(weights).reshape(len(weights), -1)
        return np.asarray(self.values.reshape(*self.values.shape[:-2], -1) @ influence.T)

    def of(self, weights: Any) -> Error:
        """Estimate the error of contrasts of cell means.

        Args:
            weights: contrasts x cells, dense or sparse; each row sums to zero.
        """
        return self.spreads(weights).steady()

    def spreads(self, weights: Any) -> Spreads:
        """Say what the errors of contrasts are made of."""
        weights, num_replicates = dense(weights), self.present.shape[1]
        size = self.present.size + (num_replicates**2 if num_replicates <= MANY else 0)
        starts = range(0, max(1, len(weights)), max(1, AT_ONCE // size))
        parts = [self._spreads(weights[start : start + starts.step]) for start in starts]
        return Spreads(*(np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)))

    def _spreads(self, weights: Floats) -> tuple[Floats, ...]:
        """Give the fields of `Spreads` for some contrasts."""
        length, units = scale_to_one(weights)
        influence = self._influence(units)
        own, own_df = self._own(influence)
        squares = (influence**2).sum(axis=(1, 2))
        scale = np.sqrt(np.where(squares > 0, squares, 1))
        predicted, predicted_df = self._predict(influence / scale[:, None, None])
        prior_df = prior_dfs_of(units, self.codes, self.prior_dfs)
        return own * length**2, own_df, predicted * squares * length**2, predicted_df, prior_df

    def covariance(self, weights: Any) -> Floats:
        """Predict the covariance matrix of the estimates of contrasts, from strata and cells."""
        influence = self._influence(dense(weights))
        sums = [grouped(influence[:, self.present].T, level) for level in self._levels.T]
        flat = influence.reshape(len(influence), -1)
        relative = np.repeat(self.cells.relative, self.present.shape[1], axis=-1)
        cells = (flat * relative[..., None, :]) @ flat.T
        return self.strata.mix([of_level.T @ of_level for of_level in sums], cells)

    @cached_property
    def count(self) -> Floats:
        """Count the executions of each cell."""
        return np.asarray(self.present.sum(axis=1), dtype=float)

    @cached_property
    def shares(self) -> Floats:
        """Say what share of a cell's executions each replicate has: cells x replicates."""
        return np.asarray(self.present / self.count[:, None])

    @cached_property
    def inverse(self) -> Floats:
        """Invert the normal equations of replicates once the cells are eliminated."""
        normal = np.diag(self.present.sum(axis=0)) - self.present.T @ self.shares
        return np.asarray(np.linalg.pinv(normal, rcond=1e-10, hermitian=True), dtype=float)

    @cached_property
    def residuals(self) -> Floats:
        """Take out of each value what its cell and its replicate explain."""
        within = self.values - self.values.sum(axis=-1, keepdims=True) / self.count[:, None]
        effects = (within * self.present).sum(axis=-2) @ self.inverse
        fitted = effects[..., None, :] - (effects @ self.shares.T)[..., None]
        return np.asarray((within - fitted) * self.present)

    def _influence(self, units: Floats) -> Floats:
        """Say what each execution counts in contrasts: contrasts x cells x replicates."""
        of_replicate = (units @ self.shares) @ self.inverse
        of_cell = units / self.count + of_replicate @ self.shares.T
        return np.asarray((of_cell[:, :, None] - of_replicate[:, None, :]) * self.present)

    @cached_property
    def _levels(self) -> Codes:
        """Number the levels that make the strata: executions x factors."""
        return levels_in_replicates(self.codes, self.present)[:, : len(self.strata.dfs)]

    @cached_property
    def adjustments(self) -> list[tuple[Codes, Floats]]:
        """Give for each replicate its cells, and (I - H)^(-1/2) among them."""
        return [self._adjust(replicate) for replicate in range(self.present.shape[1])]

    def _adjust(self, replicate: int) -> tuple[Codes, Floats]:
        cells = np.flatnonzero(self.present[:, replicate])
        left = 1 - 1 / self.count[cells]
        if len(cells) > LARGE:
            return cells, divide(np.ones_like(left), np.sqrt(left), default=0)
        indicators = -self.shares[cells]
        indicators[:, replicate] += 1
        left = np.diag(left) - indicators @ self.inverse @ indicators.T
        roots, vectors = np.linalg.eigh(left)
        scale = divide(np.ones_like(roots), np.sqrt(np.where(roots > 1e-9, roots, 0)), default=0)
        return cells, (vectors * scale) @ vectors.T

    def _own(self, influence: Floats) -> tuple[Floats, Floats]:
        """Estimate the squared errors of contrasts from their replicates alone, with their df."""
        adjusted, own = np.zeros_like(influence), np.zeros(())
        for replicate, (cells, root) in enumerate(self.adjustments):
            scores = influence[:, cells, replicate]
            scores = scores @ root if root.ndim == 2 else scores * root
            adjusted[:, cells, replicate] = scores
            own = own + (self.residuals[..., cells, replicate] @ scores.T) ** 2
        return np.asarray(own), self._own_df(adjusted, (influence**2).sum(axis=1))

    def _own_df(self, adjusted: Floats, squares: Floats) -> Floats:
        """Approximate the degrees of freedom of sums of squares over replicates (Satterthwaite).

        Args:
            adjusted: contrasts x cells x replicates, what is multiplied with the residuals.
            squares: contrasts x replicates, the variance of each product for independent errors.
        """
        if squares.shape[1] > MANY:
            return divide(squares.sum(axis=1) ** 2, (squares**2).sum(axis=1), default=0)
        turned = adjusted.transpose(0, 2, 1)
        between = -turned @ self.shares
        covariance = -turned @ (adjusted / self.count[:, None])
        for matrix, diagonal in ((between, adjusted), (covariance, adjusted**2)):
            np.einsum("krr->kr", matrix)[...] += diagonal.sum(axis=1)
        covariance -= between @ self.inverse @ between.transpose(0, 2, 1)
        total = np.trace(covariance, axis1=1, axis2=2)
        return divide(total**2, (covariance**2).sum(axis=(1, 2)), default=0)

    def _predict(self, influence: Floats) -> tuple[Floats, Floats]:
        """Predict the squared errors of contrasts whose influences have length 1, with their df."""
        of_executions = influence[:, self.present].T
        shares = np.zeros((len(influence), len(self.strata.dfs)))
        for factor, level in enumerate(self._levels.T):
            shares[:, factor] = (grouped(of_executions, level) ** 2).sum(axis=0)
        squares = (influence**2).sum(axis=2)
        noise = self.cells.relative @ squares.T
        spread = divide(self.cells.relative**2, self.cells.df, default=0) @ (squares**2).T
        variance, df = self.strata.predict(shares / self.strata.sizes, noise)
        return variance, df / (1 + divide(df * spread, noise**2, default=0))

    @cached_property
    def prior_dfs(self) -> Floats:
        """Estimate for each factor how alike the spreads of contrasts along it are."""
        if not len(self.strata.dfs):
            return np.zeros((*self.values.shape[:-2], self.codes.shape[1]))
        along = []
        for line, level in zip(lines_along(self.codes), self.codes.T, strict=True):
            influence = self._influence(compare_with_before(line, level))
            own, own_df = self._own(influence)
            noise = self.cells.relative @ (influence**2).sum(axis=2).T
            along.append(estimate_prior(own / noise, own_df)[0])
        return np.stack(along, axis=-1)


def levels_in_replicates(codes: Codes, present: NDArray[np.bool_]) -> Codes:
    """Number the levels of each factor anew in each replicate: executions x factors."""
    cell, replicate = np.nonzero(present)
    both = [level[cell] + replicate * (level.max() + 1) for level in codes.T]
    return np.stack([np.unique(numbers, return_inverse=True)[1] for numbers in both], axis=1)


def compare_with_before(line: Codes, level: Codes) -> Floats:
    """Contrast each cell with those before it on its line (Helmert), some of them if many."""
    order = np.lexsort((level, line))
    start = np.searchsorted(line[order], line[order])
    later = np.flatnonzero(np.arange(len(order)) > start)
    if len(later) > MOST_LINES:
        later = later[np.linspace(0, len(later) - 1, MOST_LINES).astype(int)]
    weights = np.zeros((len(later), len(order)))
    for row, place in enumerate(later):
        weights[row, order[start[place] : place]] = -1 / (place - start[place])
        weights[row, order[place]] = 1
    return weights


def incomplete_terms(values: Any, codes: Any) -> IncompleteTerms:
    """Estimate what the errors of a study's contrasts are made of.

    Args:
        values: cells x replicates, NaN where there is no execution: at least one a cell and a
            replicate. Leading axes are studies that lack the same executions.
        codes: cells x factors, the levels as integers; cells may be missing from the factorial.
    """
    values = np.asarray(values, dtype=float)
    present = np.isfinite(values).all(axis=tuple(range(values.ndim - 2)))
    values = np.where(present, values, 0)
    codes = np.stack([np.unique(c, return_inverse=True)[1] for c in np.transpose(codes)], axis=1)
    fixed = np.stack(np.nonzero(present), axis=1)
    levels = levels_in_replicates(codes, present)
    if len(levels) * float(levels.max(axis=0).sum()) ** 2 > MOST_WORK:
        levels = levels[:, :0]  # the many replicates that make so many levels speak for themselves
    strata = estimate_strata(values[..., present][..., None], fixed, levels, times=1)
    return IncompleteTerms(values, present, codes, strata, cell_variances(values, present))
