"""Does width run out? Error as a + b·width^-c, with intervals from the profile likelihood.

For a given c the curve is linear in a and b, so the profile over c is a weighted line fit at each
c of a grid (Seber and Wild 1989, Nonlinear Regression, sections 2.1.5 and 5.2.3). Intervals of
such a curve are lopsided, and often open: what reaches the grid's end is called unbounded.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from tuner.analysis.arrangement import arrange, keep_combinations
from tuner.analysis.cells import shift_of_all
from tuner.analysis.contrasts import Contrast, weight_matrix
from tuner.analysis.inference import SIGNIFICANCE
from tuner.analysis.least_squares import Codes, Floats
from tuner.analysis.levels import is_numeric
from tuner.analysis.model import MIN_EXECUTIONS, Model
from tuner.errors import DataError
from tuner.words import level_text

MIN_LEVELS = 4  # three parameters go through three points whatever the truth
MAX_LEVELS = 50
FULL_SCALE = 100.0  # a share in reported units: error is what an accuracy lacks of it
EXPONENTS = np.geomspace(0.01, 10, 3001)


def saturation(model: Model) -> DataFrame:
    """Fit error = a + b·width^-c to the marginal means of the width, over all and at each depth.

    Returns:
        Three rows a fit: given ("" or "depth=3"), parameter ("a" the error that no width
        removes, "b", "c"), estimate, ci_low, ci_high (95%; infinite where the data set no bound),
        fits (bool: the curve describes the means) and verdict (the same on the three rows).

    Raises:
        DataError: there is no numeric width, fewer than four levels of it, or no residual spread.
    """
    width, depth = model.sample.question.width, model.sample.question.depth
    refuse(model)
    fits = [fit_levels(model, "")]
    if depth is not None:
        of_depth = model.codes[:, [*model.sample.levels].index(depth)]
        for place, level in enumerate(model.sample.levels[depth]):
            held = np.flatnonzero(of_depth == place)
            fits.append(fit_levels(model, f"{depth}={level_text(level)}", held))
    found = [fitted for fitted in fits if fitted is not None]
    if not found:
        raise DataError(
            f"a curve needs {MIN_LEVELS} levels of {width} crossed with the same levels of the "
            f"other factors, in cells of {MIN_EXECUTIONS} executions or more"
        )
    return pd.concat(found, ignore_index=True)


def refuse(model: Model) -> None:
    """Refuse a question that no curve of width can answer."""
    question = model.sample.question
    if question.width is None:
        raise DataError("no factor is named as the width")
    levels = model.sample.levels[question.width]
    if not is_numeric(levels) or min(levels) <= 0:
        raise DataError(f"the levels of {question.width} are not positive numbers")
    if not MIN_LEVELS <= len(levels) <= MAX_LEVELS:
        raise DataError(
            f"{question.width} has {len(levels)} levels, and a + b·width^-c, with its three "
            f"parameters, needs {MIN_LEVELS} to {MAX_LEVELS} of them"
        )
    if not (question.objective.is_share and question.objective.maximize):
        raise DataError(
            "the curve describes what a share lacks of the whole; the objective is no such share"
        )
    if model.errors is None or not model.residual_sd > 0:
        raise DataError("without a spread between replicates a curve has no interval")


def fit_levels(model: Model, given: str, cells: Codes | None = None) -> DataFrame | None:
    """Fit the curve to the width's marginal means over some cells, or all; None if they are few."""
    width = model.sample.question.width or ""
    levels = model.sample.levels[width]
    kept = keep_combinations(arrange(model, width, cells), len(levels))
    if not len(kept) or not kept.enough.all():
        return None
    means = [
        Contrast(width, "", "mean", cells=cells, weights=np.full(len(cells), 1 / len(cells)))
        for cells in (kept.cell[kept.level == i] for i in range(len(levels)))
    ]
    weights = weight_matrix(means, len(model.count))
    estimates = model.estimate(weights, are_means=True)
    accuracy = estimates.estimate
    covariance = model.covariance(weights, are_means=True)
    df = float(estimates.df.min())
    width_levels, together = np.array(levels, dtype=float), shift_of_all(model, kept.cell)
    rows = fit_curve(width_levels, FULL_SCALE - accuracy, covariance, df, together)
    rows.insert(0, "given", given)
    return rows


