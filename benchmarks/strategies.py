"""Hyperband, ours and Keras Tuner's, against random search on a table of 200 cells; no training.

    python benchmarks/strategies.py              50 seeds, about 2 minutes
    python benchmarks/strategies.py --epochs 81 --replicates 1 --slowness 5

Each cell has a learning curve that rises to its own accuracy at its own pace, larger networks more
slowly. What a training shows is the curve plus a deviation of its seed, which lasts, and one of
each epoch, which shrinks to the end. Curves and deviations are as in the grid study of CIFAR-10 in
results/ (36 executions of 12 epochs): half of the final accuracy after the first epoch, and between
seeds of a cell 2 points in the first epochs, 0.9 in the last. `--slowness 5` makes large networks
so slow that short trainings rank them wrongly, which that study does not show. A trial is a mean
of replicates.

Every strategy names the cell with the best observed accuracy at the full budget. Regret is how far
its true accuracy at the full budget lies below that of the best cell, in percentage points.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import keras_tuner
import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from tuner.strategies.grid import GridOracle
from tuner.strategies.hyperband import HyperbandOracle
from tuner.strategies.oracle import Oracle
from tuner.strategies.random import RandomOracle

FACTORS: dict[str, list[Any]] = {
    "conv_blocks": [1, 2, 3, 4, 5],
    "filter_multiplier": [0.25, 0.5, 1.0, 2.0, 4.0],
    "kernel_schedule": ["3", "5-3", "7-5-3", "5"],
    "dense_depth": [0, 1],
}
CELLS = [dict(zip(FACTORS, levels, strict=True)) for levels in product(*FACTORS.values())]
SEED_DEVIATION = 0.006
FIRST_EPOCH_DEVIATION, LAST_EPOCH_DEVIATION = 0.020, 0.006
TARGET_PP = 0.5


class Table:
    """True curves of every cell, and what is observed of them as a mean of replicates."""

    def __init__(
        self, seed: int, max_epochs: int, num_replicates: int = 3, slowness: float = 1.0
    ) -> None:
        rng = np.random.default_rng(seed)
        epochs = np.arange(1, max_epochs + 1)
        blocks = np.array([cell["conv_blocks"] for cell in CELLS])
        width = np.log2([cell["filter_multiplier"] for cell in CELLS])
        kernel = np.array([FACTORS["kernel_schedule"].index(c["kernel_schedule"]) for c in CELLS])
        dense = np.array([cell["dense_depth"] for cell in CELLS])
        best_blocks = rng.uniform(3, 5)
        kernel_gain = rng.normal(0, 0.008, 4)
        own = rng.normal(0, 0.006, len(CELLS))  # what the factors do not explain
        end = 0.72 - 0.025 * (blocks - best_blocks) ** 2 + 0.025 * width - 0.004 * width**2
        end = end + kernel_gain[kernel] - 0.01 * dense + own
        size = 0.015 * (blocks - 3) + 0.02 * width
        missing = 0.46 + slowness * size + rng.normal(0, 0.02, len(CELLS))
        to_go = (1 - epochs / max_epochs) ** 1.7
        self.true = 0.1 + (end[:, None] - 0.1) * (1 - missing[:, None] * to_go)
        lasting = rng.normal(0, SEED_DEVIATION, (len(CELLS), 1))
        deviation = np.linspace(FIRST_EPOCH_DEVIATION, LAST_EPOCH_DEVIATION, max_epochs)
        passing = rng.normal(0, deviation, self.true.shape)
        self.observed = self.true + (lasting + passing) / np.sqrt(num_replicates)

    def regret_pp(self, cell: int) -> float:
        """How far a cell lies below the best at the full budget."""
        return 100 * float(self.true[:, -1].max() - self.true[cell, -1])


@dataclass(frozen=True)
class Trial:
    """A cell, the epochs it has been trained from and to, and its observed accuracy there."""

    cell: int
    initial_epoch: int
    epochs: int
    accuracy: float


def cell_of(values: Mapping[str, Any]) -> int:
    """The cell with these values."""
    return CELLS.index({name: values[name] for name in FACTORS})


def searched(oracle: Any, table: Table, max_epochs: int, num_slots: int = 2) -> Iterator[Trial]:
    """Asks and tells until the oracle has no more; two trials at a time, the earlier ends first."""
    under_way: list[Any] = []
    count = 0
    while True:
        while len(under_way) < num_slots:
            trial = oracle.create_trial(f"slot-{count}")
            if trial.status != "RUNNING":
                break
            count += 1
            under_way.append(trial)
        if not under_way:
            return
        trial = under_way.pop(0)
        values = trial.hyperparameters.values
        epochs = values.get("tuner/epochs", max_epochs)
        cell = cell_of(values)
        accuracy = float(table.observed[cell, epochs - 1])
        oracle.update_trial(trial.trial_id, {"val_accuracy": accuracy})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        yield Trial(cell, values.get("tuner/initial_epoch", 0), epochs, accuracy)


def stock(num_sweeps: int, max_epochs: int, seed: int) -> Any:
    """Keras Tuner's own Hyperband oracle on the same space."""
    space = keras_tuner.HyperParameters()
    for name, levels in FACTORS.items():
        space.Choice(name, levels)
    return keras_tuner.oracles.HyperbandOracle(
        "val_accuracy", max_epochs=max_epochs, hyperband_iterations=num_sweeps,
        hyperparameters=space, seed=seed + 1,
    )  # fmt: skip


