"""Executions that a fraction lacks in some replicates, filled in so that they change no estimate.

Cells that were not met in every replicate have means that cannot be compared as they are: what a
replicate gives to all its cells is in some of them and not in others.
"""

import numpy as np

from tuner.analysis.left_out import Floats

CELLS_A_PARAMETER = 2  # that a replicate needs, to say how much it disagrees on the factors
MOST_ROUNDS = 10_000
DIGITS = 1e-10  # of the largest value


def fill_missing(by_replicate: Floats, basis: Floats) -> tuple[Floats, Floats]:
    """Fill what is missing with its least-squares fit (Yates 1933).

    The model has a mean of each cell, an effect of each replicate, and what a replicate adds to
    main effects: estimates and the sum of squares of the residuals are those of the executions
    that are there (The analysis of replicated experiments when the field results are incomplete,
    Empire Journal of Experimental Agriculture 1). A replicate of few cells has an effect alone.

    Args:
        by_replicate: cells x replicates that share cells, NaN where there is no execution.
        basis: orthonormal, of the mean and all main effects, cells x parameters.

    Returns:
        The same, all filled; and which replicates have cells enough to disagree on factors.
    """
    present = np.isfinite(by_replicate)
    num_needed = min(CELLS_A_PARAMETER * basis.shape[1], len(basis))
    is_long = present.sum(axis=0) >= num_needed
    constant = np.full((len(basis), 1), len(basis) ** -0.5)
    start = np.nanmean(by_replicate, axis=1, keepdims=True)
    filled = np.where(present, by_replicate, start)
    scale = DIGITS * float(np.abs(filled).max())
    for _ in range(MOST_ROUNDS):
        means = filled.mean(axis=1, keepdims=True)
        varied = filled - means
        fitted = means + np.where(
            is_long, basis @ (basis.T @ varied), constant @ (constant.T @ varied)
        )
        change = np.abs(filled - fitted)[~present].max(initial=0)
        filled = np.where(present, filled, fitted)
        if change <= scale:
            break
    return filled, is_long
