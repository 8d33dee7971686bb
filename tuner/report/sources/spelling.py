"""How tables are spelled: encodings, separators, decimal commas, percent signs, spreads."""

import io
import re
from dataclasses import dataclass
from typing import Any, BinaryIO

import pandas as pd

ENCODINGS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
SEPARATORS = ",;\t|"
WITH_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*")
PERCENT = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*%\s*")
MEAN = re.compile(r"[^\d+-]*[-+]?[\d.,]+\s*%?\s*(±|\+/-|\+-|\\pm|\([\d.,]+%?\))\s*[\d.,]*.*")


@dataclass(frozen=True)
class Spelled:
    """A table's rows, and how it was written.

    Attributes:
        rows: With numbers where numbers were meant.
        percent: The columns whose values carry a percent sign.
        notes: What a reader should know of it, as sentences.
    """

    rows: pd.DataFrame
    percent: frozenset[str]
    notes: tuple[str, ...]


def read_csv(file: BinaryIO) -> pd.DataFrame:
    """Read a CSV in UTF-8 or UTF-16, separated by what its first line has most of."""
    content = file.read()
    encoding = next((name for mark, name in ENCODINGS.items() if content.startswith(mark)), "utf-8")
    text = content.decode(encoding)
    heading = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    separator = max(SEPARATORS, key=heading.count)
    return pd.read_csv(io.StringIO(text, newline=""), sep=separator)


def spelled(rows: pd.DataFrame) -> Spelled:
    """Make numbers of what is meant as one: decimal commas, percent signs."""
    percent, commas, found = [], [], {}
    for name in rows.columns:
        texts = texts_of(rows[name])
        if texts.empty:
            continue
        if is_mostly(texts, PERCENT):
            percent.append(str(name))
            found[name] = as_numbers(rows[name], PERCENT)
        elif is_mostly(texts, WITH_COMMA):
            commas.append(str(name))
            found[name] = as_numbers(rows[name], WITH_COMMA)
    notes = []
    if percent:
        notes.append(f"Values of {', '.join(percent)} carry a percent sign.")
    if commas:
        notes.append(f"Values of {', '.join(commas)} are written with decimal commas.")
    return Spelled(rows.assign(**found), frozenset(percent), tuple(notes))


def mean_with_spread(column: "pd.Series[Any]") -> str:
    """Give a value of a column that holds means with their spread ("0.91 ± 0.02"), or ""."""
    texts = texts_of(column)
    return str(texts.iloc[0]) if len(texts) and is_mostly(texts, MEAN) else ""


def texts_of(column: "pd.Series[Any]") -> "pd.Series[str]":
    """Give the values that are texts, without empty ones."""
    is_text = column.map(lambda value: isinstance(value, str) and bool(value.strip()))
    return column[is_text.astype(bool)].astype(str)


def is_mostly(texts: "pd.Series[str]", pattern: "re.Pattern[str]") -> bool:
    """Tell whether more than half of some texts are written in this way."""
    return len(texts) > 0 and bool(texts.str.fullmatch(pattern).mean() > 0.5)


def as_numbers(column: "pd.Series[Any]", pattern: "re.Pattern[str]") -> "pd.Series[Any]":
    """Make numbers of the texts that are written in this way; what is not stays as it is."""

    def number(value: object) -> object:
        if not (isinstance(value, str) and pattern.fullmatch(value)):
            return value
        return float(value.strip().rstrip("% ").replace(",", "."))

    return column.map(number).infer_objects()
