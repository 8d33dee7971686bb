"""How often a fraction's intervals hold the whole table's steps, on planted 3^8 tables.

`python benchmarks/chosen_cells.py` draws 200 random and 50 chosen fractions of 5% from each table
and prints, with standard errors between fractions: coverage of the 16 steps and the half-width by
the leading error, the ordinary one and HC3; in how many fractions all 16 steps are inside the
simultaneous intervals; coverage of held-out cells; how often the cell that is predicted to be best
lies in its interval. About 15 minutes on one core.
"""

import argparse
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from tuner.analysis.cell_regression import Chance
from tuner.analysis.fraction import FractionAnalysis, analyse_fraction
from tuner.fraction import choose_fraction, level_contrasts

NAMES = [f"place {number}" for number in range(1, 9)]
CODES = np.array(list(product(range(3), repeat=8)))
CHANCE_SD = 0.25  # between executions of one cell, in points; as in published tables of this size
DISAGREEMENT_SD = 0.1  # of the replicates on a main effect's parameter, where they are shared


def filled_up(loss: float, rate: float) -> np.ndarray:
    """Accuracy that levels off as the places of a network fill up, with an effect of each cell.

    All orders of interaction are in it, most in the few cells with hardly anything in them: the
    residuals of a two-factor model are skewed, with far more than a normal number's extremes.
    """
    use = np.array([1.5, 1.25, 1.45, 0.85, 0.85, 1.0, 0.4, 0.4])
    capacity = (use * np.array([0, 1.0, 1.22])[CODES]).sum(axis=1)
    table = 93.3 - loss * np.exp(-rate * capacity)
    return table + 0.12 * np.random.default_rng(1).normal(size=len(CODES))


def steep() -> np.ndarray:
    """As in published tables: ordinary intervals are as wide and cover as often as there."""
    return filled_up(45, 0.7)


def saturating() -> np.ndarray:
    """Less steep, and with a few clashes of three factors."""
    table = filled_up(26, 0.48)
    no_middle = (CODES[:, [2, 3, 4]] == 0).all(axis=1)
    no_end = (CODES[:, [5, 6, 7]] == 0).all(axis=1)
    clash = (CODES[:, [0, 3, 5]] == 2).all(axis=1)
    table -= 1.5 * no_middle * (0.5 + (CODES[:, 0] == 0)) + 0.8 * no_end + 0.5 * clash
    return table


def random_terms() -> np.ndarray:
    """Main effects, terms of two and of three factors at random, each half of the one before."""
    rng = np.random.default_rng(2)
    contrasts = level_contrasts(3)[CODES]
    table = 90 + 0.25 * rng.normal(size=len(CODES))
    for order, sd in ((1, 2.1), (2, 1.05), (3, 0.55)):
        chosen = list(combinations(range(8), order))
        for factors in chosen:
            columns = np.ones((len(CODES), 1))
            for factor in factors:
                columns = (columns[:, :, None] * contrasts[:, factor][:, None, :]).reshape(
                    len(CODES), -1
                )
            scale = sd / np.sqrt(len(chosen) * columns.shape[1])
            table += columns @ (scale * rng.normal(size=columns.shape[1]))
    return table


TABLES = {"steep": steep, "saturating": saturating, "random terms": random_terms}


@dataclass(frozen=True)
class Setting:
    """What is trained: so many cells, each so often."""

    num_cells: int
    num_replicates: int
    shared: bool = False  # replicates that all cells share, and that disagree on each factor

    def __str__(self) -> str:
        return f"{self.num_cells} x {self.num_replicates}{' shared' * self.shared}"


SETTINGS = (Setting(328, 3), Setting(984, 1), Setting(328, 3, shared=True))


@cache
def random_fraction(num_cells: int, seed: int) -> np.ndarray:
    """Draw cells."""
    return np.random.default_rng(seed).choice(len(CODES), num_cells, replace=False)


@cache
def chosen_fraction(num_cells: int, seed: int) -> np.ndarray:
    """Choose cells; the same are chosen for every table."""
    listed = [dict(zip(NAMES, levels, strict=True)) for levels in CODES.tolist()]
    return np.array(choose_fraction(listed, num_cells, seed))


