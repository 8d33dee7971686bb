"""Effects from a fraction of a factorial: a regression on cell means.

Few pairs of cells differ in one factor alone, so the cell means are modelled by main effects and
two-factor terms, with a random effect of each cell. A step is the model's, averaged over all
possible combinations of the other factors, trained or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import prod
from typing import Any

import numpy as np
from pandas import DataFrame
from scipy import stats

from tuner.analysis.cell_regression import Chance, Regression, fit_means, step_contrasts
from tuner.analysis.disagreement import Stratum, measure_disagreement
from tuner.analysis.fraction_prediction import HeldOut, Prediction, hold_out, predict_best
from tuner.analysis.left_out import TINY, Floats, estimate_left_out
from tuner.analysis.simultaneous import max_t

MIN_DF = 10
MIN_CELLS_A_PARAMETER = 1.5  # with fewer, main effects alone are known as narrowly
MAX_LEVERAGE = 0.9
MAX_ALIAS = 0.5


@dataclass(frozen=True)
class LackOfFit:
    """What the model leaves out of a cell's mean, as a standard deviation, tested on chance."""

    sd: float
    chance_sd: float  # between executions of one cell
    p: float


@dataclass(frozen=True)
class FractionAnalysis:
    """What a fraction tells.

    Attributes:
        with_pairs: whether two-factor terms are in the model, or main effects alone.
        num_parameters: of the model.
        df: residual degrees of freedom.
        residual_sd: of a cell's mean about the model, chance included.
        lack_of_fit: None where nothing measures chance.
        steps: one row a step between adjacent levels: factor, low, high (codes), combinations
            (of the other factors that it is averaged over), estimate, se, df, ci_low, ci_high,
            simultaneous_low, simultaneous_high, ordinary_se, hc3_se. None where it is refused.
        refusal: why there are no steps; else "".
        note: why two-factor terms are not in the model; else "".
        strata: how much the replicates disagree on each factor; empty unless they are shared.
        held_out: None if refused, likewise best.
    """

    with_pairs: bool
    num_parameters: int
    df: int
    residual_sd: float
    lack_of_fit: LackOfFit | None
    steps: DataFrame
    refusal: str = ""
    note: str = ""
    strata: dict[str, Stratum] = field(default_factory=dict)
    held_out: HeldOut | None = None
    best: Prediction | None = None


def analyse_fraction(
    cells: DataFrame,
    num_levels: Mapping[str, int],
    chance: Chance | None = None,
    by_replicate: Floats | None = None,
    num_filled: int = 0,
    possible: DataFrame | None = None,
    maximize: bool = True,
) -> FractionAnalysis:
    """Estimate the steps between adjacent levels of each factor.

    Args:
        cells: one row a cell: each factor (code of its level, from 0), mean, n (executions).
        num_levels: of each factor.
        chance: the variance of executions in a cell; None if no cell has several.
        by_replicate: cells x replicates, where all cells share all replicates: chance is taken from
            it, and each interval takes in how much the replicates disagree on its factor.
        num_filled: how many of these no execution measured (`missing_executions.fill_missing`).
        possible: one row a combination that can be trained: each factor; None for all.
        maximize: whether more is better.
    """
    factors = {name: number for name, number in num_levels.items() if number > 1}
    fit, contrasts, steps, reasons = usable_fit(cells, factors, chance, possible)
    if len(reasons) == 2:
        return described(fit, cells, chance, refusal=reasons[1], steps=steps.iloc[:0])
    mains = fit_means(cells, factors, with_pairs=False, chance=chance) if fit.with_pairs else fit
    strata: dict[str, Stratum] = {}
    num_replicates = 1 if by_replicate is None else by_replicate.shape[1]
    if by_replicate is not None and num_replicates > 1:
        places = term_places(factors, 1)
        effects = {name: fit.solver[place] for (name,), place in places.items()}
        strata, chance = measure_disagreement(effects, mains.basis, by_replicate, num_filled)
    of_chance = chance_in_means(mains, cells, chance)
    shared = variance_of_replicates(by_replicate)
    return described(
        fit,
        cells,
        chance,
        note="".join(reasons),
        steps=assess(
            fit, contrasts, steps, chance_in_means(fit, cells, chance), strata, num_replicates
        ),
        strata=strata,
        held_out=hold_out(fit),
        best=predict_best(mains, cells, factors, of_chance, shared, possible, maximize),
    )


