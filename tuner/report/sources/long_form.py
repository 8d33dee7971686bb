"""Tables with one column a replicate (seed0, seed1, …), made long: one row an execution."""

import re
from collections.abc import Iterable

import pandas as pd

from tuner.objective import USUAL, tokens

NUMBERED = re.compile(r"(?P<stem>.*?)[ _.-]*(?P<number>\d+)")
STEMS = ("seed", "run", "rep", "replicate", "fold", "split", "trial", "repeat", "s", "r")


def numbered_columns(columns: Iterable[str], stem: str | None = None) -> list[str]:
    """Find the columns that differ by a number alone: those of a stem, or of a usual one.

    A stem is what stands before the number, nothing included: seed0, acc_s1, 2.
    """
    found: dict[str, list[str]] = {}
    for column in columns:
        if match := NUMBERED.fullmatch(column):
            found.setdefault(match["stem"].casefold(), []).append(column)
    several = {name: same for name, same in found.items() if len(same) > 1}
    if stem is not None:
        return several.get(stem.casefold(), [])
    return next((same for name, same in several.items() if _is_usual(name)), [])


def _is_usual(stem: str) -> bool:
    """Whether what stands before the number says that replicates are counted."""
    return not stem or stem in USUAL or tokens(stem)[-1] in STEMS


def metric_of(stem: str) -> str:
    """The metric in a stem: acc of "acc_s", score where it names none."""
    parts = tokens(stem)
    return "_".join(parts[:-1] if parts and parts[-1] in STEMS else parts) or "score"


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
