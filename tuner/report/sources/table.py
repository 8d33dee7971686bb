"""Any tidy table as a report's source: CSV, TSV or Parquet; one row a trial or an epoch."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tuner.analysis.levels import tidy_levels
from tuner.analysis.question import Question
from tuner.errors import DataError, UsageError
from tuner.report.sources import roles
from tuner.report.sources.study import Source

READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": pd.read_csv,
    ".tsv": lambda path: pd.read_csv(path, sep="\t"),
    ".parquet": pd.read_parquet,
}
LESS_IS_BETTER = ("loss", "error", "mse", "mae", "perplexity")


def read_table(
    path: Path,
    *,
    width: str | None = None,
    depth: str | None = None,
    replicate: str | None = None,
    metric: str | None = None,
    factors: Sequence[str] = (),
    epoch: str | None = None,
) -> Source:
    """Read a table and name the parts of the question asked of it.

    Names that are not given are guessed from the usual ones (see roles.py).

    Args:
        path: A .csv, .tsv or .parquet file.
        width: The column of the width: numbers above zero.
        depth: The column of the depth: numbers.
        replicate: The column that says which rows share a seed or a split.
        metric: The column of the objective, in fractions, percent or units of its own.
        factors: Columns of further factors.
        epoch: The column of the epoch, when the table has one row an epoch.

    Raises:
        UsageError: a column that the table does not have, or none that can be guessed.
        DataError: the file cannot be read, is empty, or its columns cannot be analysed.
    """
    rows = load(path)
    columns = rows.columns
    width = _axis(rows, width, "--width", roles.WIDTHS, is_width=True)
    depth = _axis(rows, depth, "--depth", roles.DEPTHS, is_width=False)
    replicate = _named(columns, replicate, "--replicate", roles.REPLICATES)
    metric = _metric(columns, metric)
    further = [roles.require(columns, name, "--factor") for name in factors]
    named = roles.report_order(further, width, depth)
    _refuse_double_use(named, metric, replicate, epoch)
    if replicate is not None:
        rows = _renamed(rows, replicate, "replicate")
    history = None
    if epoch is None and _is_history(rows, named):
        epoch = "epoch"
    if epoch is not None:
        rows = _renamed(rows, roles.require(columns, epoch, "--epoch"), "epoch")
        history, rows = _last_epochs(rows, named)
    question, notes = _question(rows, named, metric, width, depth)
    fixed = {name: rows[name].iloc[0] for name in named if name not in question.factors}
    facts = {"kind": "table", "path": str(path), "fixed": fixed, **notes}
    return Source(path.stem, rows, history, None, question, facts)


def _question(
    rows: pd.DataFrame,
    factors: tuple[str, ...],
    metric: str,
    width: str | None,
    depth: str | None,
) -> tuple[Question, dict[str, object]]:
    """What the table is asked, and the facts on how its objective was read."""
    varied = tuple(name for name in factors if rows[name].nunique() > 1)
    scale, is_percent, note = _scale(rows[metric], metric)
    question = Question(
        factors=varied or factors,
        objective=metric,
        width=width if width in varied else None,
        depth=depth if depth in varied else None,
        maximize=not any(word in metric.casefold() for word in LESS_IS_BETTER),
        scale=scale,
    )
    return question, {"is_percent": is_percent, "notes": [note]}


def load(path: Path) -> pd.DataFrame:
    """Read a table by its file's ending.

    Raises:
        DataError: another ending, or the file is missing, broken or has no row.
    """
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        raise DataError(f"{path.name}: expected one of {', '.join(READERS)}, got {path.suffix!r}.")
    if not path.is_file():
        raise DataError(f"{path} does not exist.")
    try:
        rows = reader(path)
    except (ValueError, OSError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path.name} cannot be read as a table: {reason}") from error
    if rows.empty:
        raise DataError(
            f"{path.name} has no rows: expected one row a trial, below a line of names."
        )
    return rows.set_axis(rows.columns.map(lambda name: str(name).strip()), axis="columns")


def _named(columns: pd.Index, name: str | None, option: str, usual: tuple[str, ...]) -> str | None:
    """The column that was asked for, or the one with a usual name."""
    return roles.guess(columns, usual) if name is None else roles.require(columns, name, option)


def _axis(
    rows: pd.DataFrame, name: str | None, option: str, usual: tuple[str, ...], *, is_width: bool
) -> str | None:
    """The width's or depth's column; one that was only guessed and does not fit is none."""
    column = _named(rows.columns, name, option, usual)
    if column is None or not (refusal := _refusal(rows, column, is_width=is_width)):
        return column
    if name is None:
        return None
    raise DataError(refusal)


def _metric(columns: pd.Index, name: str | None) -> str:
    """The objective's column."""
    metric = _named(columns, name, "--metric", roles.METRICS)
    if metric is None:
        raise UsageError(
            "which column is the accuracy? None has a usual name; say --metric NAME "
            f"(columns: {roles.listed(columns)})"
        )
    return metric


