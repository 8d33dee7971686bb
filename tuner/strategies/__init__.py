"""Strategies: each a `keras_tuner.Oracle`, which proposes configurations and never trains.

What the rest of the package must know of one is its `Strategy`; nobody compares names.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tuner.errors import UsageError
from tuner.strategies import brackets
from tuner.strategies.ahead import Chain, SoFar, of_bayesian, of_hyperband
from tuner.strategies.order import drawn_order, num_initial
from tuner.study import Study
from tuner.words import nearest

if TYPE_CHECKING:
    from tuner.design import Configuration, Design


def single_budget(study: Study, num_cells: int) -> list[int]:
    """The epochs that each trial trains where all have the whole budget."""
    return [study.epochs] * min(num_cells, study.max_trials or num_cells)


@dataclass(frozen=True)
class Strategy:
    """How configurations are proposed.

    Attributes:
        name: As it is typed.
        make: The oracle of a resolved study; only the design's planned cells are proposed.
        covers: Whether every planned cell is trained, so that nothing is selected.
        is_known_beforehand: Whether results have no say in what is proposed.
        tunes: Whether it can choose nuisance hyperparameters at each cell.
        trial_epochs: The epochs that each trial trains if none fails, of a study with so many
            planned cells.
        num_drawn: How many cells of a space too large to be listed it needs; None for all.
        ahead: What is left of a study whose results choose what is trained.
        order: The places among so many planned cells that trials take, one behind the other, where
            results have no say in it.
    """

    name: str
    make: Callable[[Study, "Design"], Any]
    covers: bool = False
    is_known_beforehand: bool = False
    tunes: bool = False
    trial_epochs: Callable[[Study, int], list[int]] = single_budget
    num_drawn: Callable[[Study], int | None] = lambda study: study.max_trials
    ahead: Callable[[SoFar], list[Chain]] = lambda so_far: []
    order: Callable[[Study, int], Sequence[int]] = lambda study, num_cells: range(num_cells)


def grid(study: Study, design: "Design") -> Any:
    """Every planned cell of the design, each once; with its nuisances tuned if the study asks."""
    from tuner.strategies.oracle import objective_of

    if study.tune:
        from tuner.strategies.tuned_grid import TunedGridOracle

        objective = objective_of(study.objective)
        return TunedGridOracle(planned(design), study.tune, objective)
    from tuner.strategies.grid import GridOracle

    return GridOracle(cells=planned(design), objective=objective_of(study.objective))


def random(study: Study, design: "Design") -> Any:
    """Planned cells in an order drawn by the seed, up to `max_trials`."""
    from tuner.strategies.random import RandomOracle

    return RandomOracle(**drawn_from(study, design))


def bayesian(study: Study, design: "Design") -> Any:
    """Planned cells that a Gaussian process expects most of, up to `max_trials`."""
    from tuner.strategies.bayesian import BayesianOracle

    return BayesianOracle(**drawn_from(study, design))


def hyperband(study: Study, design: "Design") -> Any:
    """One sweep of Hyperband up to the study's epochs; more of them where `max_trials` is given.

    Raises:
        UsageError: if there are too few epochs for a shorter training than the longest.
    """
    from tuner.strategies.hyperband import HyperbandOracle

    hyperband_draws(study)  # refuses too few epochs
    return HyperbandOracle(
        max_epochs=study.epochs,
        factor=brackets.factor_for(study.epochs),
        num_sweeps=None if study.max_trials else 1,
        **drawn_from(study, design),
    )


def hyperband_epochs(study: Study, num_cells: int) -> list[int]:
    """The epochs that each trial of Hyperband trains, each from where its parent stopped."""
    return brackets.trial_epochs(hyperband_brackets(study, num_cells))


def hyperband_brackets(study: Study, num_cells: int) -> Iterator[brackets.Bracket]:
    """The brackets of a study with so many planned cells."""
    factor, num_sweeps = brackets.factor_for(study.epochs), None if study.max_trials else 1
    return brackets.schedule(study.epochs, factor, num_sweeps, num_cells, study.max_trials)


def hyperband_ahead(so_far: SoFar) -> list[Chain]:
    """What is left of Hyperband."""
    return of_hyperband(so_far, hyperband_brackets(so_far.study, len(so_far.planned)))


def bayesian_ahead(so_far: SoFar) -> list[Chain]:
    """What is left of Bayesian search."""
    study = so_far.study
    num_trials = len(single_budget(study, len(so_far.planned)))
    num_factors = sum(len(levels) > 1 for levels in study.factors.values())
    return of_bayesian(so_far, num_trials, num_initial(num_factors))


def drawn_from(study: Study, design: "Design") -> dict[str, Any]:
    """The arguments of an oracle that draws from the planned cells by the study's seed."""
    from tuner.strategies.oracle import objective_of

    return {
        "cells": planned(design),
        "max_trials": study.max_trials,
        "objective": objective_of(study.objective),
        "seed": study.seed,
    }


def planned(design: "Design") -> "list[Configuration]":
    """The configurations of the planned cells, in the order of the design."""
    return [design.values(cell) for cell in design.planned]


def hyperband_draws(study: Study) -> int:
    """The configurations that the brackets of Hyperband begin with.

    Raises:
        UsageError: if there are too few epochs for a shorter training than the longest.
    """
    if study.epochs < 2:
        raise UsageError(
            f"hyperband drops configurations before their last epoch: expected 2 epochs or more, "
            f"got {study.epochs} (--epochs 9, or --strategy random)"
        )
    sweeps = None if study.max_trials else 1
    factor = brackets.factor_for(study.epochs)
    coming = brackets.schedule(study.epochs, factor, sweeps, None, study.max_trials)
    return sum(bracket.sizes[0] for bracket in coming)


def candidates(study: Study) -> int | None:
    """The cells among which some are chosen: as many more as can be told apart in a moment."""
    size = study.fraction or study.max_trials
    return size and max(20 * size, 200)


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        strategy.name: strategy
        for strategy in (
            Strategy(
                "grid", grid, covers=True, is_known_beforehand=True, tunes=True,
                num_drawn=candidates,
            ),
            Strategy(
                "random", random, is_known_beforehand=True,
                order=lambda study, num_cells: drawn_order(num_cells, study.seed),
            ),
            Strategy(
                "hyperband", hyperband, trial_epochs=hyperband_epochs,
                num_drawn=hyperband_draws, ahead=hyperband_ahead,
            ),
            Strategy("bayesian", bayesian, num_drawn=candidates, ahead=bayesian_ahead),
        )
    }
)  # fmt: skip


def strategy_of(study: Study) -> Strategy:
    """The strategy of a study.

    Raises:
        UsageError: if there is none of that name, with the nearest.
    """
    if study.strategy not in STRATEGIES:
        hint = nearest(study.strategy, STRATEGIES)
        raise UsageError(
            f"no strategy {study.strategy!r}.{hint} (strategies: {', '.join(STRATEGIES)})"
        )
    return STRATEGIES[study.strategy]


def make_oracle(study: Study, design: "Design") -> Any:
    """The oracle of a study, whose state is the study's ledger alone."""
    oracle = strategy_of(study).make(study, design)
    oracle.keep_in_memory()
    return oracle
