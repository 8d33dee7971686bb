"""The levels of a factor: what counts as one, how they are ordered."""

from collections.abc import Hashable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from tuner.words import level_text


def tidy_levels(column: "Series[Any]") -> "Series[Any]":
    """Make every level a number, or every level a text; what is neither stays missing.

    A column that mixes 16 and "16" holds numbers; one that mixes 16 and "wide" holds names.
    """
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.astype(float).replace([np.inf, -np.inf], np.nan)
    present = column[column.notna()]
    if not present.map(lambda level: isinstance(level, str)).all():
        numbers = pd.to_numeric(present.map(level_text), errors="coerce")
        if numbers.notna().all():
            return tidy_levels(numbers.reindex(column.index))
    return present.map(level_text).astype(object).reindex(column.index)


def ordered_levels(columns: Sequence["Series[Any]"]) -> tuple[Any, ...]:
    """Order the levels of a factor: numbers by size, names by first appearance.

    Args:
        columns: the factor in the frames that have it, the one whose order counts first.
    """
    levels = pd.concat(columns).dropna().unique().tolist()
    if all(isinstance(level, float) for level in levels):
        return tuple(sorted(levels))
    return tuple(levels)


def is_numeric(levels: Sequence[Hashable]) -> bool:
    """Tell whether the levels are numbers."""
    return all(isinstance(level, float) for level in levels)


def cell_keys(frame: DataFrame, factors: Sequence[str]) -> "Series[str]":
    """Write the configuration of every row, so that frames of different types can meet."""
    texts = []
    for factor in factors:
        levels = tidy_levels(frame[factor])
        written = {level: f"{factor}={level_text(level)}" for level in levels.unique()}
        texts.append(levels.map(written).astype(str))
    return reduce(lambda left, right: left + ", " + right, texts)