def execute(
    table: np.ndarray, part: np.ndarray, setting: Setting, rng: np.random.Generator
) -> np.ndarray:
    """Draw executions, cells x replicates."""
    values = table[part][:, None] + CHANCE_SD * rng.normal(size=(len(part), setting.num_replicates))
    if setting.shared:
        contrasts = level_contrasts(3)[CODES[part]].reshape(len(part), -1)
        effects = rng.normal(size=(contrasts.shape[1], setting.num_replicates))
        values += rng.normal(size=setting.num_replicates) + DISAGREEMENT_SD * contrasts @ effects
    return values


def analyse_part(part: np.ndarray, values: np.ndarray, setting: Setting) -> FractionAnalysis:
    """Hand a fraction's executions to the analysis."""
    cells = DataFrame(CODES[part], columns=NAMES).assign(
        mean=values.mean(axis=1), n=setting.num_replicates
    )
    chance = None
    if setting.num_replicates > 1:
        chance = Chance(float(values.var(axis=1, ddof=1).mean()), values.size - len(values))
    shared = values if setting.shared else None
    return analyse_fraction(cells, dict.fromkeys(NAMES, 3), chance, by_replicate=shared)


def true_steps(table: np.ndarray) -> np.ndarray:
    """The whole table's differences of marginal means between adjacent levels."""
    means = [[table[column == level].mean() for level in range(3)] for column in CODES.T]
    return np.diff(means).ravel()


def try_fractions(
    table: np.ndarray, setting: Setting, parts: list[np.ndarray], seed: int = 0
) -> DataFrame:
    """Analyse fractions of a table.

    Returns:
        One row a fraction: coverage, half_width (by the leading error; ordinary_ and hc3_
        likewise), all_inside (of the simultaneous intervals), held_out, best_inside.
    """
    rng = np.random.default_rng(seed)
    truth = true_steps(table)
    place = {tuple(levels): index for index, levels in enumerate(CODES.tolist())}
    rows = []
    for part in parts:
        found = analyse_part(part, execute(table, part, setting, rng), setting)
        steps, best, held_out = found.steps, found.best, found.held_out
        if best is None or held_out is None:
            raise ValueError(found.refusal)
        half = (steps["ci_high"] - steps["ci_low"]) / 2
        others = {
            name: stats.t.ppf(0.975, found.df) * steps[f"{name}_se"] for name in ("ordinary", "hc3")
        }
        miss = (steps["estimate"] - truth).abs()
        together = (steps["simultaneous_high"] - steps["simultaneous_low"]) / 2
        best_mean = table[place[tuple(best.levels.values())]]
        rows.append(
            {
                "coverage": (miss <= half).mean(),
                "half_width": half.mean(),
                **{f"{name}_coverage": (miss <= width).mean() for name, width in others.items()},
                **{f"{name}_half_width": width.mean() for name, width in others.items()},
                "all_inside": (miss <= together).all(),
                "held_out": held_out.coverage,
                "best_inside": best.low <= best_mean <= best.high,
            }
        )
    return DataFrame(rows).astype(float)


def summarise(tried: DataFrame) -> dict[str, str]:
    """Means over fractions, with their standard errors."""
    errors = tried.std() / len(tried) ** 0.5
    return {
        name: f"{mean:.3f} ± {error:.3f}"
        for (name, mean), error in zip(tried.mean().items(), errors, strict=True)
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Coverage of intervals from fractions.")
    parser.add_argument("--random", type=int, default=200)
    parser.add_argument("--chosen", type=int, default=50)
    parser.add_argument("--setting", choices=[str(setting) for setting in SETTINGS])
    options = parser.parse_args()
    settings = [s for s in SETTINGS if options.setting in (None, str(s))]
    rows = []
    for setting, (name, make) in product(settings, TABLES.items()):
        size = setting.num_cells
        drawn = {
            "random": [random_fraction(size, seed) for seed in range(options.random)],
            "chosen": [chosen_fraction(size, seed) for seed in range(options.chosen)],
        }
        for kind, parts in drawn.items():
            row = summarise(try_fractions(make(), setting, parts))
            rows.append({"table": name, "cells": str(setting), "drawn": kind, **row})
            print("  ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main()
