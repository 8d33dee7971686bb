"""Columns of mappings, as exports of W&B's API have them: one column an entry."""

import ast
from typing import Any

import pandas as pd

from tuner.report.sources.spelling import texts_of
from tuner.words import printable

LONGEST = 100_000  # characters of a value


def unfolded(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Make a column of each entry of the mappings that columns hold ("{'depth': 3}"), and say so.

    Entries of mappings within are called "opt/lr". Where the table has a column of that name, an
    entry is called by its column's name too ("config/name").
    """
    notes = []
    for name in rows.columns:
        if not (texts := texts_of(rows[name])).str.match(r"\s*\{.*\}\s*$").all() or texts.empty:
            continue
        mappings = [mapping_of(value) for value in rows[name]]
        if any(mapping is None for mapping in mappings):
            continue
        entries = pd.DataFrame([dict(flat(mapping or {})) for mapping in mappings], rows.index)
        others = rows.drop(columns=name)
        entries.columns = pd.Index(
            [f"{name}/{entry}" if entry in others else entry for entry in entries]
        )
        known = [entry for entry in entries if entry in others]
        rows = pd.concat([others, entries.drop(columns=known)], axis=1)
        notes.append(f"The entries of {name} were read as columns.")
    return rows, notes


def mapping_of(value: object) -> dict[str, Any] | None:
    """A mapping written as Python or JSON writes it; {} of no text, None of another one."""
    if not isinstance(value, str) or not value.strip():
        return {}
    if len(value) > LONGEST:
        return None
    try:
        found = ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def flat(entries: dict[str, Any], before: str = "") -> "list[tuple[str, object]]":
    """Entries by names that say in what they stand: opt/lr."""
    found: list[tuple[str, object]] = []
    for name, value in entries.items():
        if isinstance(value, dict):
            found += flat(value, f"{before}{name}/")
        else:
            is_plain = isinstance(value, bool | int | float | None)
            found.append(
                (printable(f"{before}{name}"), value if is_plain else printable(str(value)))
            )
    return found
