"""A regression of cell means on the terms of a factorial, and its steps between levels.

Terms are coded so that over the full factorial their columns are uncorrelated with variance 1, and
sum to zero over the levels of each factor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from math import prod

import numpy as np
from pandas import DataFrame
from scipy.linalg import helmert

from tuner.analysis.left_out import Floats

MOST_OMITTED = 1000  # of more omitted three-factor columns, as many stand for all


@dataclass(frozen=True)
class Regression:
    """Least squares of cell means on coded terms; rows are weighted by what each mean is worth."""

    with_pairs: bool
    roots: Floats  # of the weights
    columns: Floats  # cells x parameters, weighted
    omitted: Floats  # the terms of the next order, weighted alike
    basis: Floats  # orthonormal, of the columns
    solver: Floats  # parameters x cells: weighted means -> parameters
    means: Floats  # weighted
    residuals: Floats
    leverages: Floats

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return len(self.means) - int(self.basis.shape[1])

    @property
    def mean_square(self) -> float:
        """The residual mean square."""
        return float(self.residuals @ self.residuals) / max(self.df, 1)


@dataclass(frozen=True)
class Chance:
    """The variance of executions of one cell, with its degrees of freedom."""

    variance: float
    df: float


def coded(cells: DataFrame, factors: Mapping[str, int]) -> list[Floats]:
    """Helmert contrasts of each factor, cells x (levels - 1), with variance 1 over the levels."""
    return [
        (helmert(number).T * number**0.5)[cells[name].to_numpy(dtype=np.intp)]
        for name, number in factors.items()
    ]


def terms_of_order(parts: Sequence[Floats], order: int, most: int | None = None) -> Floats:
    """All products of columns of `order` factors, cells x parameters; or a random part of them."""
    columns = [
        tuple(zip(chosen, places, strict=True))
        for chosen in combinations(range(len(parts)), order)
        for places in product(*(range(parts[part].shape[1]) for part in chosen))
    ]
    if most is not None and len(columns) > most:
        drawn = np.random.default_rng(0).choice(len(columns), most, replace=False)
        columns = [columns[place] for place in drawn]
    values = np.empty((len(parts[0]), len(columns)))
    for place, column in enumerate(columns):
        values[:, place] = np.prod([parts[part][:, at] for part, at in column], axis=0)
    return values


def model_columns(parts: Sequence[Floats], with_pairs: bool) -> Floats:
    """The mean, main effects and perhaps two-factor terms, cells x parameters."""
    orders = (0, 1, 2) if with_pairs else (0, 1)
    return np.hstack([terms_of_order(parts, order) for order in orders])


def fit_means(
    cells: DataFrame, factors: Mapping[str, int], with_pairs: bool, chance: Chance | None
) -> Regression:
    """Fit cell means; those of more executions count more where chance is what makes them vary."""
    parts = coded(cells, factors)
    columns = model_columns(parts, with_pairs)
    omitted = terms_of_order(parts, 3, MOST_OMITTED) if with_pairs else terms_of_order(parts, 2)
    means = cells["mean"].to_numpy(dtype=float)
    fit = solve(with_pairs, columns, omitted, means, np.ones(len(cells)))
    if chance is None or cells["n"].nunique() == 1:
        return fit
    of_chance = chance.variance / cells["n"].to_numpy(dtype=float)
    of_cells = max(fit.mean_square - of_chance.mean(), 0)
    roots = np.sqrt(1 / (of_cells + of_chance)) if chance.variance else np.ones(len(cells))
    return solve(with_pairs, columns, omitted, means, roots / np.sqrt(np.mean(roots**2)))


def solve(
    with_pairs: bool, columns: Floats, omitted: Floats, means: Floats, roots: Floats
) -> Regression:
    """Solve weighted least squares, whatever the rank."""
    columns, omitted, means = roots[:, None] * columns, roots[:, None] * omitted, roots * means
    left, sizes, right = np.linalg.svd(columns, full_matrices=False)
    rank = int((sizes > 1e-8 * sizes[0]).sum())
    basis = left[:, :rank]
    return Regression(
        with_pairs=with_pairs,
        roots=roots,
        columns=columns,
        omitted=omitted,
        basis=basis,
        solver=(right[:rank].T / sizes[:rank]) @ basis.T,
        means=means,
        residuals=means - basis @ (basis.T @ means),
        leverages=(basis**2).sum(axis=1),
    )


def step_contrasts(
    factors: Mapping[str, int], with_pairs: bool, possible: DataFrame | None
) -> tuple[Floats, DataFrame]:
    """The steps between adjacent levels, as weights of the parameters.

    Returns:
        Steps x parameters; and one row a step: factor, low, high, combinations (of the other
        factors, in which both levels are possible).
    """
    rows = [
        (name, low, high) for name, n in factors.items() for low, high in pairwise(range(n))
    ]  # fmt: skip
    steps = DataFrame(rows, columns=["factor", "low", "high"])
    if possible is not None:
        columns = model_columns(coded(possible, factors), with_pairs)
        found = [averaged(columns, possible, list(factors), *row) for row in rows]
        steps["combinations"] = [number for _, number in found]
        return np.stack([contrast for contrast, _ in found]), steps
    # Over the full factorial all other columns of the difference sum to zero.
    num_parameters = sum(n - 1 for n in factors.values())
    num_pairs = sum((a - 1) * (b - 1) for a, b in combinations(factors.values(), 2))
    contrasts = np.zeros((len(steps), 1 + num_parameters + with_pairs * num_pairs))
    start, row = 1, 0
    for number in factors.values():
        levels = helmert(number).T * number**0.5
        contrasts[row : row + number - 1, start : start + number - 1] = np.diff(levels, axis=0)
        start, row = start + number - 1, row + number - 1
    num_all = prod(factors.values())
    steps["combinations"] = [num_all // factors[name] for name in steps["factor"]]
    return contrasts, steps


def averaged(
    columns: Floats, possible: DataFrame, names: list[str], factor: str, low: int, high: int
) -> tuple[Floats, int]:
    """A step's weights over the combinations that have both levels, and how many there are."""
    others = [name for name in names if name != factor]
    rows = possible.assign(row=np.arange(len(possible)))
    lows, highs = (rows[rows[factor] == level] for level in (low, high))
    pairs = lows.merge(highs, on=others) if others else lows.merge(highs, how="cross")
    difference = columns[pairs["row_y"]] - columns[pairs["row_x"]]
    if not len(pairs):
        return np.full(columns.shape[1], np.nan), 0
    return difference.mean(axis=0), len(pairs)
