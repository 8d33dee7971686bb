"""Strategies: each a `keras_tuner.Oracle`, which proposes configurations and never trains.

A factory takes a resolved study and its design; only the design's planned cells are proposed.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tuner.design import Configuration, Design
from tuner.errors import UsageError
from tuner.study import Study


def grid(study: Study, design: Design) -> Any:
    """Every planned cell of the design, each once; with its nuisances tuned if the study asks."""
    if study.tune:
        from tuner.strategies.tuned_grid import TunedGridOracle

        return TunedGridOracle(planned(design), study.tune, study.objective.name)
    from tuner.strategies.grid import GridOracle

    return GridOracle(cells=planned(design), objective=study.objective.name)


def random(study: Study, design: Design) -> Any:
    """Planned cells in an order drawn by the seed, up to `max_trials`."""
    from tuner.strategies.random import RandomOracle

    return RandomOracle(
        cells=planned(design),
        max_trials=study.max_trials,
        objective=study.objective.name,
        seed=study.seed,
    )


def bayesian(study: Study, design: Design) -> Any:
    """Planned cells that a Gaussian process expects most of, up to `max_trials`."""
    from tuner.strategies.bayesian import BayesianOracle

    return BayesianOracle(
        cells=planned(design),
        max_trials=study.max_trials,
        objective=study.objective.name,
        seed=study.seed,
    )


def hyperband(study: Study, design: Design) -> Any:
    """One sweep of Hyperband up to the study's epochs; more of them where `max_trials` is given.

    Raises:
        UsageError: if there are too few epochs for a shorter training than the longest.
    """
    from tuner.strategies.hyperband import HyperbandOracle

    if study.epochs < 2:
        raise UsageError(
            f"hyperband drops configurations before their last epoch: expected 2 epochs or more, "
            f"got {study.epochs} (--epochs 9, or --strategy random)"
        )
    return HyperbandOracle(
        max_epochs=study.epochs,
        factor=min(3, study.epochs),
        num_sweeps=None if study.max_trials else 1,
        cells=planned(design),
        max_trials=study.max_trials,
        objective=study.objective.name,
        seed=study.seed,
    )


def planned(design: Design) -> list[Configuration]:
    """The configurations of the planned cells, in the order of the design."""
    return [design.values(cell) for cell in design.planned]


STRATEGIES: Mapping[str, Callable[[Study, Design], Any]] = MappingProxyType(
    {"grid": grid, "random": random, "hyperband": hyperband, "bayesian": bayesian}
)


def in_memory(oracle: Any) -> Any:
    """The oracle without its own files and prints: a study's state is its ledger alone."""
    oracle.verbose = 0
    oracle.save = lambda: None
    oracle._save_trial = lambda trial: None  # no public way; it would write three files a trial
    return oracle
