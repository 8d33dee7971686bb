"""The trials of a Ray Tune experiment as a table: what it wrote of each, read without Ray."""

from pathlib import Path
from typing import Any

import pandas as pd

from tuner.errors import DataError
from tuner.reading import from_json, read_bytes
from tuner.report.sources.loading import Table
from tuner.report.sources.searched import part_hyperparameters
from tuner.report.sources.unfolding import flat
from tuner.words import printable

#: What Ray writes beside the metrics of an iteration, and no report needs.
ABOUT = {
    *("timestamp", "checkpoint_dir_name", "done", "date", "time_this_iter_s", "pid", "hostname"),
    *("node_ip", "time_since_restore", "iterations_since_restore", "config", "experiment_tag"),
    *("should_checkpoint", "episodes_total", "timesteps_total", "timesteps_since_restore"),
}
UNKNOWN_SEARCHER = "the trials of Ray Tune were proposed by a searcher that may learn"


def is_experiment(folder: Path) -> bool:
    """Whether a folder is an experiment of Ray Tune."""
    return any(folder.glob("experiment_state-*.json")) or any(folder.glob("*/params.json"))


def read_ray_tune(folder: Path) -> Table:
    """Read `*/params.json` and `*/result.json` of an experiment: one row an iteration.

    Entries of nested settings are called "opt/lr"; what is neither a number nor a text is written
    as one.

    Raises:
        DataError: no trial has a result, or no hyperparameter two levels.
    """
    paths = sorted(folder.glob("*/params.json"))
    trials = [trial for path in paths if (trial := _trial(path)) is not None]
    rows = pd.DataFrame([row for _, iterations in trials for row in iterations])
    if rows.empty:
        raise DataError(f"{folder} holds no readable */result.json of a trial: nothing to report.")
    num_without = len(paths) - len(trials)
    told = f"{num_without} of {len(paths)} trials have no result and are left out."
    is_drawn = any(folder.glob("basic-variant-state-*.json"))  # a grid, or drawn at random
    names = dict.fromkeys(name for values, _ in trials for name in values)
    each = rows.drop_duplicates("trial_id")
    factors, nuisances = part_hyperparameters(each, names, ())
    return Table(
        printable(folder.name),
        rows,
        tuple(factors),
        tuple(nuisances),
        undesigned="" if is_drawn else UNKNOWN_SEARCHER,
        notes=(told,) if num_without else (),
    )


def _trial(path: Path) -> tuple[dict[str, object], list[dict[str, object]]] | None:
    """The hyperparameters of a trial, and a row of each of its iterations; None without one."""
    try:
        values = dict(flat(from_json(read_bytes(path))))
        lines = read_bytes(path.with_name("result.json")).splitlines()
    except (OSError, ValueError, AttributeError):
        return None
    iterations = []
    for line in lines:
        try:
            reported: Any = from_json(line)
        except ValueError:  # cut short by a crash
            continue
        if not isinstance(reported, dict):
            continue
        told = dict(flat({key: reported[key] for key in reported if key not in ABOUT}))
        seconds = told.pop("time_total_s", None)
        metrics = {name: value for name, value in told.items() if name not in values}
        iterations.append({"trial_id": path.parent.name, **metrics, **values, "seconds": seconds})
    return (values, iterations) if iterations else None
