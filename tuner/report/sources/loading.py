"""A table's file, read into rows whose names and texts can be shown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from tuner.errors import DataError
from tuner.reading import regular
from tuner.report.sources.spelling import read_csv
from tuner.words import printable, reason

READERS: dict[str, Callable[[BinaryIO], pd.DataFrame]] = {
    ".csv": read_csv,
    ".tsv": lambda file: pd.read_csv(file, sep="\t"),
    ".parquet": pd.read_parquet,
}

RAGGED = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
LONG_NUMBER = re.compile(r"\s*[+-]?\d{300,}\s*")


@dataclass(frozen=True)
class Table:
    """Rows as they were found.

    Attributes:
        name: Of the file or the study.
        rows: One an execution or an epoch.
        factors: The columns that are factors unless others are named.
        nuisances: Hyperparameters that were searched beside them.
        undesigned: That results may have chosen the configurations, as a phrase; or "".
        maximize: Of metrics, whether more is better.
        notes: What a reader should know of where they come from, as sentences.
    """

    name: str
    rows: pd.DataFrame
    factors: tuple[str, ...] = ()
    nuisances: tuple[str, ...] = ()
    undesigned: str = ""
    maximize: Mapping[str, bool] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


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
        with open(path, "rb", opener=regular) as file:
            rows = reader(file)
    except Exception as error:  # what Arrow and pandas raise for broken files has no end
        if ragged := RAGGED.search(str(error)):
            expected, line, saw = ragged.groups()
            raise DataError(
                f"{path.name}, line {line}: expected {expected} fields as in the line of names, "
                f"got {saw}"
            ) from error
        raise DataError(f"{path.name} cannot be read as a table: {reason(error)}") from error
    is_text = path.suffix.casefold() != ".parquet"
    if is_text and len(rows) and not isinstance(rows.index, pd.RangeIndex):
        raise DataError(f"{path.name} has rows with more fields than the line of names.")
    return with_printable_names(rows, path.name)


def with_printable_names(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of a table, its columns' names and its texts as they can be shown.

    Raises:
        DataError: there is no row, or two columns have one name.
    """
    if rows.empty:
        raise DataError(f"{name} has no rows: expected one row a trial, below a line of names.")
    rows = rows.reset_index(drop=True)
    rows = rows.set_axis([printable(str(name).strip()) for name in rows.columns], axis="columns")
    if len(twice := rows.columns[rows.columns.duplicated()]):
        raise DataError(f"{name} has two columns of the name {twice[0]!r}.")
    return rows.apply(with_printable_levels)


def with_printable_levels(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of a table, its texts as they can be shown.

    Raises:
        DataError: for whole numbers that are beyond numbers as machines have them.
    """
    if pd.api.types.is_numeric_dtype(column):
        return column
    levels = column.unique()
    if any(LONG_NUMBER.fullmatch(str(level)) for level in levels):
        raise DataError(f"column {column.name!r} holds a number of 300 digits or more.")
    changed = {text: printable(text) for text in levels if isinstance(text, str)}
    is_same = all(text == shown for text, shown in changed.items())
    return column if is_same else column.map(lambda value: changed.get(value, value))
