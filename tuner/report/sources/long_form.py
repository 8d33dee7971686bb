"""Tables with one column a replicate (seed0, seed1, …), made long: one row an execution."""

import re
from collections.abc import Iterable

import pandas as pd

NUMBERED = re.compile(r"(?P<stem>.*?)[ _.-]*(?P<number>\d+)")
STEMS = ("seed", "run", "rep", "replicate", "fold", "split", "trial", "repeat")


def numbered_columns(columns: Iterable[str], stem: str | None = None) -> list[str]:
    """Find the columns that differ by a number alone: those of a stem, or of a usual one."""
    found: dict[str, list[str]] = {}
    for column in columns:
        match = NUMBERED.fullmatch(column)
        if match and match["stem"]:
            found.setdefault(match["stem"].casefold(), []).append(column)
    wanted = STEMS if stem is None else (stem.casefold(),)
    return next((found[name] for name in wanted if len(found.get(name, ())) > 1), [])


def long_form(rows: pd.DataFrame, columns: list[str], name: str) -> pd.DataFrame:
    """Make a row of each of some columns' values.

    Args:
        rows: One row a cell.
        columns: One a replicate.
        name: Of the column of values.

    Returns:
        The other columns, replicate (the columns' names) and the values.
    """
    others = [column for column in rows.columns if column not in columns]
    return rows.melt(others, columns, var_name="replicate", value_name=name)
