"""How the executions of a simulated study err: without effects, around their cells' means.

A structure takes (rng, codes: cells x factors, number of studies, number of replicates) and gives
errors: studies x cells x replicates. The first factor is called depth, the second width.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from tuner.analysis.strata import estimate_strata

Errors = Callable[[np.random.Generator, Any, int, int], Any]
SD = 0.5
FLAGSHIP = (2.41, 0.94)  # variances of replicate x depth and x width on the committed study
RESULTS = Path(__file__).parents[1] / "results"


def normal(rng: Any, codes: Any, studies: int, replicates: int, sd: Any = SD) -> Any:
    """Err independently, with one spread or one a cell."""
    return np.reshape(sd, (-1, 1)) * rng.normal(size=(studies, len(codes), replicates))


def t3(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Err with heavy tails."""
    return SD * rng.standard_t(3, size=(studies, len(codes), replicates)) / 3**0.5


def shared(rng: Any, codes: Any, studies: int, replicates: int, *ratios: float) -> Any:
    """Err alike at each level of a factor, with variances relative to that of executions."""
    errors = np.zeros((studies, len(codes), replicates))
    for level, ratio in zip(codes.T, ratios, strict=False):
        of_level = rng.normal(size=(studies, level.max() + 1, replicates))
        errors += SD * ratio**0.5 * of_level[:, level]
    return errors


def strata(*ratios: float, sd: Callable[[Any], Any] = lambda codes: SD) -> Errors:
    """Make a structure of replicate x factor and of executions with a spread a cell."""
    return lambda rng, codes, studies, replicates: (
        normal(rng, codes, studies, replicates, sd(codes))
        + shared(rng, codes, studies, replicates, *ratios)
    )


def by_depth(codes: Any) -> Any:
    """Spread 9 times as much, 81-fold variances, at the deepest."""
    return 0.3 * 9 ** (codes[:, 0] / max(codes[:, 0].max(), 1))


