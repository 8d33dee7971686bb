"""Opens whatever lies at a path as a report's source, and says where its page goes."""

from collections.abc import Sequence
from pathlib import Path

from tuner.errors import UsageError
from tuner.report.sources.keras_tuner import read_keras_tuner
from tuner.report.sources.study import Source, kind_of, read_study
from tuner.report.sources.table import read_table


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
        width: For a table, as for `read_table`; likewise the others.
        depth: The column of the depth.
        replicate: The column of the replicates.
        metric: The column of the objective.
        factors: Columns of further factors.
        epoch: The column of the epoch.

    Raises:
        DataError: nothing that can be reported lies there.
        UsageError: a column is named for what is no table.
    """
    kind = kind_of(path)
    named = {"width": width, "depth": depth, "replicate": replicate, "metric": metric}
    if kind == "table":
        return read_table(path, **named, factors=factors, epoch=epoch)
    given = [name for name, column in (named | {"epoch": epoch}).items() if column is not None]
    if given or factors:
        option = given[0] if given else "factor"
        raise UsageError(f"--{option} names a column of a table, but {path} is a folder: omit it.")
    return read_study(path) if kind == "study" else read_keras_tuner(path)


def report_folder(path: Path) -> Path:
    """Where a source's report goes unless told otherwise: into its study, or results/<name>/."""
    if kind_of(path) == "study":
        return path / "report"
    return Path("results") / path.resolve().stem / "report"
