"""The linear model: a mean for each cell, an effect for each replicate.

`value ~ C(cell) + C(replicate)` is statsmodels' `product of C(factor) terms + C(replicate)` in a
parametrisation that holes in the design do not break. Replicate effects are fixed, so intervals
are for comparing cells, which share replicates. Where every cell is met in every replicate, the
error of a contrast is its own (`error_terms`); else it is the residual's, pooled or of each cell.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse, stats

from tuner.analysis.error_terms import ErrorTerms, error_terms
from tuner.analysis.least_squares import Codes, Floats, TwoWayFit, fit_two_way
from tuner.analysis.preparing import Sample

Error = Literal["replicates", "pooled", "welch"]

MIN_EXECUTIONS = 3  # fewer in a cell: means only, unless all cells share their replicates
LARGE_VARIANCE_RATIO = 4.0
CONTRASTS_AT_ONCE = 256  # bounds the memory of a thousand contrasts of ten thousand cells


@dataclass(frozen=True)
class Estimates:
    """Linear combinations of cell means; every array has one number a combination."""

    estimate: Floats
    se: Floats  # the leading one: see `Model.error`
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
    variance_ratio: float  # largest over smallest seed variance between cells; NaN if unknown
    leading: Literal[
        "pooled", "welch"
    ]  # "pooled" or "welch": whose error it is where `errors` is None

    @property
    def num_replicates(self) -> int:
        """Count the replicates that the model has an effect for; one if none are shared."""
        return len(self.replicate_names)

    @property
    def error(self) -> Error:
        """Name the error that intervals are made of.

        "replicates": each contrast's own spread between replicates, moderated; "pooled": one
        residual for all cells; "welch": the residuals of the cells that are compared.
        """
        return self.leading if self.errors is None else "replicates"

    @cached_property
    def errors(self) -> ErrorTerms | None:
        """Estimate contrasts' errors where every cell is met in every replicate; else None."""
        if not self.sample.blocked or self.num_replicates < 2 or len(self.count) < 2:
            return None
        if not np.isfinite(self.by_replicate).all():
            return None
        levels = self.sample.levels
        design = self.sample.design
        codes = [pd.Categorical(design[name], levels[name]).codes for name in levels]
        return error_terms(self.by_replicate, np.stack(codes, axis=1))

    @property
    def min_executions(self) -> int:
        """Count the executions that a cell needs for an interval.

        Two will do where all cells share them: then their differences are known from all cells.
        """
        return MIN_EXECUTIONS if self.errors is None else 2

    @property
    def inferable(self) -> Any:
        """Tell which cells have enough executions for an interval."""
        return self.count >= self.min_executions

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
        squared = self.residual_sd**2 * (
            of_large.multiply(large).sum(axis=1) + (of_small * small).sum(axis=1)
        )
        df = np.full(len(estimate), float(self.df))
        if self.leading == "welch":
            of_cell = self._variance_by_cell(large, small, power=1)
            squared = of_cell.sum(axis=1)
            df = satterthwaite(of_cell, np.maximum(self.count - 1, 1), self.df)
        hc3 = self._variance_by_cell(large, small, power=2).sum(axis=1)
        se, hc3_se = np.sqrt(np.maximum(squared, 0)), np.sqrt(np.maximum(hc3, 0))
        if self.errors is not None:
            se, df = self._own_error(weights.toarray(), are_means)
        return estimate, se, df, hc3_se, self._estimable(of_large, of_small)

    def _own_error(self, weights: Floats, are_means: bool) -> tuple[Floats, Floats]:
        """Take each combination's error from how it differs between replicates.

        A mean has the error that makes it comparable with others of its kind: of the mean of n
        cells out of c, less the mean of all, the variance is 1 - n / c of the mean's own.
        """
        assert self.errors is not None
        share = np.zeros(len(weights))
        if are_means:
            share = 1 / (weights.shape[1] * np.maximum((weights**2).sum(axis=1), 1e-12))
            weights = weights - 1 / weights.shape[1]
        is_zero = np.linalg.norm(weights, axis=1) < 1e-9  # refused, or the mean of all cells
        error = self.errors.of(np.where(is_zero[:, None], np.eye(1, weights.shape[1]), weights))
        se = np.where(is_zero, np.nan, error.se / np.sqrt(np.maximum(1 - share, 1e-12)))
        return se, error.df

    def covariance(self, weights: Any, *, are_means: bool = False) -> Floats:
        """Compute the leading covariance matrix of a few combinations of cell means.

        Of means that are to be compared, and of rectangles of interactions, which have the rest of
        replicate x cell for their error (`Strata.rest`).
        """
        if self.errors is not None:
            if are_means:
                return np.diag(self._own_error(weights.toarray(), are_means)[0] ** 2)
            rest = float(self.errors.strata.rest) / self.num_replicates
            return np.asarray(rest * (weights @ weights.T).toarray())
        of_large, of_small = self._combinations(weights, are_means)
        large, small = self.solved.spread(of_large, of_small)
        if self.leading == "welch":
            influence = large[:, self.solved.large] + small[:, self.solved.small]
            return np.asarray((influence * self._scaled_residuals(power=1)) @ influence.T)
        return np.asarray(self.residual_sd**2 * (of_large @ large.T + of_small @ small.T))

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

    def _estimable(self, of_large: Any, of_small: Floats) -> Any:
        """Tell whether each combination compares only what replicates connect."""
        signs = []
        for side, component in zip((of_large, of_small), self.solved.component, strict=True):
            membership = sparse.coo_array(
                (np.ones(len(component)), (np.arange(len(component)), component)),
                shape=(len(component), max(c.max() for c in self.solved.component) + 1),
            ).tocsr()
            signs.append((sparse.csr_array(side) @ membership).toarray())
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
    ratio, differs = compare_variances(sample, cell, residuals)
    return Model(
        sample=sample,
        solved=solved,
        cells_are_large=cells_are_large,
        replicate_names=names,
        count=np.bincount(cell).astype(float),
        df=solved.df,
        residual_sd=sd,
        leverages=solved.leverages(),
        variance_ratio=ratio,
        leading="welch" if differs and ratio > LARGE_VARIANCE_RATIO else "pooled",
    )


