"""What a fraction of a factorial will be able to tell, before anything is trained.

The analysis models cell means by main effects and two-factor terms, or by main effects alone where
the cells allow no more; here the same is decided from the design.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from tuner.analysis.fraction import MAX_LEVERAGE, MIN_CELLS_A_PARAMETER, MIN_DF
from tuner.fraction import Floats, ModelMatrix, Term, model_matrix

DIGITS = 1e-6  # what is smaller is rounding


@dataclass(frozen=True)
class FractionFacts:
    """What a fraction can tell.

    Attributes:
        num_cells: that are chosen.
        num_possible: that could have been.
        with_pairs: whether two-factor terms are in the model, or main effects alone.
        num_parameters: of that model, as far as the cells can tell them apart.
        df: residual degrees of freedom.
        estimable: terms of that model that can be told from all its others.
        inestimable: terms of that model that cannot.
        aliases: for each factor, how much of an omitted two-factor term its main effect can take
            on (0 none, 1 all) and of which, at most; empty if none is omitted.
        high_leverages: positions of the cells with a leverage above 0.9.
        half_widths: for each factor, those of the 95% interval of its widest step between adjacent
            levels, one a number of replicates, in units of the spread between executions of one
            cell; NaN where a step cannot be estimated.
    """

    num_cells: int
    num_possible: int
    with_pairs: bool
    num_parameters: int
    df: int
    estimable: tuple[Term, ...]
    inestimable: tuple[Term, ...]
    aliases: dict[str, tuple[float, Term]]
    high_leverages: tuple[int, ...]
    half_widths: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Fit:
    """A model's columns over all possible cells, and least squares on the chosen ones."""

    terms: list[Term]
    columns: Floats  # possible cells x parameters
    directions: Floats  # an orthonormal basis of the parameters that are told
    solver: Floats  # parameters x chosen cells
    leverages: Floats

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return len(self.leverages) - len(self.directions)

    def tells(self, contrasts: Floats) -> npt.NDArray[np.bool_]:
        """Which contrasts of the parameters, one a row, can be estimated."""
        missed = contrasts - contrasts @ self.directions.T @ self.directions
        return np.asarray(np.abs(missed).max(axis=1) < DIGITS)


def describe_fraction(
    listed: Sequence[Mapping[str, object]],
    chosen: Sequence[int],
    replicates: Sequence[int] = (1, 2, 3),
    left_out: float = 0.0,
) -> FractionFacts:
    """Say what some of the possible configurations can tell.

    Args:
        listed: all possible configurations.
        chosen: the positions of those to be trained.
        replicates: numbers of executions of each.
        left_out: the standard deviation of what the model leaves out of a cell's mean, in the units
            of `half_widths`: it is why more cells tell more than more replicates do.
    """
    matrix = model_matrix(listed)
    steps = step_contrasts(listed, matrix)
    fit = fitted(matrix, chosen, with_pairs=True)
    with_pairs = allows_pairs(fit, steps)
    if not with_pairs:
        fit = fitted(matrix, chosen, with_pairs=False)
    told = dict.fromkeys(fit.terms[1:], True)
    for term, is_told in zip(fit.terms[1:], fit.tells(np.eye(len(fit.terms)))[1:], strict=True):
        told[term] &= bool(is_told)
    return FractionFacts(
        num_cells=len(chosen),
        num_possible=len(listed),
        with_pairs=with_pairs,
        num_parameters=len(fit.directions),
        df=fit.df,
        estimable=tuple(term for term, is_told in told.items() if is_told),
        inestimable=tuple(term for term, is_told in told.items() if not is_told),
        aliases={} if with_pairs else largest_aliases(matrix, fit, chosen),
        high_leverages=tuple(np.asarray(chosen)[fit.leverages > MAX_LEVERAGE].tolist()),
        half_widths=half_widths(fit, steps, [(left_out**2 + 1 / n) ** 0.5 for n in replicates]),
    )


