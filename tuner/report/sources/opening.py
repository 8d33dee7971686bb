"""Opens whatever lies at a path as a report's source, and says where its page goes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tuner.errors import DataError, UsageError
from tuner.folder import StudyFolder
from tuner.report.sources.keras_tuner import read_keras_tuner
from tuner.report.sources.loading import Table
from tuner.report.sources.optuna_study import is_storage, read_optuna
from tuner.report.sources.ray_tune import is_experiment, read_ray_tune
from tuner.report.sources.source import Source
from tuner.report.sources.study import read_study
from tuner.report.sources.table import read_table
from tuner.words import listed

Kind = Literal["study", "table", "keras_tuner", "optuna", "ray_tune"]


def read_source(
    path: Path,
    *,
    width: str | None = None,
    depth: str | None = None,
    replicate: str | None = None,
    metric: str | None = None,
    factors: Sequence[str] = (),
    epoch: str | None = None,
    maximize: bool | None = None,
    study_name: str | None = None,
) -> Source:
    """Read a study's folder, a table, or what another tool kept: Keras Tuner, Optuna, Ray Tune.

    Args:
        path: The folder, the table or the storage.
        width: The column or hyperparameter that is the width.
        depth: The column or hyperparameter that is the depth.
        replicate: Of a table, as for `read_table`; likewise the others.
        metric: The column of the objective.
        factors: Columns of further factors.
        epoch: The column of the epoch.
        maximize: Whether more of a table's objective is better; by default its name tells.
        study_name: Of a study in a storage of Optuna that has several.

    Raises:
        DataError: nothing that can be reported lies there.
        UsageError: a column is named for what is no table.
    """
    path = project_in(path)
    kind = kind_of(path)
    axes = {"width": width, "depth": depth}
    columns = {"replicate": replicate, "metric": metric, "epoch": epoch}
    if study_name is not None and kind != "optuna":
        raise UsageError(f"--study-name names one of Optuna's studies, but {path} is none: omit it")
    if kind in ("table", "optuna", "ray_tune"):
        table: Path | Table = path
        if kind == "optuna":
            table = read_optuna(path, study_name)
        elif kind == "ray_tune":
            table = read_ray_tune(path)
        return read_table(table, **axes, **columns, factors=factors, maximize=maximize)
    if kind == "keras_tuner":
        columns.pop("metric")
    given = [name for name, column in columns.items() if column is not None]
    if maximize is not None:
        raise UsageError(f"{path} says itself whether more is better: omit --maximize, --minimize")
    if given or factors:
        option = given[0] if given else "factor"
        raise UsageError(f"--{option} names a column of a table, but {path} is a folder: omit it.")
    if kind == "study":
        return read_study(path, **axes)
    return read_keras_tuner(path, **axes, metric=metric)


def project_in(path: Path) -> Path:
    """The Keras Tuner project in a folder that holds one, as `directory=` makes it; else the path.

    Raises:
        DataError: there are several; they are named.
    """
    if not path.is_dir() or StudyFolder(path).is_study or is_project(path):
        return path
    inside = sorted(folder for folder in path.iterdir() if folder.is_dir())
    found = [folder for folder in inside if is_project(folder) or StudyFolder(folder).is_study]
    if len(found) > 1:
        raise DataError(
            f"{path} holds {len(found)} studies or projects: give one of them "
            f"({listed((str(folder) for folder in found), most=6)})"
        )
    return found[0] if found else path


def is_project(path: Path) -> bool:
    """Whether a folder is a Keras Tuner project."""
    return (path / "oracle.json").is_file() or any(path.glob("trial_*/trial.json"))


def kind_of(path: Path) -> Kind:
    """Tell what lies at a path.

    Raises:
        DataError: nothing is there, or nothing that a report can be made of.
    """
    if path.is_file():
        return "optuna" if is_storage(path) else "table"
    if not path.exists():
        raise DataError(f"{path} does not exist. Give a study's folder, a table or a project.")
    if not path.is_dir():
        raise DataError(f"{path} is neither a file nor a folder. Give a table, or a folder.")
    if StudyFolder(path).is_study:
        return "study"
    if is_project(path):
        return "keras_tuner"
    if is_experiment(path):
        return "ray_tune"
    raise DataError(
        f"{path} holds neither study.yaml (a study) nor trial_*/trial.json (Keras Tuner) nor "
        "*/params.json (Ray Tune). Give one of these folders, or a .csv or .parquet table."
    )


def report_folder(path: Path) -> Path:
    """Where a source's report goes unless told otherwise: into its study, or results/<name>/."""
    path = project_in(path)
    if kind_of(path) == "study":
        return path / "report"
    return Path("results") / path.resolve().stem / "report"