def refused(reason: str) -> FractionAnalysis:
    """Say why nothing can be fitted."""
    return FractionAnalysis(False, 0, 0, np.nan, None, DataFrame(), refusal=reason)


def described(
    fit: Regression, cells: DataFrame, chance: Chance | None, **found: Any
) -> FractionAnalysis:
    """Put what was found beside the model's size and what it leaves out of the cells."""
    return FractionAnalysis(
        with_pairs=fit.with_pairs,
        num_parameters=fit.basis.shape[1],
        df=fit.df,
        residual_sd=fit.mean_square**0.5,
        lack_of_fit=measure_lack_of_fit(fit, cells, chance) if chance and fit.df > 0 else None,
        **found,
    )


def usable_fit(
    cells: DataFrame,
    factors: Mapping[str, int],
    chance: Chance | None,
    possible: DataFrame | None,
) -> tuple[Regression, Floats, DataFrame, list[str]]:
    """Fit the richer model that the cells allow; with the reasons against those they do not."""
    reasons: list[str] = []
    for with_pairs in (True, False):
        fit = fit_means(cells, factors, with_pairs, chance)
        contrasts, steps = step_contrasts(factors, with_pairs, possible)
        reason = explain(fit, contrasts, factors)
        if not reason:
            break
        reasons.append(reason)
    return fit, contrasts, steps, reasons


def explain(fit: Regression, contrasts: Floats, factors: Mapping[str, int]) -> str:
    """Say why a model cannot be used; "" if it can."""
    num_cells, num_parameters = fit.columns.shape
    model = "main effects and two-factor terms" if fit.with_pairs else "main effects"
    size = f"{num_cells} cells for the {num_parameters} parameters of {model}"
    if fit.with_pairs and num_cells < MIN_CELLS_A_PARAMETER * fit.basis.shape[1]:
        return f"{size} are fewer than {MIN_CELLS_A_PARAMETER} each"
    if fit.df < MIN_DF:
        return f"{size} leave fewer than {MIN_DF} degrees of freedom ({fit.df})"
    told = contrasts @ fit.solver @ fit.columns
    if not np.allclose(told, contrasts, atol=1e-6):
        return f"{size} do not tell all steps apart (rank {fit.basis.shape[1]})"
    num_high = int((fit.leverages > MAX_LEVERAGE).sum())
    if num_high:
        return f"{size}: {num_high} of them have a leverage above {MAX_LEVERAGE}"
    return "" if fit.with_pairs else explain_aliases(fit, factors)


def explain_aliases(fit: Regression, factors: Mapping[str, int]) -> str:
    """Say which omitted two-factor term a main effect could be; "" if none.

    It takes on so much of a term with variance 1 in all directions: root mean square over the
    parameters of the main effect (the alias matrix; Box and Wilson 1951).
    """
    for (name,), rows in term_places(factors, 1).items():
        alias = fit.solver[rows] @ fit.omitted
        for (a, b), columns in term_places(factors, 2).items():
            size = float(np.sqrt((alias[:, columns] ** 2).sum(axis=1).mean()))
            if size > MAX_ALIAS:
                return (
                    f"the main effect of {name} cannot be told from the two-factor term {a} x {b}, "
                    f"which the model omits: aliased by {size:.2f}, more than {MAX_ALIAS}"
                )
    return ""


