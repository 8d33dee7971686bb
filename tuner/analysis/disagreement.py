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
    main_effects: Mapping[str, Floats], by_replicate: Floats
) -> tuple[dict[str, Stratum], Chance]:
    """Part the variation between replicates into each factor's and chance.

    Args:
        main_effects: weights of the cells that give each factor's parameters, parameters x cells.
        by_replicate: cells x replicates, complete.
    """
    num_cells, num_replicates = by_replicate.shape
    varied = by_replicate - by_replicate.mean(axis=1, keepdims=True)
    varied = varied - varied.mean(axis=0)
    squares, dfs = {}, {}
    for name, weights in main_effects.items():
        effects = weights @ varied
        squares[name] = float((effects * np.linalg.solve(weights @ weights.T, effects)).sum())
        dfs[name] = len(weights) * (num_replicates - 1)
    df = (num_cells - 1) * (num_replicates - 1) - sum(dfs.values())
    chance = Chance(max(float((varied**2).sum()) - sum(squares.values()), 0) / df, df)
    strata = {}
    for name, square in squares.items():
        mean_square = square / dfs[name]
        ratio = mean_square / chance.variance if chance.variance else np.inf * mean_square
        p = float(stats.f.sf(ratio, dfs[name], df))
        strata[name] = Stratum(mean_square, dfs[name], max(mean_square - chance.variance, 0), p)
    return strata, chance
