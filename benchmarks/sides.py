"""Small grids, and the sides that train them: ours, stock Keras Tuner's, Optuna's with plain Keras.

A side is a whole process, start-up included, and gives a row for each execution: its levels,
replicate, val_accuracy after the last epoch, epochs. All train the same cells for the same epochs
on as many images, standardized alike; the images of a replicate are the same on every side. What
stock Keras Tuner cannot do: it seeds its sampling alone, and executions of one search
(`executions_per_trial`) differ in their drawn weights but not in their images. So its executions
have the images of replicate 0, unless its search is repeated for each replicate (`--repeated`).

    python benchmarks/sides.py stock '{"factors": …}'      as the benchmarks call it
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FIXED = {"kernel_schedule": "3", "dense_depth": 0, "learning_rate": 0.01}
Row = dict[str, Any]


@dataclass(frozen=True)
class Grid:
    """A grid of ConvPool's networks, and what they are trained on.

    Attributes:
        factors: The levels.
        replicates: Executions of each cell.
        dataset: By its name, or a file.
        train_size: Images.
        validation_size: Images.
        epochs: Of each execution.
    """

    factors: dict[str, list[Any]]
    replicates: int
    dataset: str
    train_size: int
    validation_size: int
    epochs: int

    @property
    def cells(self) -> str:
        """Its cells and what they are trained on, in words."""
        num_cells = math.prod(map(len, self.factors.values()))
        data = Path(self.dataset).stem
        return f"{num_cells} cells on {data} ({self.train_size:,} images, {self.epochs} epochs)"

    @property
    def executions(self) -> str:
        """The same with its replicates."""
        return self.cells.replace(" on ", f" x {self.replicates} replicates on ", 1)


GRIDS = {
    "cifar10-8": Grid(
        {"conv_blocks": [2, 3], "filter_multiplier": [0.5, 1.0]}, 2, "cifar10", 5000, 2000, 4
    ),
    "cifar10-36": Grid(
        {"conv_blocks": [1, 2, 3, 4], "filter_multiplier": [0.5, 1.0, 2.0]},
        3, "cifar10", 5000, 2000, 4,
    ),
    "digits": Grid(
        {"conv_blocks": [1, 2, 3], "filter_multiplier": [0.5, 1.0, 2.0]}, 3, "digits", 1000, 400, 10
    ),
}  # fmt: skip


def add_grid_options(parser: argparse.ArgumentParser, default: str) -> None:
    """Adds the choice of a grid, and what of it may be typed otherwise."""
    parser.add_argument("--grid", choices=GRIDS, default=default)
    parser.add_argument("--dataset")
    for name in ("replicates", "train-size", "validation-size", "epochs"):
        parser.add_argument(f"--{name}", type=int)


def chosen_grid(options: argparse.Namespace) -> Grid:
    """The grid that was typed."""
    names = ("dataset", "replicates", "train_size", "validation_size", "epochs")
    typed = {name: getattr(options, name) for name in names}
    changed = {name: value for name, value in typed.items() if value is not None}
    return replace(GRIDS[options.grid], **changed)


def trained(rows: list[Row], grid: Grid) -> dict[str, int]:
    """How much a side has trained: executions, epochs and images."""
    epochs = sum(row["epochs"] for row in rows)
    return {"executions": len(rows), "epochs": epochs, "images": epochs * grid.train_size}


class Images(NamedTuple):
    """A replicate's images, standardized, with their labels."""

    x: Any
    y: Any
    x_val: Any
    y_val: Any


@cache
def images_of(dataset_name: str, train_size: int, validation_size: int, replicate: int) -> Images:
    """The images of a replicate as ours has them."""
    from tuner.training.datasets import load_dataset
    from tuner.training.splits import split

    dataset = load_dataset(dataset_name)
    parts = split(dataset, train_size, validation_size, seed_of(replicate))
    training, validation = dataset.images[parts.training], dataset.images[parts.validation]
    mean, deviation = training.mean((0, 1, 2)), training.std((0, 1, 2))
    x, x_val = ((part.astype("float32") - mean) / deviation for part in (training, validation))
    return Images(x, dataset.labels[parts.training], x_val, dataset.labels[parts.validation])


def images_for(grid: Grid, replicate: int) -> Images:
    """The images of a grid's replicate."""
    return images_of(grid.dataset, grid.train_size, grid.validation_size, replicate)


def seed_of(replicate: int) -> int:
    """The seed that a replicate has here."""
    from tuner.execution import Execution
    from tuner.study import Study

    return Execution(Study(), "0", 0, replicate, {}, 1).seed