def satterthwaite(variances: Floats, df: Floats, most: float) -> Floats:
    """Approximate the degrees of freedom of sums of variances (Satterthwaite 1946, Welch 1947).

    Args:
        variances: the summed parts, one sum a row.
        df: the degrees of freedom of each part.
        most: what sums of no variance are given.
    """
    total = variances.sum(axis=1)
    spread = (variances**2 / df).sum(axis=1)
    of_sums: Floats = np.divide(total**2, spread, out=np.full_like(total, most), where=spread > 0)
    return of_sums


def compare_variances(sample: Sample, cell: Codes, residuals: Floats) -> tuple[float, bool]:
    """Compare the seed variances of the cells.

    Of twenty cells with three seeds each, the largest sample variance is often a hundred times the
    smallest by chance alone; so a large ratio counts only where Bartlett's test says it is real.
    Over few seeds that test sees little between cells, so levels of each factor are compared too.

    Returns:
        The largest variance over the smallest, and whether they differ at the 5% level.
    """
    ratio, p_of_cells = spread_of(residuals, cell)
    factors = [factor for factor, levels in sample.levels.items() if len(levels) < len(cell) / 6]
    p_of_levels = [
        spread_of(residuals, pd.factorize(sample.design[factor])[0][cell])[1] for factor in factors
    ]
    differs = p_of_cells < 0.05 or min(p_of_levels, default=1.0) * len(factors) < 0.05
    return ratio, differs


def spread_of(residuals: Floats, group: Codes) -> tuple[float, float]:
    """Compare variances between groups: the largest over the smallest, and Bartlett's p."""
    order = np.argsort(group, kind="stable")
    groups = np.split(residuals[order], np.cumsum(np.bincount(group))[:-1])
    noise = 1e-9 * (np.abs(residuals).max() + 1e-300)
    spread = [group for group in groups if len(group) >= MIN_EXECUTIONS and np.ptp(group) > noise]
    if len(spread) < 2:
        return np.nan, 1.0
    variances = [group.var(ddof=1) for group in spread]
    return float(max(variances) / min(variances)), float(stats.bartlett(*spread).pvalue)