def strategies(max_epochs: int) -> dict[str, Callable[[int], Any]]:
    """What is compared: from a seed to a fresh oracle."""

    def ours(num_sweeps: int | None) -> Callable[[int], Any]:
        return lambda seed: HyperbandOracle(
            max_epochs=max_epochs, num_sweeps=num_sweeps, cells=CELLS, seed=seed
        )

    def theirs(num_sweeps: int) -> Callable[[int], Any]:
        return lambda seed: stock(num_sweeps, max_epochs, seed)

    return {
        "hyperband, 1 sweep": ours(1),
        "hyperband, 2 sweeps": ours(2),
        "hyperband, every cell": ours(None),
        "keras_tuner, 1 sweep": theirs(1),
        "keras_tuner, 2 sweeps": theirs(2),
        "keras_tuner, 4 sweeps": theirs(4),  # the epochs of every cell in ours
    }


def in_memory(oracle: Any) -> Any:
    """The oracle without its files and prints; a stock one has no public way to say so."""
    if isinstance(oracle, Oracle):
        oracle.keep_in_memory()
    else:
        oracle.verbose, oracle.save, oracle._save_trial = 0, lambda: None, lambda trial: None
    return oracle


def measured(trials: list[Trial], table: Table, max_epochs: int) -> dict[str, Any]:
    """The share of the grid's epochs that a search spent, and the regret of what it names."""
    spent = sum(trial.epochs - trial.initial_epoch for trial in trials)
    full = [trial for trial in trials if trial.epochs == max_epochs]
    regret = np.nan
    if full:
        regret = table.regret_pp(max(full, key=lambda trial: trial.accuracy).cell)
    num_cells = len({trial.cell for trial in trials})
    return {"epochs": spent / (len(CELLS) * max_epochs), "cells": num_cells, "regret": regret}


def compare(tables: list[Table], max_epochs: int) -> pd.DataFrame:
    """One row a strategy and table: strategy, seed, epochs (share of the grid's), cells, regret."""
    rows = []

    def run(name: str, seed: int, oracle: Any) -> float:
        trials = list(searched(in_memory(oracle), tables[seed], max_epochs))
        rows.append({"strategy": name, "seed": seed, **measured(trials, tables[seed], max_epochs)})
        return float(rows[-1]["epochs"])

    for seed in range(len(tables)):
        for name, make in strategies(max_epochs).items():
            epochs = run(name, seed, make(seed))
            if name.startswith("hyperband"):
                num_cells = round(epochs * len(CELLS))
                oracle = RandomOracle(cells=CELLS, max_trials=num_cells, seed=seed)
                run(f"random, as {name}", seed, oracle)
        run("grid", seed, GridOracle(cells=CELLS))
    return pd.DataFrame(rows)


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a strategy: its cost, its regret over the seeds, how often it is within the target.

    Columns: epochs_of_grid (%), cells (mean number tried), regret_median, regret_mean, regret_sd,
    regret_p90, regret_max (pp), within (% of the seeds with at most 0.5 pp).
    """
    by_strategy = runs.groupby("strategy", sort=False)
    regret = by_strategy["regret"]
    return pd.DataFrame(
        {
            "epochs_of_grid": 100 * by_strategy["epochs"].mean(),
            "cells": by_strategy["cells"].mean(),
            "regret_median": regret.median(),
            "regret_mean": regret.mean(),
            "regret_sd": regret.std(),
            "regret_p90": regret.quantile(0.9),
            "regret_max": regret.max(),
            "within": 100 * regret.apply(lambda values: (values <= TARGET_PP).mean()),
        }
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--epochs", type=int, default=27)
    parser.add_argument("--replicates", type=int, default=3)
    parser.add_argument("--slowness", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, default=50)
    options = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)  # Keras Tuner's lock
    tables = [
        Table(seed, options.epochs, options.replicates, options.slowness)
        for seed in range(options.seeds)
    ]
    agreement = [spearmanr(t.true[:, 0], t.true[:, -1]).statistic for t in tables]
    print(
        f"{len(CELLS)} cells, {options.epochs} epochs, {options.replicates} replicates, "
        f"{options.seeds} seeds; regret in pp; the order of the cells after the first epoch agrees "
        f"with the last with Spearman {np.mean(agreement):.2f}"
    )
    print(summary(compare(tables, options.epochs)).round(2).to_string())


if __name__ == "__main__":
    main()
