"""The same small grid through `tuner search`, stock Keras Tuner and Optuna with plain Keras.

    python benchmarks/vs_keras_tuner.py --grid digits          27 executions, about four minutes
    python benchmarks/vs_keras_tuner.py --grid cifar10-8       8 executions, about four minutes
    python benchmarks/vs_keras_tuner.py --grid cifar10-36      36 executions, about half an hour
    python benchmarks/vs_keras_tuner.py --grid cifar10-8 --seeds 5

on 2 cores. Every side is a whole process, its start-up included, one after the other; what they
train, and what stock Keras Tuner cannot do alike, is told in `sides.py`. Prints the seconds, their
ratios (of medians over `--rounds`), and whether all trained the same number of executions, epochs
and images. With `--seeds N` there are N replicates, stock Keras Tuner's search is repeated for each
on its images, and the accuracies are compared in pairs of one cell and one replicate: their mean
difference over the cells with the 95% interval of its mean over the replicates, beside the standard
deviation between replicates of a cell. Optuna is left out where it is not installed.
"""

import argparse
import math
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import pandas as pd
from measuring import Figure, conclude, in_turn, middle, read_options, rounded
from scipy import stats
from sides import Grid, Row, add_grid_options, chosen_grid, other_process, our_process, trained

OURS = "tuner search"
STOCK = "stock Keras Tuner"
OPTUNA = "Optuna with Keras"


def main() -> None:
    """Runs all sides in turn and prints what they took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_grid_options(parser, "digits")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seeds", type=int, help="replicates, whose accuracies are compared")
    parser.add_argument("--without-optuna", action="store_true")
    options = read_options(parser)
    grid = chosen_grid(options)
    if options.seeds:
        grid = replace(grid, replicates=options.seeds)
    found = in_turn(sides_of(grid, bool(options.seeds), not options.without_optuna), options.rounds)
    seconds = {name: middle([took for took, _ in rounds]) for name, rounds in found.items()}
    rows = {name: rounds[-1][1] for name, rounds in found.items()}
    amounts = {name: trained(of_side, grid) for name, of_side in rows.items()}
    same = len({tuple(amount.values()) for amount in amounts.values()}) == 1
    for name, amount in amounts.items():
        print(f"{name:24} {amount}")
    others = {name: took for name, took in seconds.items() if name != OURS}
    bar = "" if same else "NOT the same amount trained"
    figures = [Figure(f"a grid: {grid.executions}", seconds[OURS], "s", others, bar=bar)]
    details: dict[str, Any] = {
        "seconds": {name: [rounded(took) for took, _ in of] for name, of in found.items()},
        "trained": amounts,
        "accuracies": rows,
    }
    if options.seeds:
        figures += [compared(rows[OURS], rows[name], name, grid) for name in others]
    conclude(options, figures, details)


def sides_of(grid: Grid, repeated: bool, with_optuna: bool) -> dict[str, Any]:
    """What is run, by its name."""
    more = ["--repeated"] if repeated else []
    sides = {
        OURS: partial(our_process, grid),
        STOCK: partial(other_process, "stock", grid, *more),
    }
    if with_optuna and find_spec("optuna"):
        sides[OPTUNA] = partial(other_process, "optuna", grid)
    elif with_optuna:
        print("Optuna is not installed (pip install optuna): left out")
    return sides


def compared(ours: list[Row], theirs: list[Row], name: str, grid: Grid) -> Figure:
    """The mean accuracies of two sides, and their difference over pairs of cell and replicate."""
    key = [*grid.factors, "replicate"]
    pairs = pd.DataFrame(ours).merge(pd.DataFrame(theirs), on=key, suffixes=("", "_other"))
    if len(pairs) != len(ours):
        raise ValueError(f"expected {len(ours)} executions of {name} in pairs, got {len(pairs)}")
    pairs["difference"] = 100 * (pairs["val_accuracy"] - pairs["val_accuracy_other"])
    means = pairs.groupby("replicate")["difference"].mean()
    half = math.inf
    if len(means) > 1:
        half = stats.t.ppf(0.975, len(means) - 1) * means.std() / math.sqrt(len(means))
    spread = 100 * math.sqrt(pairs.groupby([*grid.factors])["val_accuracy"].var().mean())
    mean = means.mean()
    told = f"difference {mean:+.2f} points [{mean - half:.2f}, {mean + half:.2f}]"
    return Figure(
        f"mean validation accuracy: {grid.executions}",
        100 * pairs["val_accuracy"].mean(),
        "%",
        {name: 100 * pairs["val_accuracy_other"].mean()},
        better="neither",
        bar=f"{told}; between seeds of a cell {spread:.2f} points",
    )


if __name__ == "__main__":
    main()
