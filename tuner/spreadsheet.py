"""Frames as CSV that a spreadsheet, a terminal and another program take for what they are: data.

A text that begins with = + - or @ is a formula to a spreadsheet, which may start programs: it gets
an apostrophe before it, which spreadsheets do not show. Numbers stay as they are.
(https://owasp.org/www-community/attacks/CSV_Injection)
"""

import io
from typing import Any

import pandas as pd

from tuner.words import printable

FORMULA = ("=", "+", "-", "@", "\t")


def as_csv(rows: pd.DataFrame, **options: Any) -> str:
    """A frame as CSV, its texts harmless and printable.

    Args:
        rows: any columns.
        options: of `DataFrame.to_csv`.
    """
    rows = rows.set_axis([harmless(str(name)) for name in rows.columns], axis="columns")
    for place, (_, column) in enumerate(list(rows.items())):
        if not pd.api.types.is_numeric_dtype(column):
            texts = {text: harmless(text) for text in column.unique() if isinstance(text, str)}
            if any(new != text for text, new in texts.items()):
                rows.isetitem(place, [texts.get(value, value) for value in column])
    return str(rows.to_csv(index=False, **options))


def from_csv(content: bytes, **options: Any) -> pd.DataFrame:
    """A frame that `as_csv` has written, its texts as they were.

    Args:
        content: UTF-8.
        options: of `pandas.read_csv`.

    Raises:
        ValueError: for what is no CSV.
    """
    rows: pd.DataFrame = pd.read_csv(io.BytesIO(content), **options)
    rows.columns = rows.columns.map(as_it_was)
    for place, (_, column) in enumerate(list(rows.items())):
        if not pd.api.types.is_numeric_dtype(column):
            rows.isetitem(place, [as_it_was(value) for value in column])
    return rows


def harmless(text: str) -> str:
    """A text that is no formula."""
    text = printable(text)
    return f"'{text}" if text.startswith(FORMULA) and not is_number(text) else text


def as_it_was(value: Any) -> Any:
    """A value of a cell, without the apostrophe of `harmless`."""
    is_marked = isinstance(value, str) and value[:1] == "'" and value[1:].startswith(FORMULA)
    return value[1:] if is_marked else value


def is_number(text: str) -> bool:
    """Whether a text is a number, which may begin with a sign."""
    try:
        float(text)
    except ValueError:
        return False
    return True
