"""A study as the project of a stock tuner: one trial a cell, its executions' numbers in it.

A stock `GridSearch` or `RandomSearch` opens it and tells its results. It holds no models, as no
execution's is kept, and is none to search on in: a study is gone on with by `tuner search`.
"""

import filecmp
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tuner.errors import UsageError
from tuner.execution import Record, score_of, without_tuning
from tuner.export import Written, place_of
from tuner.folder import StudyFolder
from tuner.hyperparameters import hyperparameters, levels_of
from tuner.objective import Objective, named
from tuner.setting_types import Level
from tuner.standing import at_largest_budget
from tuner.training.backend import silent_stderr
from tuner.words import counted

UNJUDGED = {"best_epoch"}  # a metric without a better


def write(folder: StudyFolder, output: Path | None) -> Written:
    """Writes a project, whole or not at all.

    Raises:
        UsageError: if another project, or another state of this one, is there.
    """
    place = place_of(folder, "keras-tuner", output)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".partial-") as partial:
        project = Path(partial) / place.name
        num_trials, left_out = write_project(folder, project)
        is_new = not any(place.iterdir())
        if is_new:
            project.replace(place)
        elif not is_same(place, project):
            raise UsageError(
                f"{place} holds other files, which are not overwritten: expected --output FOLDER "
                "of an empty or a new folder"
            )
    objective = folder.study.objective
    opened = (
        f'keras_tuner.GridSearch(build, keras_tuner.Objective("{objective.name}", '
        f'"{objective.direction}"), directory={str(place.parent)!r}, '
        f"project_name={place.name!r}, overwrite=False)"
    )
    added = num_trials if is_new else 0
    return Written(added, num_trials - added, "trial", str(place), opened, tuple(left_out))


def is_same(one: Path, other: Path) -> bool:
    """Whether the files of a project are there in another, with the same content."""
    files = [path.relative_to(other) for path in other.rglob("*.json")]
    return all((one / file).exists() and filecmp.cmp(one / file, other / file) for file in files)


def write_project(folder: StudyFolder, place: Path) -> tuple[int, list[str]]:
    """Writes a project's files; returns how many trials it has, and what it leaves out."""
    with silent_stderr():
        import keras_tuner
        from keras_tuner.engine.base_tuner import BaseTuner
    study, levels = folder.study, levels_of(folder.records)
    trials = sorted(trials_of(folder, levels), key=lambda trial: trial.trial_id)
    oracle = keras_tuner.oracles.RandomSearchOracle(
        keras_tuner.Objective(study.objective.name, study.objective.direction),
        max_trials=len(trials),
        seed=study.seed + 1,  # 0 is none to Keras Tuner, which draws one then
        hyperparameters=hyperparameters({name: of[0] for name, of in levels.items()}, levels),
    )
    project = BaseTuner(oracle, lambda hp: None, directory=place.parent, project_name=place.name)
    for trial in trials:
        oracle.trials[trial.trial_id] = trial
        oracle.start_order.append(trial.trial_id)
        oracle.end_order.append(trial.trial_id)
        trial.save(str(Path(project.get_trial_dir(trial.trial_id)) / "trial.json"))
    project.save()
    done = at_largest_budget(folder.records, study.objective)
    left_out = ["the models of trials, as no execution's is kept: get_best_models() finds none"]
    if num_left := len(folder.records) - sum(len(of_cell) for of_cell in done.values()):
        told = counted(num_left, "execution")
        left_out.append(f"{told} that failed, had a smaller budget or chose nuisances")
    return len(trials), left_out


def trials_of(folder: StudyFolder, levels: dict[str, list[Level]]) -> Iterator[Any]:
    """A trial for each cell that ended well at the largest budget, or never ended well."""
    objective, records = folder.study.objective, without_tuning(folder.records)
    for done in at_largest_budget(records, objective).values():
        yield completed(done, levels, objective)
    well = {record.cell for record in records if score_of(record, objective) is not None}
    failed = {record.cell: record for record in records if record.cell not in well}
    for record in failed.values():
        yield trial_of(record, levels, "FAILED", f"{record.status}: {record.message}")


def completed(done: Sequence[Record], levels: dict[str, list[Level]], objective: Objective) -> Any:
    """A cell as a trial: each metric with its value of every execution, the mean as the score.

    Args:
        done: The cell's executions that count.
        levels: Of each hyperparameter in the study.
        objective: Of the study.
    """
    trial, epochs = trial_of(done[0], levels, "COMPLETED"), done[0].epochs
    for name in done[0].metrics:
        values = [value for r in done if (value := r.metrics.get(name)) is not None]
        if name in UNJUDGED or len(values) < len(done):
            continue
        kind = objective if name == objective.name else named(name, min(values), max(values))
        trial.metrics.register(name, kind.direction)
        for value in values:
            trial.metrics.update(name, value, step=epochs)
    trial.score = statistics.fmean(score_of(record, objective) or 0.0 for record in done)
    trial.best_step = epochs
    return trial


def trial_of(
    record: Record, levels: dict[str, list[Level]], status: str, message: str | None = None
) -> Any:
    """A trial of an execution's configuration, named by its cell; without metrics."""
    from keras_tuner.engine.trial import Trial

    values = hyperparameters(record.values, levels)
    return Trial(values, trial_id=f"{record.cell:04d}", status=status, message=message)