def _refuse_double_use(
    factors: Sequence[str], metric: str, replicate: str | None, epoch: str | None
) -> None:
    """One column cannot play two parts."""
    parts = [*factors, metric, *(name for name in (replicate, epoch) if name is not None)]
    twice = next((name for name in parts if parts.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            f"column {twice!r} is given two parts: factor, metric, replicate or epoch."
        )
    if not factors:
        raise UsageError("which columns are the factors? Say --width, --depth or --factor NAME.")


def _refusal(rows: pd.DataFrame, name: str, *, is_width: bool) -> str:
    """Why a column cannot be a depth (numbers) or a width (numbers above zero); "" if it can."""
    levels = tidy_levels(rows[name]).dropna().unique().tolist()
    wrong = [level for level in levels if isinstance(level, str)]
    if wrong := [text for text in wrong if pd.isna(pd.to_numeric(text, errors="coerce"))]:
        return (
            f"column {name!r} is given as a width or a depth, so it should hold numbers, but it "
            f"holds {wrong[0]!r}. Give it as --factor {name} to compare its levels by name."
        )
    if is_width and levels and min(levels) <= 0:
        return (
            f"column {name!r} is the width, whose axis is in doublings, so it should exceed zero, "
            f"but its smallest value is {min(levels):g}. Give it as --factor {name}."
        )
    return ""


def _renamed(rows: pd.DataFrame, name: str, role: str) -> pd.DataFrame:
    """The column under its role's name; another column that had this name makes way."""
    if name == role:
        return rows
    return rows.drop(columns=role, errors="ignore").rename(columns={name: role})


def _is_history(rows: pd.DataFrame, factors: Sequence[str]) -> bool:
    """Whether the table has one row an epoch: an epoch column that varies within executions."""
    if "epoch" not in rows.columns:
        return False
    keys = [*factors, *(name for name in ("replicate", "trial") if name in rows.columns)]
    return bool((rows.groupby(keys)["epoch"].nunique() > 1).any())


def _last_epochs(rows: pd.DataFrame, factors: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows as a history, and each execution's last epoch as the executions."""
    epochs = pd.to_numeric(rows["epoch"], errors="coerce")
    if epochs.isna().any() or np.isinf(epochs).any():
        raise DataError(
            f"the epoch column holds {rows['epoch'][epochs.isna()].iloc[0]!r}, no number."
        )
    history = rows.assign(epoch=epochs.astype("int64") + int(epochs.min() == 0))
    keys = [*factors, *(name for name in ("replicate", "trial") if name in rows.columns)]
    last = history.groupby(keys, observed=True)["epoch"].transform("max")
    executions = history[history["epoch"] == last].rename(columns={"epoch": "epochs"})
    return history, executions.loc[:, ~executions.columns.duplicated()].reset_index(drop=True)


def _scale(objective: pd.Series, metric: str) -> tuple[float, bool, str]:
    """What turns the objective into reported units, whether these are percent, and a note on it."""
    numbers = pd.to_numeric(objective, errors="coerce").replace([np.inf, -np.inf], np.nan)
    smallest, largest = numbers.min(), numbers.max()
    is_rate = "loss" not in metric.casefold() and smallest >= 0
    if is_rate and largest <= 1:
        return 100.0, True, f"Values of {metric} were read as fractions (all lie within 0 to 1)."
    if is_rate and largest <= 100:
        return 1.0, True, f"Values of {metric} were read as percent (the largest is {largest:g})."
    return 1.0, False, f"Values of {metric} are no accuracies: they are shown in their own unit."
