"""How much shared replicates disagree on the effect of each factor of a fraction.

A replicate's split and seed are the same in all cells, so that the effect of a factor differs
between replicates by more than chance in single cells says. That part is not in the residuals of
cell means, since all cells have it alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tuner.analysis.cell_regression import Chance
from tuner.analysis.left_out import Floats


@dataclass(frozen=True)
class Stratum:
    """The variation of one factor's effect between replicates.

    Attributes:
        mean_square: in units of one execution's variance.
        df: its degrees of freedom.
        excess: of the mean square over chance, at least 0.
        p: of the test against chance.
    """

    mean_square: float
    df: int
    excess: float
    p: float


def measure_disagreement(
    main_effects: Mapping[str, Floats], basis: Floats, by_replicate: Floats, num_filled: int = 0
) -> tuple[dict[str, Stratum], Chance]:
    """Part the variation between replicates into each factor's and chance.

    Args:
        main_effects: weights of the cells that give each factor's parameters, parameters x cells.
        basis: orthonormal, of the mean and all main effects, cells x parameters.
        by_replicate: cells x replicates, complete.
        num_filled: how many of them were filled in by their fit.
    """
    num_cells, num_replicates = by_replicate.shape
    varied = by_replicate - by_replicate.mean(axis=1, keepdims=True)
    within = varied - basis @ (basis.T @ varied)
    df = (num_cells - basis.shape[1]) * (num_replicates - 1) - num_filled
    chance = Chance(float((within**2).sum()) / df, df)
    strata = {}
    for name, weights in main_effects.items():
        effects = weights @ varied
        square = float((effects * np.linalg.solve(weights @ weights.T, effects)).sum())
        df_of_factor = len(weights) * (num_replicates - 1)
        mean_square = square / df_of_factor
        ratio = mean_square / chance.variance if chance.variance else np.inf * mean_square
        p = float(stats.f.sf(ratio, df_of_factor, df))
        strata[name] = Stratum(mean_square, df_of_factor, max(mean_square - chance.variance, 0), p)
    return strata, chance
