"""A study as an MLflow experiment: what MLflow calls a run is an execution here.

The store is an SQLite file, as MLflow advises since it has given up folders; without `--output`
the server or store that MLFLOW_TRACKING_URI names, if it names one.
"""

import logging
import os
import shlex
import time
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run
from mlflow.exceptions import MlflowException

from tuner.errors import StudyError
from tuner.export import Written, place_of
from tuner.export.exported import Exported, executions_of
from tuner.folder import StudyFolder
from tuner.words import level_text, reason, short

KEY = "tuner.execution"  # the tag that an execution is known by
MOST_METRICS = 1000  # that MLflow takes at once
MOST_SIGNS = 5000  # of a tag's value


def write(folder: StudyFolder, output: Path | None) -> Written:
    """Writes an MLflow run an execution into the experiment of the study's name.

    Raises:
        StudyError: if MLflow's store refuses.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI", "") if output is None else ""
    artifacts = None
    if not uri:
        place = place_of(folder, "mlflow", output)
        uri, artifacts = (
            f"sqlite:///{place / 'mlflow.db'}",
            (place / "artifacts").resolve().as_uri(),
        )
    executions = executions_of(folder)
    logging.getLogger("mlflow").setLevel(logging.WARNING)  # it tells each table that it makes
    try:
        client = MlflowClient(tracking_uri=uri)
        experiment = experiment_of(client, folder.path.name, artifacts)
        there = known(client, experiment)
        new = [execution for execution in executions if execution.key not in there]
        for execution in new:
            add(client, experiment, execution)
    except MlflowException as error:
        raise StudyError(f"MLflow's store {uri} refuses: {reason(error)}") from error
    opened = shlex.join(["mlflow", "ui", "--backend-store-uri", uri])
    return Written(len(new), len(executions) - len(new), "execution", uri, opened)


def experiment_of(client: MlflowClient, name: str, artifacts: str | None) -> str:
    """The identifier of the experiment of a name; it is made where there is none."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(name, artifact_location=artifacts))


def known(client: MlflowClient, experiment: str) -> set[str]:
    """The keys of the executions that an experiment has; what an export left half is removed."""
    found, token = set[str](), None
    half: list[Run] = []
    while True:
        runs = client.search_runs([experiment], f"tags.`{KEY}` != ''", page_token=token)
        half += [run for run in runs if run.info.status == "RUNNING"]
        found |= {run.data.tags[KEY] for run in runs if run.info.status != "RUNNING"}
        token = runs.token
        if not token:
            break
    for run in half:
        client.delete_run(run.info.run_id)
    return found


def add(client: MlflowClient, experiment: str, execution: Exported) -> None:
    """Writes an execution; its MLflow run has ended only once all of it is there."""
    end = int(time.time() * 1000)
    tags = {f"tuner.{name}": short(str(told), MOST_SIGNS) for name, told in execution.about.items()}
    tags |= {KEY: execution.key, "tuner.group": execution.group}
    if execution.message:
        tags["mlflow.note.content"] = short(execution.message, MOST_SIGNS)
    start = end - round(execution.seconds * 1000)
    run = client.create_run(experiment, start, tags, execution.name).info.run_id
    params = [Param(name, level_text(of)) for name, of in execution.hyperparameters.items()]
    last = int(execution.hyperparameters["epochs"])
    rows = {**execution.curves, last: execution.curves.get(last, {}) | execution.metrics}
    metrics = [
        Metric(name, value, end, epoch)
        for epoch, row in rows.items()
        for name, value in row.items()
    ]
    for first in range(0, len(metrics), MOST_METRICS):
        client.log_batch(run, metrics=metrics[first : first + MOST_METRICS])
    for first in range(0, len(params), 100):
        client.log_batch(run, params=params[first : first + 100])
    client.set_terminated(run, "FINISHED" if execution.is_ok else "FAILED", end)
