"""A study's folder as a report's source."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tuner.analysis.facts import Facts
from tuner.analysis.question import Question
from tuner.errors import DataError, StudyError
from tuner.execution import serves_effects
from tuner.folder import StudyFolder
from tuner.ledger import AFTER, BEFORE
from tuner.looks import looks_text
from tuner.precision import precision, rule
from tuner.report.formats import sentence
from tuner.report.sources.roles import Axes, find_axes, report_order, require
from tuner.report.sources.settings import settings_of
from tuner.report.sources.source import Source
from tuner.study import Study
from tuner.words import level_text, listed


def read_study(folder: Path, width: str | None = None, depth: str | None = None) -> Source:
    """Open a study's folder: its ledger's frames, its study.yaml and its environment.json.

    Args:
        folder: Of the study.
        width: The factor that is the width, where the study does not say or says otherwise.
        depth: The factor that is the depth, likewise.

    Raises:
        StudyError: study.yaml is missing or holds no study, or nothing has been trained yet.
        DataError: no factor of the study has two levels.
        UsageError: the width or the depth is no factor of the study.
    """
    opened = StudyFolder(folder)
    study, frames = opened.study, opened.frames
    conditional = conditional_factors(study, frames.executions)
    everything, history, cells = (with_inactive(frame, conditional) for frame in frames)
    is_used = serves_effects(everything["replicate"])
    tuning, executions = everything[~is_used], everything[is_used]
    if executions.empty:
        raise StudyError(f"{folder} holds no execution yet. Run `tuner search` on it first.")
    varied = _varied(study, executions)
    for option, name in (("--width", width), ("--depth", depth)):
        if name is not None:
            require(varied, name, option)
    axes = _axes(study, executions[varied], width, depth)
    return Source(
        name=study.folder_name,
        executions=executions,
        history=None if history.empty else history[serves_effects(history["replicate"])],
        cells=cells,
        question=Question(
            factors=report_order(varied, axes.width, axes.depth),
            objective=study.objective,
            width=axes.width,
            depth=axes.depth,
            step=axes.step,
        ),
        facts=_facts(opened, everything, axes),
        tuning=None if tuning.empty else tuning,
    )


def conditional_factors(study: Study, executions: pd.DataFrame) -> list[str]:
    """The factors that some cell does not have, as its conditional scope is not active there."""
    return [
        name
        for name in study.factors
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


def _varied(study: Study, executions: pd.DataFrame) -> list[str]:
    """The study's factors that have two levels or more among its executions."""
    names = study.factor_names
    varied = [n for n in names if n in executions.columns and executions[n].nunique() > 1]
    if not varied:
        raise DataError(
            f"the executions so far differ in no factor (factors: {listed(names) or 'none'}). An "
            "effect needs two levels: let the search go on, or search with --set FACTOR=V1,V2."
        )
    return varied


def _axes(study: Study, levels: pd.DataFrame, width: str | None, depth: str | None) -> Axes:
    """Width and depth: as asked, else as the study has them, else by their names."""
    of_study = [name if name in levels else None for name in (study.width, study.depth)]
    numeric = [str(name) for name in levels if pd.api.types.is_numeric_dtype(levels[name])]
    step = study.step if depth in (None, study.depth) else None
    return find_axes(numeric, width or of_study[0], depth or of_study[1], step)


def stopping(study: Study, executions: pd.DataFrame) -> str:
    """By which rule replicates ended, and where it left them, as sentences; "" without a rule."""
    if not study.until:
        return ""
    return f"{sentence(rule(study))} {sentence(precision(study, executions).text)}"


def _facts(folder: StudyFolder, executions: pd.DataFrame, axes: Axes) -> Facts:
    """What the page tells about the study."""
    study, environment, looks = folder.study, folder.environment, folder.looks
    num_images = (environment.get("data") or {}).get("num_images")
    num_idle = num_images - study.train_size if num_images and study.train_size else None
    hyperparameters = executions.columns.difference([*BEFORE, *AFTER], sort=False)
    single = [name for name in hyperparameters if executions[name].nunique(dropna=False) == 1]
    return Facts(
        kind="study",
        dataset=study.dataset,
        train_size=study.train_size,
        validation_size=study.validation_size,
        scored_on=study.score_on,
        num_scored=num_idle if study.score_on == "idle" else study.validation_size,
        epochs=study.epochs,
        space=study.space,
        strategy=study.strategy,
        seed=study.seed,
        scaling=study.scaling,
        fixed={name: executions[name].iloc[0] for name in single},
        learning_rate_tuned="learning_rate" in study.tune,
        num_done=len(executions),
        num_planned=folder.num_planned,
        stopping=stopping(study, executions),
        num_looks=len(looks),
        looked=looks_text(looks, study.objective) if looks else "",
        notes=(f"{study.shard.text} alone: tuner merge joins all of them",) if study.shard else (),
        guessed=axes.guessed,
        versions=environment.get("versions") or {},
        begun=environment.get("begun"),
        cpu=environment.get("cpu"),
        git_commit=environment.get("git_commit"),
        settings=settings_of(study, environment),
    )
