"""A fraction of a factorial: which of its feasible cells to train, and what they can tell.

The model is the mean, main effects and two-factor terms, coded so that over the full factorial
all columns are uncorrelated with variance 1. Cells are chosen to make the determinant of their
information large, where each two-factor parameter is known beforehand as well as one cell would
tell it (Bayesian D-optimality; DuMouchel and Jones 1994, Technometrics 36). So with many cells
the fraction is D-optimal for all terms, and with fewer cells than parameters it is so for the
main effects, which two-factor terms then bias as little as they can.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuner.errors import UsageError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Term = tuple[str, ...]  # () the mean, one factor its main effect, two factors their term

PRIOR = 1.0  # what is known of a two-factor parameter, in cells; see above
RIDGE = 1e-6  # the same of the others: enough to invert what a first random part leaves singular
NUM_STARTS = 10  # exchanges end in a local optimum; small designs are begun anew so often
NUM_PASSES = 10  # each offers every chosen cell for exchange; the first two gain nearly all
MOST_PRODUCTS = 3e9  # multiplications in all: a few seconds of one core


@dataclass(frozen=True)
class ModelMatrix:
    """The coded terms of a factorial's two-factor model, one row a configuration."""

    levels: dict[str, list[str]]  # of each factor that has two or more
    terms: list[Term]  # of each column
    values: Floats

    @property
    def is_main(self) -> npt.NDArray[np.bool_]:
        """Which columns belong to the mean or to a main effect."""
        return np.array([len(term) < 2 for term in self.terms])


def model_matrix(listed: Sequence[Mapping[str, object]]) -> ModelMatrix:
    """The mean, main effects and two-factor terms of configurations.

    A factor that a configuration does not have is at a level of its own.
    """
    levels = varying_levels(listed)
    parts: dict[Term, Floats] = {(): np.ones((len(listed), 1))}
    for name, found in levels.items():
        position = {level: place for place, level in enumerate(found)}
        codes = [position[str(values.get(name, ""))] for values in listed]
        parts[(name,)] = level_contrasts(len(found))[codes]
    for a, b in itertools.combinations(levels, 2):
        product = parts[(a,)][:, :, None] * parts[(b,)][:, None, :]
        parts[(a, b)] = product.reshape(len(listed), -1)
    terms = [term for term, part in parts.items() for _ in range(part.shape[1])]
    return ModelMatrix(levels, terms, np.hstack(list(parts.values())))


def varying_levels(listed: Sequence[Mapping[str, object]]) -> dict[str, list[str]]:
    """The levels of each factor that has two or more, in the order in which they are met."""
    names = dict.fromkeys(name for values in listed for name in values)
    met = {
        name: list(dict.fromkeys(str(values.get(name, "")) for values in listed)) for name in names
    }
    return {name: levels for name, levels in met.items() if len(levels) > 1}


def level_contrasts(num_levels: int) -> Floats:
    """Helmert contrasts, levels x (levels - 1): uncorrelated over the levels, with variance 1."""
    places = np.arange(num_levels)
    contrasts = np.diag(places.astype(float)) - np.triu(np.ones((num_levels, num_levels)), 1)
    return np.asarray(contrasts[:, 1:] * np.sqrt(num_levels / (places * (places + 1.0))[1:]))


def choose_fraction(
    listed: Sequence[Mapping[str, object]], size: int | None, seed: int
) -> list[int]:
    """The indices of `size` configurations from which main effects and two-factor terms are told.

    From random parts, configurations are exchanged while that raises the determinant (Fedorov's
    exchange; Cook and Nachtsheim 1980). The result is in the order of `listed`; the seed decides
    between parts that are equally good.

    Raises:
        UsageError: if so few cannot tell the main effects apart.
    """
    if size is None or size >= len(listed):
        return list(range(len(listed)))
    rng = np.random.default_rng(seed)
    candidates = drawn_candidates(listed, size, rng)
    matrix = model_matrix([listed[index] for index in candidates])
    values = matrix.values
    needed = int(np.linalg.matrix_rank(values[:, matrix.is_main]))
    if size < needed:
        raise UsageError(
            f"{size} cells cannot tell the main effects of {', '.join(matrix.levels)} apart: "
            f"expected {needed} or more; ask for more cells, or for fewer factors or levels"
        )
    prior = np.where(matrix.is_main, RIDGE, PRIOR)
    num_affordable = int(MOST_PRODUCTS / (2 * size * values.size))  # passes, in all
    num_starts = min(max(num_affordable // NUM_PASSES, 1), NUM_STARTS)
    num_passes = min(max(num_affordable, 1), NUM_PASSES)
    parts = [
        exchanged(values, prior, rng.choice(len(values), size, replace=False), num_passes)
        for _ in range(num_starts)
    ]
    # Rounded, so that no last digit of a machine's arithmetic decides between equally good ones.
    best = max(parts, key=lambda part: round(log_determinant(values[part], prior), 6))
    return sorted(int(index) for index in candidates[best])


def drawn_candidates(
    listed: Sequence[Mapping[str, object]], size: int, rng: np.random.Generator
) -> Codes:
    """The indices of all configurations, or of as many as one pass can be afforded for."""
    free = [len(levels) - 1 for levels in varying_levels(listed).values()]
    num_parameters = 1 + sum(free) + sum(a * b for a, b in itertools.combinations(free, 2))
    affordable = int(MOST_PRODUCTS / (2 * size * num_parameters))
    num_candidates = min(max(affordable, 2 * size), len(listed))
    return np.sort(rng.choice(len(listed), num_candidates, replace=False))


def exchanged(values: Floats, prior: Floats, start: Codes, num_passes: int) -> Codes:
    """A part of the rows that (but for a limit on passes) no exchange of one row makes better.

    Exchanging row i for row j multiplies the determinant by (1 - d_ii)(1 + d_jj) + d_ij^2, where
    d = X (X'X + prior)^-1 X' (Fedorov 1972, Theory of Optimal Experiments, section 3.3).
    """
    chosen = start.copy()
    is_taken = np.zeros(len(values), bool)
    is_taken[chosen] = True
    for _ in range(num_passes):
        before = chosen.copy()
        # Anew in each pass, so that the updates' rounding does not pile up.
        inverse = np.linalg.inv(values[chosen].T @ values[chosen] + np.diag(prior))
        variance = np.einsum("ij,ij->i", values @ inverse, values)
        for place, out in enumerate(chosen):
            direction = inverse @ values[out]
            covariance = values @ direction
            left = 1 - variance[out]
            gain = np.where(is_taken, 0.0, left * (1 + variance) + covariance**2)
            into = int(np.argmax(gain.round(9)))
            if gain[into] <= 1 + 1e-6:
                continue
            is_taken[out], is_taken[into] = False, True
            chosen[place] = into
            inverse += np.outer(direction, direction / left)
            variance += covariance**2 / left
            direction = inverse @ values[into]
            covariance = values @ direction
            joined = 1 + covariance[into]
            inverse -= np.outer(direction, direction / joined)
            variance -= covariance**2 / joined
        if np.array_equal(before, chosen):
            break
    return chosen


def log_determinant(values: Floats, prior: Floats) -> float:
    """What the exchange makes large."""
    return float(np.linalg.slogdet(values.T @ values + np.diag(prior))[1])
