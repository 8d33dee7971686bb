"""A stock Keras Tuner project's trials as a report's source."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tuner.analysis.facts import Facts
from tuner.analysis.question import Question
from tuner.budget import NAMES, parted
from tuner.errors import DataError, UsageError
from tuner.objective import USUAL, VALIDATION_ACCURACY, named
from tuner.report.sources import roles
from tuner.report.sources.searched import best_of_each, part_hyperparameters
from tuner.report.sources.source import Source
from tuner.report.sources.trials import read_trial
from tuner.words import listed

#: What Keras Tuner does and does not keep, told on the page.
AVERAGED = (
    "Keras Tuner keeps one number a trial: the mean over its executions, each counted at its best "
    "epoch. So there are no replicates here, the spread between seeds is unknown, and no interval, "
    "p-value or verdict can be given; the means themselves are optimistic."
)
#: Of a trial's budget, what executions have as columns.
FIDELITY = ("epochs", "initial_epoch", "bracket", "rung")
NOT_KEPT = (
    "Not on disk and so not reported: histories by epoch, seeds, parameters, FLOPs, training time."
)


def read_keras_tuner(
    folder: Path, width: str | None = None, depth: str | None = None, metric: str | None = None
) -> Source:
    """Read `trial_*/trial.json` of a project that a stock tuner wrote.

    Continuous hyperparameters (a Float without a step, and any learning rate) are nuisances, and so
    are those that some trials do not have (the units of a fourth layer): of the trials that differ
    in nothing else the best stands for its cell, and the page says so. A trial that a crash left
    empty or running counts as failed.

    Args:
        folder: Of the project.
        width: The hyperparameter that is the width; by default it is told by its name.
        depth: The hyperparameter that is the depth, likewise.
        metric: The objective, where the trials' scores do not tell it.

    Raises:
        UsageError: the width or the depth is no factor of the project, or the metric none of its.
        DataError: no trial can be read, or no hyperparameter has two levels.
    """
    paths = sorted(folder.glob("trial_*/trial.json"))
    trials = [trial for path in paths if (trial := read_trial(path)) is not None]
    if not trials:
        raise DataError(f"{folder} holds no readable trial_*/trial.json: nothing to report.")
    objective, direction = _objective(folder, trials, metric)
    executions = pd.DataFrame([_execution(trial, objective) for trial in trials])
    if executions[objective].isna().all():
        raise DataError(f"no trial of {folder.name} has a {objective}: all of them failed.")
    notes = [AVERAGED, NOT_KEPT]
    if (num_torn := len(paths) - len(trials)) > 0:
        notes.append(f"{num_torn} of {len(paths)} trial files are empty or torn and are left out.")
    space = _space(trials, executions)
    continuous = {name for name, entry in space.items() if _is_continuous(entry)}
    factors, nuisances = part_hyperparameters(executions, space, continuous)
    fixed = {
        name: executions[name].iloc[0] for name in sorted(space) if executions[name].nunique() == 1
    }
    if nuisances:
        keys = [*factors, *(name for name in FIDELITY if name in executions.columns)]
        executions, told = best_of_each(
            executions, keys, nuisances, objective, maximize=direction == "max"
        )
        notes.append(told)
    axes = _axes(executions[factors], width, depth)
    values = executions[objective].dropna()
    question = Question(
        factors=roles.report_order(factors, axes.width, axes.depth),
        objective=named(objective, values.min(), values.max(), direction == "max"),
        width=axes.width,
        depth=axes.depth,
        step=axes.step,
    )
    facts = Facts(
        kind="keras_tuner",
        fixed=fixed,
        executions_averaged=True,
        guessed=axes.guessed,
        notes=tuple(notes),
    )
    return Source(folder.name, executions, None, None, question, facts)


def _axes(levels: pd.DataFrame, width: str | None, depth: str | None) -> roles.Axes:
    """The hyperparameters that are the width and the depth."""
    numeric = [str(name) for name in levels if pd.api.types.is_numeric_dtype(levels[name])]
    for option, name in (("--width", width), ("--depth", depth)):
        if name is not None and roles.require(levels.columns, name, option) not in numeric:
            raise DataError(f"{option} {name}: expected numbers, got {listed(levels[name], 3)}")
    if width is not None and levels[width].min() <= 0:
        raise DataError(
            f"--width {width}: expected numbers above zero, got {levels[width].min():g}"
        )
    found = roles.find_axes(numeric, width, depth)
    if found.width is not None and levels[found.width].min() <= 0:  # its axis is in doublings
        numeric.remove(found.width)
        return roles.find_axes(numeric, width, depth)
    return found


def _objective(
    folder: Path, trials: Sequence[Mapping[str, Any]], metric: str | None
) -> tuple[str, str]:
    """The metric whose value is the trials' score, and its direction ("max" or "min").

    A project does not name its objective anywhere; the scores do, where one metric gives them all.

    Raises:
        UsageError: the metric is none of the project, or no metric alone gives the scores.
    """
    known = {
        name: found["direction"]
        for trial in trials
        for name, found in trial["metrics"]["metrics"].items()
    }
    if metric is not None:
        return roles.require(known, metric, "--metric"), known[metric]
    scored = [trial for trial in trials if trial["score"] is not None]
    agreeing = [name for name in known if all(_is_score(trial, name) for trial in scored)]
    if scored and not agreeing and known:
        raise UsageError(
            f"the scores of {folder.name} are those of no single metric (several objectives?): say "
            f"which one with --metric NAME (metrics: {listed(known)})"
        )
    usual = [name for name in USUAL if name in agreeing] or agreeing
    if not (scored and usual):
        return VALIDATION_ACCURACY.name, VALIDATION_ACCURACY.direction
    return usual[0], known[usual[0]]


def _is_score(trial: Mapping[str, Any], name: str) -> bool:
    """Whether a trial's score is its value of a metric."""
    metric = trial["metrics"]["metrics"].get(name)
    return metric is not None and _best(metric) == trial["score"]


