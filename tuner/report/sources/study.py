"""Where a report's frames come from: a study's folder, a table or a Keras Tuner project."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml

from tuner.analysis.levels import level_text
from tuner.analysis.question import Question
from tuner.errors import DataError, StudyError
from tuner.execution import TUNING
from tuner.ledger import AFTER, BEFORE, read_frames
from tuner.report.sources.roles import DEPTHS, WIDTHS, guess, listed, report_order

Kind = Literal["study", "table", "keras_tuner"]


@dataclass(frozen=True)
class Source:
    """What a report is made of: frames, what is asked of them, and what is known about them.

    Attributes:
        name: Of the study, the table's file or the project.
        executions: One row an execution; the factors and the objective, and whichever there are of
            replicate, epochs, status, params, flops, seconds.
        history: One row an epoch, with columns epoch (from 1), the factors, the objective; or None.
        cells: One row a cell of the design, with its factors, state and reason; or None.
        question: Which columns are the factors and which the objective.
        tuning: The executions that chose nuisance hyperparameters, which no effect uses; or None.
        facts: What the page tells about the data and the training, by name; `kind` says where the
            frames came from, `notes` lists sentences on how they were read.
    """

    name: str
    executions: pd.DataFrame
    history: pd.DataFrame | None
    cells: pd.DataFrame | None
    question: Question
    facts: Mapping[str, object] = field(default_factory=dict)
    tuning: pd.DataFrame | None = None


def kind_of(path: Path) -> Kind:
    """Tell what lies at a path.

    Raises:
        DataError: nothing is there, or nothing that a report can be made of.
    """
    if path.is_file():
        return "table"
    if not path.exists():
        raise DataError(f"{path} does not exist. Give a study's folder, a table or a project.")
    if (path / "study.yaml").is_file():
        return "study"
    if (path / "oracle.json").is_file() or any(path.glob("trial_*/trial.json")):
        return "keras_tuner"
    raise DataError(
        f"{path} holds neither study.yaml (a study) nor trial_*/trial.json (Keras Tuner). "
        "Give one of these folders, or a .csv or .parquet table."
    )


def read_study(folder: Path) -> Source:
    """Open a study's folder: its ledger's frames, its study.yaml and its environment.json.

    Raises:
        StudyError: study.yaml is missing or is not a mapping, or nothing has been trained yet.
        DataError: no factor of the study has two levels.
    """
    settings = _settings(folder)
    conditional = conditional_factors(settings, *(frames := read_frames(folder)))
    executions, history, cells = (with_inactive(frame, conditional) for frame in frames)
    is_tuning = executions["replicate"] == TUNING
    tuning, executions = executions[is_tuning], executions[~is_tuning]
    if executions.empty:
        raise StudyError(f"{folder} holds no execution yet. Run `tuner search` on it first.")
    return Source(
        name=str(settings.get("name") or folder.name),
        executions=executions,
        history=None if history.empty else history[history["replicate"] != TUNING],
        cells=cells,
        question=_question(settings, executions),
        facts=_facts(settings, _environment(folder), cells, executions),
        tuning=None if tuning.empty else tuning,
    )


def conditional_factors(settings: Mapping[str, Any], *frames: pd.DataFrame) -> list[str]:
    """The factors that some cell does not have, as its conditional scope is not active there."""
    executions = frames[0]
    return [
        name
        for name in settings.get("factors") or {}
        if name in executions and executions[name].isna().any() and executions[name].notna().any()
    ]


def with_inactive(rows: pd.DataFrame, factors: Sequence[str]) -> pd.DataFrame:
    """The rows with "inactive" as the level of conditional factors where they do not apply."""
    levels = {
        name: [
            "inactive" if level is None or level != level or level == "" else level_text(level)
            for level in rows[name]
        ]
        for name in factors
        if name in rows
    }
    return rows.assign(**levels)


def _settings(folder: Path) -> dict[str, Any]:
    """What study.yaml says."""
    path = folder / "study.yaml"
    if not path.is_file():
        raise StudyError(f"{folder} has no study.yaml: it is not a study's folder.")
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise StudyError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(settings, dict):
        raise StudyError(f"{path} should hold names and values, not {type(settings).__name__}.")
    return settings


def _environment(folder: Path) -> dict[str, Any]:
    """What environment.json says, or nothing: a report needs it for its methods paragraph only."""
    path = folder / "environment.json"
    if not path.is_file():
        return {}
    try:
        environment: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise StudyError(
            f"{path} is not JSON ({error}). Delete it to report without it."
        ) from error
    return environment


def _question(settings: Mapping[str, Any], executions: pd.DataFrame) -> Question:
    """The study's factors that have two levels or more, width and depth known by their names."""
    listed_cells = settings.get("cells") or []
    names = dict.fromkeys([*(settings.get("factors") or {}), *(n for c in listed_cells for n in c)])
    varied = [n for n in names if n in executions.columns and executions[n].nunique() > 1]
    if not varied:
        raise DataError(
            f"the executions so far differ in no factor (factors: {listed(names) or 'none'}). An "
            "effect needs two levels: let the search go on, or search with --set FACTOR=V1,V2."
        )
    numeric = [name for name in varied if pd.api.types.is_numeric_dtype(executions[name])]
    width, depth = guess(numeric, WIDTHS), guess(numeric, DEPTHS)
    objective = str(settings.get("objective") or "val_accuracy")
    return Question(
        factors=report_order(varied, width, depth),
        objective=objective,
        width=width,
        depth=depth,
        maximize=objective == "val_accuracy",
        scale=100.0 if objective == "val_accuracy" else 1.0,
    )


def _facts(
    settings: Mapping[str, Any],
    environment: Mapping[str, Any],
    cells: pd.DataFrame | None,
    executions: pd.DataFrame,
) -> dict[str, object]:
    """What the page tells about the study, by name."""
    same_name = ("dataset", "train_size", "epochs", "strategy", "replicates", "seed", "space")
    settings_told = {name: settings.get(name) for name in (*same_name, "scaling", "max_trials")}
    replicates = int(settings.get("replicates") or executions["replicate"].nunique())
    planned = None if cells is None else int((cells["state"] == "planned").sum())
    hyperparameters = executions.columns.difference([*BEFORE, *AFTER], sort=False)
    single = [name for name in hyperparameters if executions[name].nunique(dropna=False) == 1]
    return {
        "kind": "study",
        **settings_told,
        "val_size": settings.get("validation_size"),
        "fixed": {name: executions[name].iloc[0] for name in single},
        "learning_rate_tuned": "learning_rate" in (settings.get("tune") or {}),
        "is_percent": True,
        "num_planned_cells": planned,
        "num_planned_executions": None if planned is None else planned * replicates,
        "versions": dict(environment.get("versions") or {}),
        "data": dict(environment.get("data") or {}),
        "cpu": environment.get("cpu"),
        "git_commit": environment.get("git_commit"),
        "command": environment.get("command"),
        "notes": [],
    }