def fitted(matrix: ModelMatrix, chosen: Sequence[int], with_pairs: bool) -> Fit:
    """Least squares on the chosen cells, whatever the rank."""
    kept = matrix.is_main | with_pairs
    columns = matrix.values[:, kept]
    left, sizes, right = np.linalg.svd(columns[list(chosen)], full_matrices=False)
    rank = int((sizes > 1e-8 * sizes[0]).sum())
    return Fit(
        terms=[term for term, is_kept in zip(matrix.terms, kept, strict=True) if is_kept],
        columns=columns,
        directions=right[:rank],
        solver=(right[:rank].T / sizes[:rank]) @ left[:, :rank].T,
        leverages=(left[:, :rank] ** 2).sum(axis=1),
    )


def allows_pairs(fit: Fit, steps: Mapping[str, Floats]) -> bool:
    """Whether the model with two-factor terms will be used."""
    enough = len(fit.leverages) >= MIN_CELLS_A_PARAMETER * len(fit.directions)
    return (
        enough
        and fit.df >= MIN_DF
        and bool((fit.leverages <= MAX_LEVERAGE).all())
        and all(bool(fit.tells(contrasts).all()) for contrasts in steps.values())
    )


def step_contrasts(
    listed: Sequence[Mapping[str, object]], matrix: ModelMatrix
) -> dict[str, Floats]:
    """Each factor's steps between adjacent levels, steps x parameters of the two-factor model.

    A step is averaged over the combinations of the other factors in which both levels are possible.
    """
    found = {}
    for name, levels in matrix.levels.items():
        places: dict[str, dict[tuple[str, ...], int]] = {level: {} for level in levels}
        for place, values in enumerate(listed):
            others = tuple(str(values.get(other, "")) for other in matrix.levels if other != name)
            places[str(values.get(name, ""))][others] = place
        steps = []
        for low, high in itertools.pairwise(levels):
            both = [others for others in places[low] if others in places[high]]
            highs, lows = ([places[level][others] for others in both] for level in (high, low))
            difference = matrix.values[highs] - matrix.values[lows]
            steps.append(difference.sum(axis=0) / (len(both) or np.nan))
        found[name] = np.stack(steps)
    return found


def half_widths(
    fit: Fit, steps: Mapping[str, Floats], units: Sequence[float]
) -> dict[str, tuple[float, ...]]:
    """For each factor, the half-width of its widest step at each standard deviation of a cell."""
    quantile = float(stdtrit(fit.df, 0.975)) if fit.df > 0 else np.nan
    found = {}
    for name, contrasts in steps.items():
        of_model = contrasts[:, : len(fit.terms)]  # the main effects come first
        errors = np.sqrt(((of_model @ fit.solver) ** 2).sum(axis=1))
        widest = float(np.where(fit.tells(of_model), errors, np.nan).max())
        found[name] = tuple(quantile * unit * widest for unit in units)
    return found


def largest_aliases(
    matrix: ModelMatrix, fit: Fit, chosen: Sequence[int]
) -> dict[str, tuple[float, Term]]:
    """For each factor, how much of an omitted term of unit size its main effect can take on.

    Root mean square over the main effect's parameters of the alias matrix's rows (Box and Wilson
    1951), however levels are coded; of factors with two levels, in balance, it is a correlation.
    """
    part = matrix.values[list(chosen)]
    found: dict[str, tuple[float, Term]] = {}
    for name in matrix.levels:
        rows = [place for place, term in enumerate(fit.terms) if term == (name,)]
        for pair in itertools.combinations(matrix.levels, 2):
            columns = [place for place, term in enumerate(matrix.terms) if term == pair]
            alias = fit.solver[rows] @ part[:, columns]
            size = float(np.sqrt((alias**2).sum(axis=1).mean()))
            found[name] = max(found.get(name, (0.0, pair)), (size, pair))
    return found
