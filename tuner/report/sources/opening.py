"""Opens whatever lies at a path as a report's source, and says where its page goes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tuner.errors import DataError, UsageError
from tuner.report.sources.keras_tuner import read_keras_tuner
from tuner.report.sources.source import Source
from tuner.report.sources.study import read_study
from tuner.report.sources.table import read_table

Kind = Literal["study", "table", "keras_tuner"]


def read_source(
    path: Path,
    *,
    width: str | None = None,
    depth: str | None = None,
    replicate: str | None = None,
    metric: str | None = None,
    factors: Sequence[str] = (),
    epoch: str | None = None,
) -> Source:
    """Read a study's folder, a table or a Keras Tuner project.

    Args:
        path: The folder or the table.
        width: The column or hyperparameter that is the width.
        depth: The column or hyperparameter that is the depth.
        replicate: Of a table, as for `read_table`; likewise the others.
        metric: The column of the objective.
        factors: Columns of further factors.
        epoch: The column of the epoch.

    Raises:
        DataError: nothing that can be reported lies there.
        UsageError: a column is named for what is no table.
    """
    kind = kind_of(path)
    axes = {"width": width, "depth": depth}
    columns = {"replicate": replicate, "metric": metric, "epoch": epoch}
    if kind == "table":
        return read_table(path, **axes, **columns, factors=factors)
    given = [name for name, column in columns.items() if column is not None]
    if given or factors:
        option = given[0] if given else "factor"
        raise UsageError(f"--{option} names a column of a table, but {path} is a folder: omit it.")
    return read_study(path, **axes) if kind == "study" else read_keras_tuner(path, **axes)


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


def report_folder(path: Path) -> Path:
    """Where a source's report goes unless told otherwise: into its study, or results/<name>/."""
    if kind_of(path) == "study":
        return path / "report"
    return Path("results") / path.resolve().stem / "report"
