"""Tables and folders that reports are made of, with a truth that is planted."""

import itertools
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pytest
import yaml
from filelock import FileLock

from tuner.execution import Record
from tuner.ledger import append
from tuner.report import Report, read_table, write_report

LEVELS = {"filter_multiplier": (0.5, 1.0, 2.0, 4.0), "conv_blocks": (1, 2, 3)}


def accuracy(width: float, depth: int, replicate: int, rng: np.random.Generator) -> float:
    """3 points a doubling, 5 points a block, a point between replicates, and noise."""
    return 0.4 + 0.03 * np.log2(width) + 0.05 * depth + 0.01 * replicate + rng.normal(0, 0.003)


def planted(epochs: int = 1) -> pd.DataFrame:
    """A full factorial in three replicates; with several epochs, one row an epoch."""
    rng = np.random.default_rng(7)
    rows = []
    for width, depth, replicate in itertools.product(*LEVELS.values(), range(3)):
        last = accuracy(width, depth, replicate, rng)
        rows += [
            {
                "filter_multiplier": width,
                "conv_blocks": depth,
                "replicate": replicate,
                "seed": 100 + replicate,
                "epoch": epoch,
                "val_accuracy": last * (1 - 0.5 * (epochs - epoch) / epochs),
                "params": int(500 * width**2 * 4**depth),
                "flops": 1e6 * width**2 * 2**depth,
                "seconds": 10 * width * depth,
            }
            for epoch in range(1, epochs + 1)
        ]
    return pd.DataFrame(rows)


@pytest.fixture
def executions() -> pd.DataFrame:
    """One row an execution."""
    return planted().drop(columns="epoch")


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Writes a frame as a CSV and gives its path."""

    def write(frame: pd.DataFrame, name: str = "runs.csv") -> Path:
        path = tmp_path / name
        frame.to_csv(path, index=False)
        return path

    return write


@pytest.fixture(scope="session")
def history_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted table with one row an epoch."""
    path = tmp_path_factory.mktemp("tables") / "epochs.csv"
    planted(epochs=8).to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def report(history_table: Path, shared: Path) -> Report:
    """The report of the planted table of epochs, not to be changed; one of them writes it."""
    kept = shared / "report.pickle"
    with FileLock(shared / "report.lock"):
        if not kept.exists():
            written = write_report(read_table(history_table), shared / "report")
            kept.write_bytes(pickle.dumps(written))
        return cast(Report, pickle.loads(kept.read_bytes()))


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """A study's folder as a search leaves it: six cells, one of them infeasible."""
    folder = tmp_path / "width-depth"
    folder.mkdir()
    levels = {"conv_blocks": [1, 2, 3], "filter_multiplier": [1.0, 2.0]}
    settings = {
        "name": "width-depth", "space": "conv_pool", "factors": levels, "cells": None,
        "fixed": {"optimizer": "adam"}, "strategy": "grid", "max_trials": None, "replicates": 3,
        "seed": 0, "dataset": "digits", "train_size": 1000, "validation_size": 300, "epochs": 2,
        "scaling": "standardize",
    }  # fmt: skip
    (folder / "study.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    about = {"versions": {"tensorflow": "2.21.0"}, "git_commit": "abc", "data": {"name": "digits"}}
    (folder / "environment.json").write_text(json.dumps(about))
    rng = np.random.default_rng(3)
    cells = []
    for cell, (depth, width) in enumerate(itertools.product(*levels.values())):
        hole = "1 px map" if (depth, width) == (3, 2.0) else ""
        cells.append(
            [cell, depth, width, 1000 * depth, 5000, "infeasible" if hole else "planned", hole]
        )
        for replicate in () if hole else range(3):
            value = accuracy(width, depth, replicate, rng)
            append(folder, record(cell, depth, width, replicate, value))
    columns = ["cell", *levels, "params", "flops", "state", "reason"]
    pd.DataFrame(cells, columns=columns).to_csv(folder / "cells.csv", index=False)
    return folder


def record(
    cell: int, depth: int, width: float, replicate: int, value: float, **also: object
) -> Record:
    """An execution's record, with two epochs of history."""
    values = {"conv_blocks": depth, "filter_multiplier": width, "optimizer": "adam", **also}
    history = [{"epoch": epoch, "val_accuracy": value * epoch / 2} for epoch in (1, 2)]
    return Record(
        trial=f"{cell:04d}", cell=cell, replicate=replicate, seed=100 + replicate, values=values,
        epochs=2, status="ok", metrics={"val_accuracy": value}, params=1000 * depth, flops=5000,
        seconds=1.0, history=history,
    )  # fmt: skip
