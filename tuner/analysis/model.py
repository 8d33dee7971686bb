"""The linear model: a mean for each cell, an effect for each replicate.

`value ~ C(cell) + C(replicate)` is statsmodels' `product of C(factor) terms + C(replicate)` in a
parametrisation that holes in the design do not break. Replicate effects are fixed, so intervals
are for comparing cells, which share replicates. The error of a contrast is its own: see
`Model.errors`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse, stats

from tuner.analysis.error_terms import ErrorTerms, error_terms
from tuner.analysis.incomplete import IncompleteTerms, incomplete_terms
from tuner.analysis.lack_of_fit import SimplerTerms, lack_of_fit
from tuner.analysis.least_squares import Codes, Floats, TwoWayFit, fit_two_way
from tuner.analysis.preparing import Sample
from tuner.analysis.strata import Strata
from tuner.analysis.within_cells import CellTerms, within_cells

Terms = ErrorTerms | IncompleteTerms | CellTerms | SimplerTerms
SHARED = ErrorTerms, IncompleteTerms  # between cells: replicates
MIN_EXECUTIONS = 3  # fewer in a cell: means only, unless all cells share their replicates
ROUNDING = 1e-9  # of the largest value
CONTRASTS_AT_ONCE = 256  # bounds the memory of a thousand contrasts of ten thousand cells


@dataclass(frozen=True)
class Estimates:
    """Linear combinations of cell means; every array has one number a combination."""

    estimate: Floats
    se: Floats  # see `Model.errors`; NaN where nothing tells chance
    df: Floats  # its degrees of freedom
    hc3_se: Floats
    estimable: Any  # bool: whether replicates connect the cells


@dataclass(frozen=True)
class Model:
    """Least squares of `value ~ C(cell) + C(replicate)`."""

    sample: Sample
    solved: TwoWayFit
    cells_are_large: bool
    replicate_names: Any  # in the order of their codes
    count: Floats  # executions of each cell
    df: int  # residual degrees of freedom; 0 where nothing can be inferred
    residual_sd: float  # in reported units; NaN without degrees of freedom
    leverages: Floats  # one an execution

    @property
    def num_replicates(self) -> int:
        """Count the replicates that the model has an effect for; one if none are shared."""
        return len(self.replicate_names)

    @cached_property
    def codes(self) -> Codes:
        """Number the levels of the cells by their position: cells x factors."""
        design, levels = self.sample.design, self.sample.levels
        coded = [pd.Categorical(design[name], levels[name]).codes for name in levels]
        return np.stack(coded, axis=1).astype(np.intp)

    @cached_property
    def errors(self) -> Terms | None:
        """Estimate the errors of contrasts, as the design allows; None where nothing tells chance.

        Where cells share replicates, from how contrasts differ between them; where they share
        none, from the spread in each cell; where each cell was met once, from what simpler effects
        leave of the cells.
        """
        if len(self.count) < 2:
            return None
        if self.count.max() <= 1:
            return lack_of_fit(self.by_cell, self.codes)
        if not self.sample.blocked:
            return within_cells(self.sample.executions["value"], self._cell)
        if np.isfinite(self.by_replicate).all():
            return error_terms(self.by_replicate, self.codes)
        return incomplete_terms(self.by_replicate, self.codes)

    @property
    def strata(self) -> Strata | None:
        """Give how much replicates interact with factors, where cells share replicates."""
        return self.errors.strata if isinstance(self.errors, SHARED) else None

    @property
    def min_executions(self) -> int:
        """Count the executions that a cell needs for an interval.

        Two will do where cells share replicates, and one where simpler effects tell chance: there
        the error comes from all cells.
        """
        if isinstance(self.errors, SimplerTerms):
            return 1
        return 2 if isinstance(self.errors, SHARED) else MIN_EXECUTIONS

    @property
    def inferable(self) -> Any:
        """Tell which cells have enough executions for an interval."""
        return self.count >= self.min_executions

    @property
    def by_cell(self) -> Floats:
        """Average the values of each cell."""
        return np.bincount(self._cell, self.sample.executions["value"]) / self.count

    @property
    def parts_are_apart(self) -> bool:
        """Tell whether no chain of shared replicates connects some of the cells."""
        return max(int(side.max()) for side in self.solved.component) > 0

    @property
    def _cell(self) -> Codes:
        return self.solved.large if self.cells_are_large else self.solved.small

    @property
    def rounding(self) -> float:
        """Give what is as good as zero among sums of these values."""
        return ROUNDING * float(self.sample.executions["value"].abs().max())

    @property
    def quantile(self) -> float:
        """Give Student's t that makes a 95% interval of a standard error."""
        return float(stats.t.ppf(0.975, self.df)) if self.df > 0 else np.nan

    @cached_property
    def by_replicate(self) -> Floats:
        """Lay the values out as cells x replicates, NaN where there is none."""
        values = np.full((len(self.count), self.num_replicates), np.nan)
        solved = self.solved
        cell, replicate = solved.large, solved.small
        if not self.cells_are_large:
            cell, replicate = replicate, cell
        values[cell, replicate] = self.sample.executions["value"]
        return values

    def estimate(self, weights: Any, *, are_means: bool = False) -> Estimates:
        """Estimate linear combinations of cell means.

        Args:
            weights: sparse, one combination a row, one cell a column.
            are_means: the weights of a row sum to one, not to zero: replicates are averaged.
        """
        starts = range(0, weights.shape[0], CONTRASTS_AT_ONCE)
        parts = [
            self._estimate(weights[start : start + CONTRASTS_AT_ONCE], are_means)
            for start in starts
        ]
        joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
        estimate, se, df, hc3_se, estimable = joined
        return Estimates(estimate, se, df, hc3_se, estimable.astype(bool))

    def _estimate(self, weights: Any, are_means: bool) -> tuple[Any, ...]:
        """Estimate some of the combinations: the arrays of `Estimates`."""
        of_large, of_small = self._combinations(weights, are_means)
        large, small = self.solved.spread(of_large, of_small)
        estimate = large @ self.solved.totals[0] + small @ self.solved.totals[1]
        estimate[np.abs(estimate) < self.rounding] = 0.0
        hc3 = self._variance_by_cell(large, small, power=2).sum(axis=1)
        se, df = self._error(weights, are_means)
        hc3_se = np.sqrt(np.maximum(hc3, 0))
        return estimate, se, df, hc3_se, self._estimable(of_large, of_small)

    def _error(self, weights: Any, are_means: bool) -> tuple[Floats, Floats]:
        """Estimate the standard errors of combinations, and their degrees of freedom.

        A mean has the error that makes it comparable with others of its kind: of the mean of n
        cells out of c, less the mean of all, the variance is 1 - n / c of the mean's own.
        """
        rows = weights.toarray()
        if self.errors is None:
            return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        share = np.zeros(len(rows))
        if are_means and not isinstance(self.errors, CellTerms):
            share = 1 / (rows.shape[1] * np.maximum((rows**2).sum(axis=1), 1e-12))
            rows = rows - 1 / rows.shape[1]
        is_zero = np.linalg.norm(rows, axis=1) < 1e-9  # refused, or the mean of all cells
        some = np.eye(1, rows.shape[1]) - np.eye(1, rows.shape[1], 1)
        error = self.errors.of(np.where(is_zero[:, None], some, rows))
        se = np.where(is_zero, np.nan, error.se / np.sqrt(np.maximum(1 - share, 1e-12)))
        return se, np.asarray(error.df, dtype=float)

    def covariance(self, weights: Any, *, are_means: bool = False) -> Floats:
        """Predict the covariance matrix of a few contrasts, or of means that are to be compared."""
        if are_means:
            return np.diag(self._error(weights, are_means)[0] ** 2)
        if self.errors is None:
            return np.full((weights.shape[0],) * 2, np.nan)
        return np.asarray(self.errors.covariance(weights))

    def _combinations(self, weights: Any, are_means: bool) -> tuple[Any, Floats]:
        """Lay weights of cells out on the two sides of the solution."""
        share = 1 / self.num_replicates if are_means else 0.0
        of_replicates = np.full((weights.shape[0], self.num_replicates), share)
        if self.cells_are_large:
            return weights.tocsr(), of_replicates
        return sparse.csr_array(of_replicates), weights.toarray()

    def _scaled_residuals(self, power: int) -> Floats:
        """Square the residuals, scaled up for what the fit took of them.

        By 1 / (1 − leverage) to the power 1 (HC2) or 2 (HC3; MacKinnon and White 1985). An
        execution alone in its cell has no residual of its own and counts for nothing: such cells
        take part in no interval.
        """
        free = self.leverages < 1 - 1e-9
        scaled = np.zeros_like(self.leverages)
        scaled[free] = self.solved.residuals[free] ** 2 / (1 - self.leverages[free]) ** power
        return scaled

    def _variance_by_cell(self, large: Floats, small: Floats, power: int) -> Floats:
        """Sum the squared influences of executions on combinations, in each cell."""
        scaled, sides = self._scaled_residuals(power), (self.solved.large, self.solved.small)
        cross = sparse.coo_array((scaled, sides)).tocsr()
        of_cell, of_replicate = large, small
        if not self.cells_are_large:
            of_cell, of_replicate, cross = small, large, cross.T.tocsr()
        variance: Floats = (
            of_cell**2 * cross.sum(axis=1)
            + 2 * of_cell * (cross @ of_replicate.T).T
            + (cross @ of_replicate.T**2).T
        )
        return variance

    @cached_property
    def _memberships(self) -> list[Any]:
        """Say for both sides which level is in which component: sparse, levels x components."""
        num = max(int(component.max()) for component in self.solved.component) + 1
        return [
            sparse.csr_array(
                (np.ones(len(component)), (np.arange(len(component)), component)),
                shape=(len(component), num),
            )
            for component in self.solved.component
        ]

    def _estimable(self, of_large: Any, of_small: Floats) -> Any:
        """Tell whether each combination compares only what replicates connect."""
        signs = [
            (sparse.csr_array(side) @ membership).toarray()
            for side, membership in zip((of_large, of_small), self._memberships, strict=True)
        ]
        return np.abs(signs[0] - signs[1]).max(axis=1) < 1e-9


def fit(sample: Sample) -> Model:
    """Fit the model to the executions of a sample."""
    executions = sample.executions
    cell = executions["cell"].to_numpy(dtype=np.intp)
    shared = executions["replicate"] if sample.blocked else pd.Series(0, executions.index)
    names = shared.unique()
    replicate = pd.Index(names).get_indexer(shared)
    cells_are_large = len(sample.design) >= len(names)
    large, small = (cell, replicate) if cells_are_large else (replicate, cell)
    solved = fit_two_way(large, small, executions["value"].to_numpy(dtype=float))

    residuals = solved.residuals
    sd = float(np.sqrt(np.sum(residuals**2) / solved.df)) if solved.df > 0 else np.nan
    return Model(
        sample=sample,
        solved=solved,
        cells_are_large=cells_are_large,
        replicate_names=names,
        count=np.bincount(cell).astype(float),
        df=solved.df,
        residual_sd=sd,
        leverages=solved.leverages(),
    )