def _best(metric: Mapping[str, Any]) -> float | None:
    """The best mean over executions among a metric's observations."""
    means: list[float] = [
        sum(o["value"]) / len(o["value"]) for o in metric["observations"] if o["value"]
    ]
    if not means:
        return None
    return max(means) if metric["direction"] == "max" else min(means)


def _execution(trial: Mapping[str, Any], objective: str) -> dict[str, object]:
    """One row: the trial, its hyperparameters, its fidelity where Hyperband set one, its score."""
    values = trial["hyperparameters"]["values"]
    configuration, budget = parted(values)
    fidelity = {name: getattr(budget, name) for name in FIDELITY if NAMES[name] in values}
    metric = trial["metrics"]["metrics"].get(objective)
    score = None if metric is None else _best(metric)
    is_ok = trial["status"] == "COMPLETED" and score is not None and math.isfinite(score)
    message = (trial.get("message") or "").strip().splitlines()
    return {
        "trial": trial["trial_id"],
        **configuration,
        **fidelity,
        objective: score if is_ok else float("nan"),
        "status": "ok" if is_ok else "failed",
        "message": "" if is_ok else (message[-1] if message else trial["status"].lower()),
    }


def _space(
    trials: Iterable[Mapping[str, Any]], executions: pd.DataFrame
) -> dict[str, Mapping[str, Any]]:
    """What the trials declare of each hyperparameter that they have."""
    return {
        entry["config"]["name"]: entry
        for trial in trials
        for entry in trial["hyperparameters"]["space"]
        if entry["config"]["name"] in executions.columns
    }


def _is_continuous(entry: Mapping[str, Any]) -> bool:
    """Whether a hyperparameter is drawn from a continuum."""
    return entry["class_name"] == "Float" and entry["config"].get("step") is None
