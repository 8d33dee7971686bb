"""What a fraction's regression predicts: each cell from the others, and the best of all cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from pandas import DataFrame, Series
from scipy import stats

from tuner.analysis.cell_regression import Regression, coded, model_columns
from tuner.analysis.left_out import Floats, LeftOut, estimate_left_out

MOST_PREDICTED = 20_000_000  # numbers in the matrix of all combinations; else only trained cells


@dataclass(frozen=True)
class HeldOut:
    """How well each cell is predicted from all the others."""

    coverage: float  # of the 95% prediction intervals
    r_squared: float


@dataclass(frozen=True)
class Prediction:
    """The cell that is predicted to be best, with the 95% interval of its mean.

    It trusts the model: where a measure nears its limit, two-factor terms can overshoot it.
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
    of_chance: float,
    of_replicates: tuple[float, int],
    possible: DataFrame | None,
    maximize: bool,
) -> Prediction:
    """Find the combination with the best prediction: of the possible ones, or else of all.

    The largest of many unbiased predictions is too large. So two-factor parameters are shrunk as
    much as their variance says (best linear unbiased prediction; Robinson 1991, Statistical
    Science 6), which leaves a prediction right on average also when it was picked as the largest.

    Args:
        fit: of main effects alone; what it omits are the two-factor terms.
        cells: those that were trained.
        factors: the number of levels of each.
        of_chance: the part of chance in the variance of a cell's mean.
        of_replicates: the variance of what all cells share, with its degrees of freedom.
        possible: one row a combination that can be trained; None for all.
        maximize: whether more is better.
    """
    candidates = list_candidates(fit, cells, factors, possible)
    variances = estimate_left_out(fit.basis, fit.omitted, fit.residuals, of_chance)
    predicted, of_model = predict(fit, variances, coded(candidates, factors))
    place = int(np.argmax(predicted) if maximize else np.argmin(predicted))
    of_cell = float(of_model[place]) + max(variances.own - of_chance, 0)
    of_all, df_of_all = of_replicates
    total = max(of_cell + of_all, 1e-300)
    df = total**2 / max(of_cell**2 / fit.df + of_all**2 / df_of_all, 1e-300)
    half_width = float(stats.t.ppf(0.975, df) * total**0.5)
    levels = {name: int(candidates[name].iloc[place]) for name in factors}
    mean = float(predicted[place])
    is_trained = bool((cells[[*factors]] == Series(levels)).all(axis=1).any())
    return Prediction(levels, mean, mean - half_width, mean + half_width, is_trained)


def list_candidates(
    fit: Regression, cells: DataFrame, factors: Mapping[str, int], possible: DataFrame | None
) -> DataFrame:
    """The combinations to choose from: all possible ones, or the trained ones if they are many."""
    if possible is not None:
        return possible
    num_parameters = fit.columns.shape[1] + fit.omitted.shape[1]
    if prod(factors.values()) * num_parameters > MOST_PREDICTED:
        return cells
    return DataFrame(product(*map(range, factors.values())), columns=list(factors))


def predict(fit: Regression, variances: LeftOut, parts: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Predict combinations with shrunk two-factor terms: their means, and the model's variances.

    Args:
        fit: of main effects alone.
        variances: of what it omits.
        parts: the combinations' factors, as `cell_regression.coded` gives them.
    """
    has_pairs = variances.terms > 0
    observed = np.hstack([fit.columns, fit.omitted]) if has_pairs else fit.columns
    prior = np.zeros(observed.shape[1])
    prior[fit.columns.shape[1] :] = variances.own / variances.terms if has_pairs else 0.0
    inverse = np.linalg.pinv(observed.T @ observed + np.diag(prior), hermitian=True)
    columns = model_columns(parts, with_pairs=has_pairs)
    predicted = columns @ (inverse @ (observed.T @ fit.means))
    return predicted, variances.own * ((columns @ inverse) * columns).sum(axis=1)
