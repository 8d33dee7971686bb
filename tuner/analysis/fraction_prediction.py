"""What a fraction's regression predicts: each cell from the others, and the best of all cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from pandas import DataFrame, Series
from scipy import stats

from tuner.analysis.cell_regression import Regression, coded, model_columns

MOST_PREDICTED = 20_000_000  # numbers in the matrix of all combinations; else only trained cells


@dataclass(frozen=True)
class HeldOut:
    """How well each cell is predicted from all the others."""

    coverage: float  # of the 95% prediction intervals
    r_squared: float


@dataclass(frozen=True)
class Prediction:
    """The cell that the model predicts to be best, with the 95% interval of its mean.

    The interval does not know that the cell was picked as the best of many.
    """

    levels: dict[str, int]
    mean: float
    low: float
    high: float
    is_trained: bool


def hold_out(fit: Regression) -> HeldOut:
    """Predict each cell from all the others, in closed form (Cook and Weisberg 1982, ch. 2)."""
    left = 1 - fit.leverages
    misses = fit.residuals / left
    variances = (fit.df * fit.mean_square - fit.residuals**2 / left) / (fit.df - 1)
    half_widths = stats.t.ppf(0.975, fit.df - 1) * np.sqrt(np.maximum(variances, 0) / left)
    weights = fit.roots**2
    mean = float(np.average(fit.means / fit.roots, weights=weights))
    around = (fit.means - fit.roots * mean) / (1 - weights / weights.sum())
    explained = 1 - float((misses**2).sum() / (around**2).sum()) if around.any() else 0.0
    return HeldOut(float((np.abs(misses) <= half_widths).mean()), explained)


def predict_best(
    fit: Regression,
    cells: DataFrame,
    factors: Mapping[str, int],
    between_cells: float,  # the standard deviation of cells' own effects
    possible: DataFrame | None,
    maximize: bool,
) -> Prediction:
    """Find the combination with the best prediction: of the possible ones, or else of all."""
    names = list(factors)
    candidates = possible if possible is not None else cells
    if possible is None and prod(factors.values()) * fit.columns.shape[1] <= MOST_PREDICTED:
        candidates = DataFrame(product(*map(range, factors.values())), columns=names)
    columns = model_columns(coded(candidates, factors), fit.with_pairs)
    predicted = columns @ (fit.solver @ fit.means)
    place = int(np.argmax(predicted) if maximize else np.argmin(predicted))
    variance = fit.mean_square * float(((columns[place] @ fit.solver) ** 2).sum())
    half_width = stats.t.ppf(0.975, fit.df) * (variance + between_cells**2) ** 0.5
    levels = {name: int(candidates[name].iloc[place]) for name in names}
    mean = float(predicted[place])
    trained = bool((cells[names] == Series(levels)).all(axis=1).any())
    return Prediction(levels, mean, mean - half_width, mean + half_width, trained)