def stock_search(grid: Grid, replicate: int, executions: int, folder: Path) -> list[Row]:
    """Stock `GridSearch` on the images of a replicate; nothing is set that a user need not set.

    Args:
        grid: its cells.
        replicate: whose images and seed it has.
        executions: of each trial.
        folder: of its project.
    """
    import keras
    import keras_tuner

    from search_spaces import ConvPool

    rows: list[Row] = []

    class Noting(ConvPool):
        def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
            history = super().fit(hp, model, *args, **kwargs)
            levels = {name: hp.get(name) for name in grid.factors}
            repeats = sum(all(row[k] == v for k, v in levels.items()) for row in rows)
            rows.append({**levels, "replicate": replicate + repeats, **ended(history)})
            return history

    x, y, x_val, y_val = images_for(grid, replicate)
    keras.utils.set_random_seed(seed_of(replicate))
    space = Noting(x.shape[1:], int(y.max()) + 1, **grid.factors, **FIXED)
    tuner = keras_tuner.GridSearch(
        space, objective="val_accuracy", directory=folder, project_name=str(replicate),
        executions_per_trial=executions, seed=seed_of(replicate),
    )  # fmt: skip
    tuner.search(x, y, epochs=grid.epochs, verbose=0, validation_data=(x_val, y_val))
    return rows


def ended(history: Any) -> Row:
    """What a fit of Keras's came to: val_accuracy after the last epoch, and epochs."""
    accuracies = history.history["val_accuracy"]
    return {"val_accuracy": float(accuracies[-1]), "epochs": len(accuracies)}


def stock_searches(grid: Grid, repeated: bool) -> Iterator[list[Row]]:
    """One stock search with so many executions of each trial; or one for each replicate."""
    with tempfile.TemporaryDirectory() as folder:
        if not repeated:
            yield stock_search(grid, 0, grid.replicates, Path(folder))
            return
        for replicate in range(grid.replicates):
            yield stock_search(grid, replicate, 1, Path(folder))


def optuna_search(grid: Grid) -> list[Row]:
    """Optuna's grid over cells and replicates, each trial plain Keras: build, then fit."""
    import keras
    import keras_tuner
    import optuna

    from search_spaces import ConvPool

    rows: list[Row] = []
    levels = {**grid.factors, "replicate": [*range(grid.replicates)]}

    def train(trial: Any) -> float:
        asked = {name: trial.suggest_categorical(name, of) for name, of in levels.items()}
        x, y, x_val, y_val = images_for(grid, asked["replicate"])
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed_of(asked["replicate"]))
        cell = {name: asked[name] for name in grid.factors}
        space = ConvPool(x.shape[1:], int(y.max()) + 1, **cell, **FIXED)
        hp = keras_tuner.HyperParameters()
        model, data = space.build(hp), {"validation_data": (x_val, y_val)}
        history = space.fit(hp, model, x, y, epochs=grid.epochs, verbose=0, **data)
        rows.append({**asked, **ended(history)})
        return float(rows[-1]["val_accuracy"])

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.GridSampler(levels, seed=0)
    optuna.create_study(direction="maximize", sampler=sampler).optimize(train)
    return rows


def our_process(grid: Grid, *more: str) -> list[Row]:
    """`tuner search` of a grid, with further options."""
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                Path(sys.executable).with_name("tuner"), "search", "--dataset", grid.dataset,
                "--train-size", str(grid.train_size), "--epochs", str(grid.epochs),
                "--validation-size", str(grid.validation_size), "--score-on", "validation",
                "--replicates", str(grid.replicates), "--output", folder, "--name", "grid",
                *(part for name, levels in grid.factors.items()
                  for part in ("--set", f"{name}={','.join(map(str, levels))}")),
                *(part for name, level in FIXED.items() for part in ("--fix", f"{name}={level}")),
                "--quiet", *more,
            ],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        history = pd.read_csv(Path(folder) / "grid" / "history.csv")
    by_execution = history.groupby([*grid.factors, "replicate"])
    ended = by_execution.agg(val_accuracy=("val_accuracy", "last"), epochs=("epoch", "size"))
    return [{**row} for row in ended.reset_index().to_dict("records")]


def other_process(side: str, grid: Grid, *more: str) -> list[Row]:
    """Another side in a process of its own, in the environment that a user would have."""
    call = [sys.executable, __file__, side, json.dumps(asdict(grid)), *more]
    rows: list[Row] = json.loads(last_line(call))
    return rows


def last_line(call: list[str]) -> str:
    """The last line that a process prints; what it logs is shown where it fails."""
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(call[:3])} ended with {done.returncode}:\n{done.stderr[-3000:]}"
        )
    return done.stdout.splitlines()[-1]


def main() -> None:
    """Trains one side and prints its rows as JSON."""
    parser = argparse.ArgumentParser(description="One side of a benchmark.")
    parser.add_argument("side", choices=["stock", "optuna"])
    parser.add_argument("grid", type=json.loads)
    parser.add_argument("--repeated", action="store_true")
    options = parser.parse_args()
    grid = Grid(**options.grid)
    if options.side == "optuna":
        rows = optuna_search(grid)
    else:
        rows = [row for found in stock_searches(grid, options.repeated) for row in found]
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