def fit_curve(
    width: Floats, error: Floats, covariance: Floats, df: float, together: float = 0.0
) -> DataFrame:
    """Fit error = a + b·width^-c with a ≥ 0 and b ≥ 0, by generalised least squares.

    What moves all means alike moves a alone. Its interval is joined to a's as those of independent
    parts of a sum are (Zou and Donner 2008, Statistics in Medicine 27:1693).

    Args:
        width: the levels.
        error: the mean error at each.
        covariance: of those means, to be compared.
        df: the degrees of freedom of that covariance.
        together: the half-width of what all means have in common.

    Returns:
        Three rows: parameter, estimate, ci_low, ci_high, fits, verdict.
    """
    profile = profile_exponent(width, error, covariance)
    best = profile.iloc[int(profile["misfit"].to_numpy().argmin())]
    allowed = best["misfit"] + float(stats.t.ppf(0.975, df)) ** 2
    exponents = profile.loc[profile["misfit"] <= allowed, "c"]
    is_open = exponents.min() == EXPONENTS[0], exponents.max() == EXPONENTS[-1]
    smallest = 0.0 if is_open[0] else exponents.min()
    bounds = {"c": (smallest, np.inf if is_open[1] else exponents.max())}
    free = profile[profile["free_misfit"] <= allowed]
    reach = np.sqrt(allowed - free["free_misfit"])
    for name in ("a", "b"):
        low = (free[f"free_{name}"] - reach * free[f"{name}_se"]).min()
        high = (free[f"free_{name}"] + reach * free[f"{name}_se"]).max()
        if name == "a":
            low = best["a"] - np.hypot(best["a"] - low, together)
            high = best["a"] + np.hypot(high - best["a"], together)
        bounds[name] = max(low, 0.0), np.inf if name == "b" and is_open[0] else high
    rows = DataFrame(
        [(name, best[name], *bounds[name]) for name in ("a", "b", "c")],
        columns=["parameter", "estimate", "ci_low", "ci_high"],
    )
    lack_of_fit = stats.f.sf(best["misfit"] / (len(width) - 3), len(width) - 3, df)
    said = verdict(rows, error.min(), float(lack_of_fit))
    return rows.assign(fits=bool(lack_of_fit >= SIGNIFICANCE), verdict=said)


def profile_exponent(width: Floats, error: Floats, covariance: Floats) -> DataFrame:
    """Fit the line in width^-c at each c.

    Returns:
        One row a c: c, a, b, misfit (with a ≥ 0, b ≥ 0), free_a, free_b, a_se, b_se, free_misfit
        (without those bounds).
    """
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    one, y = whiten @ np.ones_like(width), whiten @ error
    power = whiten @ width[:, None] ** -EXPONENTS
    oo, op, pp = one @ one, one @ power, (power**2).sum(axis=0)
    determinant = oo * pp - op**2
    b = (oo * (y @ power) - op * (one @ y)) / determinant
    a = (one @ y - b * op) / oo
    free_misfit = ((y[:, None] - a * one[:, None] - b * power) ** 2).sum(axis=0)
    through_zero = np.maximum((y @ power) / pp, 0)
    flat = (one @ y) / oo
    bounded_a = np.where(b < 0, flat, np.maximum(a, 0))
    bounded_b = np.where(b < 0, 0, np.where(a < 0, through_zero, b))
    misfit = ((y[:, None] - bounded_a * one[:, None] - bounded_b * power) ** 2).sum(axis=0)
    return DataFrame(
        {
            "c": EXPONENTS,
            "a": bounded_a,
            "b": bounded_b,
            "misfit": misfit,
            "free_a": a,
            "free_b": b,
            "free_misfit": free_misfit,
            "a_se": np.sqrt(pp / determinant),
            "b_se": np.sqrt(oo / determinant),
        }
    )


def verdict(rows: DataFrame, smallest_error: float, lack_of_fit: float) -> str:
    """Say whether the error levels off within what the intervals allow."""
    a, _, c = rows[["estimate", "ci_low", "ci_high"]].to_numpy()
    if lack_of_fit < SIGNIFICANCE:
        return f"a + b·width^-c does not describe these means (lack of fit, p = {lack_of_fit:.2g})"
    interval = f"between {a[1]:.1f} and {a[2]:.1f}"
    if c[1] == 0 or np.isinf(c[2]) or a[1] <= 0:
        return (
            f"not resolved: the error that no width removes lies {interval}; these widths cannot "
            "tell a limit from slow growth"
        )
    return (
        f"error levels off at {a[0]:.1f} [{a[1]:.1f}, {a[2]:.1f}], an extrapolation from "
        f"{smallest_error:.1f} at the best width here"
    )


def saturation_curve(fits: DataFrame, low: float, high: float) -> DataFrame:
    """Draw the fitted curves between two widths.

    Returns:
        Fifty rows a fit: given, x (width), mean (objective, reported units).
    """
    x = np.geomspace(low, high, 50)
    curves = []
    for given, fitted in fits.groupby("given", sort=False):
        a, b, c = fitted.set_index("parameter")["estimate"].loc[["a", "b", "c"]]
        curves.append(DataFrame({"given": given, "x": x, "mean": FULL_SCALE - a - b * x**-c}))
    return pd.concat(curves, ignore_index=True)
