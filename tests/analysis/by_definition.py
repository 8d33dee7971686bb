"""Error terms from their definitions, by dense numpy: slow, short, and held against R by tests.

Where R has no number, what the analysis computes its own way can be compared with these.
"""

from typing import Any

import numpy as np
from pandas import DataFrame, get_dummies
from scipy import optimize, special

from tuner.analysis.least_squares import Floats


def design_of(executions: DataFrame) -> Floats:
    """Lay executions (cell, replicate) out as dummies of the cells, then of the replicates.

    Replicates that no two cells share have none: they would explain everything.
    """
    shared = executions.groupby("replicate")["cell"].nunique().max() > 1
    sides = ["cell", "replicate"] if shared else ["cell"]
    return np.hstack([get_dummies(executions[side]).to_numpy(float) for side in sides])


def least_squares(design: Floats, value: Floats, weights: Floats) -> tuple[float, float, int]:
    """Estimate one combination of coefficients: estimate, pooled standard error, df."""
    inverse = np.linalg.pinv(design.T @ design, hermitian=True)
    coefficients = inverse @ design.T @ value
    df = len(value) - int(np.linalg.matrix_rank(design))
    mean_square = float(((value - design @ coefficients) ** 2).sum()) / df
    estimate = float(weights @ coefficients)
    return estimate, float(np.sqrt(mean_square * (weights @ inverse @ weights))), df


def cr2(design: Floats, value: Floats, weights: Floats, cluster: Any) -> tuple[float, float]:
    """Give the CR2 standard error of a combination, and Satterthwaite's df.

    Pustejovsky and Tipton (2018), Journal of Business and Economic Statistics 36, equations 6 to
    11, with independent executions of one spread as the working model.
    """
    inverse = np.linalg.pinv(design.T @ design, hermitian=True)
    residual_maker = np.eye(len(value)) - design @ inverse @ design.T
    residuals = residual_maker @ value
    variance, influences = 0.0, []
    for own in (cluster == name for name in np.unique(cluster)):
        roots, vectors = np.linalg.eigh(residual_maker[np.ix_(own, own)])
        scale = np.array([root**-0.5 if root > 1e-10 else 0.0 for root in roots])
        adjusted = vectors @ (scale * (vectors.T @ (design[own] @ inverse @ weights)))
        variance += float(adjusted @ residuals[own]) ** 2
        influences.append(residual_maker[:, own] @ adjusted)
    spread = np.array(influences) @ np.array(influences).T
    return float(np.sqrt(variance)), float(np.trace(spread) ** 2 / (spread**2).sum())


def smyth_prior(variances: Floats, df: Floats) -> tuple[float, float]:
    """Fit the prior of sample variances by moments of their logarithms: its df, its variance.

    Smyth (2004), Statistical Applications in Genetics and Molecular Biology 3, section 6.2.
    """
    logs = np.log(variances) - special.digamma(df / 2) + np.log(df / 2)
    excess = float(logs.var(ddof=1) - special.polygamma(1, df / 2).mean())
    if excess <= 0:
        return np.inf, float(np.exp(logs.mean()))
    half = optimize.brentq(lambda x: float(special.polygamma(1, x)) - excess, 1e-6, 1e9)
    return 2 * half, float(np.exp(logs.mean() + special.digamma(half) - np.log(half)))


def moderate(variances: Floats, df: Floats, prior: tuple[float, float]) -> Floats:
    """Average sample variances with their prior, weighted by degrees of freedom."""
    prior_df, prior_variance = prior
    if np.isinf(prior_df):
        return np.full(len(variances), prior_variance)
    return (prior_df * prior_variance + df * variances) / (prior_df + df)


def disagreement(values: Any, axis: int) -> tuple[float, int]:
    """Give the mean square of replicate x factor, and its df.

    Args:
        values: replicates complete, as an array: the levels of each factor, then replicates.
        axis: of the factor.
    """
    others = tuple(i for i in range(values.ndim - 1) if i != axis)
    means = values.mean(axis=others)
    left = means - means.mean(axis=0) - means.mean(axis=1, keepdims=True) + means.mean()
    df = (means.shape[0] - 1) * (means.shape[1] - 1)
    num_others = values.size // means.size
    return num_others * float((left**2).sum()) / df, df