def term_places(factors: Mapping[str, int], order: int) -> dict[tuple[str, ...], slice]:
    """Where the parameters of each main effect lie in a model; of two factors, among their like."""
    sizes = {
        chosen: prod(factors[name] - 1 for name in chosen)
        for chosen in combinations(factors, order)
    }
    ends = np.cumsum([int(order == 1), *sizes.values()]).tolist()
    return {term: slice(ends[place], ends[place + 1]) for place, term in enumerate(sizes)}


def assess(
    fit: Regression,
    contrasts: Floats,
    steps: DataFrame,
    of_chance: float,
    strata: Mapping[str, Stratum],
    num_replicates: int,
) -> DataFrame:
    """Give each step its estimate, error and intervals; columns as in `FractionAnalysis`."""
    weights = contrasts @ fit.solver
    left_out = estimate_left_out(fit.basis, fit.omitted, fit.residuals, of_chance)
    covariance = left_out.covariance(weights, fit.omitted)
    df = np.minimum(left_out.df(weights, fit.omitted), df_of_tails(fit))
    products = weights @ weights.T
    if strata:
        names = steps["factor"].to_numpy()
        alike = (names[:, None] == names[None, :]) / num_replicates * products
        square, excess, strata_df = (
            np.array([getattr(strata[name], field) for name in names])
            for field in ("mean_square", "excess", "df")
        )
        before = np.diag(covariance)
        covariance = covariance + excess[:, None] * alike
        # Satterthwaite: the variance of a sum is known as well as its parts are.
        unsure = before**2 / df + (excess > 0) * (square * np.diag(alike)) ** 2 / strata_df
        df = np.diag(covariance) ** 2 / np.maximum(unsure, 1e-300)
    se = np.sqrt(np.diag(covariance))
    estimate = weights @ fit.means
    single = stats.t.ppf(0.975, df) * se
    together = max_t(covariance, df) * se
    return steps.assign(
        estimate=estimate,
        se=se,
        df=df,
        ci_low=estimate - single,
        ci_high=estimate + single,
        simultaneous_low=estimate - together,
        simultaneous_high=estimate + together,
        ordinary_se=np.sqrt(fit.mean_square * np.diag(products)),
        hc3_se=np.sqrt(weights**2 @ (fit.residuals / (1 - fit.leverages)) ** 2),
    )


def df_of_tails(fit: Regression) -> float:
    """The degrees of freedom of a residual variance, fewer where few cells make most of it.

    The variance of s^2 is (2 / df + kurtosis / n) sigma^4 (Cramér 1946, section 27.4).
    """
    kurtosis = float(stats.kurtosis(fit.residuals)) if fit.mean_square > TINY else 0.0
    return fit.df / (1 + max(kurtosis, 0) / 2)


def variance_of_replicates(by_replicate: Floats | None) -> tuple[float, int]:
    """What the mean of all cells varies by between replicates, with its degrees of freedom."""
    if by_replicate is None or by_replicate.shape[1] < 2:
        return 0.0, 1
    means = by_replicate.mean(axis=0)
    return float(means.var(ddof=1)) / len(means), len(means) - 1


def chance_in_means(fit: Regression, cells: DataFrame, chance: Chance | None) -> float:
    """The part of chance in the variance of weighted cell means; 0 if nothing measures it."""
    return chance.variance * float((fit.roots**2 / cells["n"]).mean()) if chance else 0.0


def measure_lack_of_fit(fit: Regression, cells: DataFrame, chance: Chance) -> LackOfFit:
    """Compare the residuals of cell means with chance."""
    of_means = chance_in_means(fit, cells, chance)
    ratio = fit.mean_square / of_means if of_means else np.inf
    return LackOfFit(
        sd=max(fit.mean_square - of_means, 0) ** 0.5,
        chance_sd=chance.variance**0.5,
        p=float(stats.f.sf(ratio, fit.df, chance.df)),
    )