def one_wild(codes: Any) -> Any:
    """Spread 50 times as much in one cell."""
    return np.where(np.arange(len(codes)) == len(codes) // 2, 15, 0.3)


def collapsing(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Fall to chance in one of ten executions."""
    collapsed = rng.random((studies, len(codes), replicates)) < 0.1
    return normal(rng, codes, studies, replicates) - 30 * (collapsed - 0.1)


def near_ceiling(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Err normally on the logit scale around accuracies of 90 to 95%, replicates too; in points."""
    size = codes[:, :2].sum(axis=1, keepdims=True)
    logit = 2.2 + 0.7 * size / size.max()
    sizes = (studies, len(codes), replicates), (studies, 1, replicates)
    errors = 0.15 * sum(rng.normal(size=size) for size in sizes)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    mean = special.expit(logit + 0.15 * 2**0.5 * nodes) @ weights / weights.sum()
    return 100 * (special.expit(logit + errors) - mean[:, None])


def skewed(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Err lognormally, downwards."""
    drawn = rng.lognormal(size=(studies, len(codes), replicates))
    return SD * (np.exp(0.5) - drawn) / np.sqrt((np.e - 1) * np.e)


def cells_differ(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Spread anyhow, cell by cell."""
    sd = np.exp(0.7 * rng.normal(size=(studies, len(codes), 1)))
    return sd * normal(rng, codes, studies, replicates)


def noisy_replicates(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Spread anyhow, replicate by replicate."""
    sd = np.exp(0.7 * rng.normal(size=(studies, 1, replicates)))
    return sd * normal(rng, codes, studies, replicates)


def differing_slopes(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Let replicates differ in their slope on depth and in nothing else of it."""
    x = (codes[:, :1] - codes[:, 0].mean()) / codes[:, 0].std()
    slopes = SD * rng.normal(size=(studies, 1, replicates))
    return normal(rng, codes, studies, replicates) + slopes * x


def neighbours_alike(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Let cells err alike the nearer they are, beside noise of the same size."""
    distance = np.abs(codes[:, None] - codes).sum(axis=-1)
    root = np.linalg.cholesky(np.exp(-distance / 2))
    return normal(rng, codes, studies, replicates) + root @ normal(rng, codes, studies, replicates)


def noise_by_replicate_and_depth(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Spread anyhow at each depth of each replicate, on top of the flagship's strata."""
    sd = np.exp(0.7 * rng.normal(size=(studies, codes[:, 0].max() + 1, replicates)))
    errors = sd[:, codes[:, 0]] * normal(rng, codes, studies, replicates)
    return errors + shared(rng, codes, studies, replicates, *FLAGSHIP)


def contaminated(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Spread 6 times as much in one of twenty executions."""
    wild = rng.random((studies, len(codes), replicates)) < 0.05
    return (1 + 5 * wild) * normal(rng, codes, studies, replicates)


def strata_with_tails(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Let replicate x factor have heavy tails: one replicate is odd at one level."""
    errors = normal(rng, codes, studies, replicates)
    for level, ratio in zip(codes.T, FLAGSHIP, strict=False):
        drawn = rng.standard_t(3, size=(studies, level.max() + 1, replicates)) / 3**0.5
        errors = errors + SD * ratio**0.5 * drawn[:, level]
    return errors


def committed(rng: Any, codes: Any, studies: int, replicates: int) -> Any:
    """Draw anew, stratum by stratum, what the committed flagship's executions leave."""
    rows = pd.read_csv(RESULTS / "width-depth-cifar10" / "executions.csv")
    table = 100 * rows.pivot_table(
        "val_accuracy", ["conv_blocks", "filter_multiplier"], "replicate"
    )
    levels = np.stack([*table.index.codes], axis=1)
    rest = table.to_numpy() - table.to_numpy().mean(axis=1, keepdims=True)
    rest -= rest.mean(axis=0)
    found = estimate_strata(rest, levels[:, :0], levels, rest.shape[1] - 1)
    variances = (found.mean_squares - found.rest) / found.sizes
    errors = np.zeros((studies, len(codes), replicates))
    for factor, variance in enumerate(variances):
        level = levels[:, factor]
        means = np.array([rest[level == k].mean(axis=0) for k in range(level.max() + 1)])
        rest = rest - means[level]
        if factor < codes.shape[1]:
            shape = (studies, codes[:, factor].max() + 1, replicates)
            drawn = rng.choice(means.ravel() / means.std(), shape)
            errors += variance**0.5 * drawn[:, codes[:, factor]]
    return errors + found.rest**0.5 * rng.choice(rest.ravel() / rest.std(), errors.shape)


#: What must hold the limits from three replicates on.
REQUIRED: dict[str, Errors] = {
    "normal": normal,
    "t3": t3,
    "replicate x depth": strata(1),
    "three times that": strata(3),
    "flagship's strata": strata(*FLAGSHIP),
    "spread .3 to 2.7": strata(sd=by_depth),
    "one wild cell": strata(sd=one_wild),
    "spread and strata": strata(*FLAGSHIP, sd=by_depth),
    "10% collapsed": collapsing,
    "ceiling": near_ceiling,
    "one hole": strata(*FLAGSHIP),
    "unequal counts": strata(*FLAGSHIP),
}
#: Seen while the rule was chosen, and no reason for it but the last two.
SEEN: dict[str, Errors] = {
    "failed executions": strata(*FLAGSHIP),
    "skewed": skewed,
    "cells differ": cells_differ,
    "noisy replicates": noisy_replicates,
    "differing slopes": differing_slopes,
    "neighbours alike": neighbours_alike,
}
#: First tried when the rule was settled.
UNSEEN: dict[str, Errors] = {
    "flagship's residuals": committed,
    "noise by both": noise_by_replicate_and_depth,
    "contaminated": contaminated,
    "strata with tails": strata_with_tails,
}
STRUCTURES = REQUIRED | SEEN | UNSEEN
