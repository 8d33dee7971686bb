"""How numbers are written on the page: one rule a kind, the same in HTML, Markdown and LaTeX."""

import math
from collections.abc import Callable, Mapping

import pandas as pd

ABSENT = "–"
#: Column of a frame -> its title on the page and its format (None: the value as text). Several
#: columns in a tuple give all their values to the format.
Columns = Mapping[str | tuple[str, ...], tuple[str, Callable[..., str] | None]]


def change(value: float) -> str:
    """A difference with its sign: +2.10, −0.34."""
    return ABSENT if _is_absent(value) else f"{value:+.{_places(value)}f}".replace("-", "−")


def level(value: float) -> str:
    """A mean in reported units: 61.25."""
    return ABSENT if _is_absent(value) else f"{value:.{_places(value)}f}".replace("-", "−")


def _places(value: float) -> int:
    """Decimals: two, or what two digits of a small number need (a loss has its own units)."""
    return 2 if abs(value) >= 0.1 or abs(value) < 1e-6 else 1 - math.floor(math.log10(abs(value)))


def probability(value: float) -> str:
    """A p-value to three places, and never 0."""
    if _is_absent(value):
        return ABSENT
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def count(value: float) -> str:
    """A whole number with its thousands apart."""
    return ABSENT if _is_absent(value) else f"{value:,.0f}"


def size(value: float) -> str:
    """A cost of any magnitude: 13.2, 9,600, 16.8 M, 2.1 G."""
    for sign, scale in (("G", 1e9), ("M", 1e6)):
        if abs(value) >= scale:
            return f"{value / scale:.3g} {sign}"
    return count(value) if abs(value) >= 1_000 else number(value)


def share(value: float) -> str:
    """A part of a whole in percent."""
    return ABSENT if _is_absent(value) else f"{100 * value:.1f} %"


def ratio(value: float) -> str:
    """A relative difference in percent, with its sign."""
    return ABSENT if _is_absent(value) else f"{100 * value:+.0f} %".replace("-", "−")


def number(value: float) -> str:
    """A number of any size, to three significant digits."""
    return ABSENT if _is_absent(value) else f"{value:.3g}".replace("-", "−")


def interval(low: float, high: float) -> str:
    """A 95% interval: [1.70, 2.50]."""
    if _is_absent(low):
        return ABSENT
    places = min(_places(low), _places(high))
    while places < 4 and any(end and round(end, places) == 0 for end in (low, high)):
        places += 1
    return f"[{low:.{places}f}, {high:.{places}f}]".replace("-", "−")


def yes(value: object) -> str:
    """A truth value in a word."""
    return "yes" if value else "no"


def sentence(text: str) -> str:
    """A text with a capital letter and a full stop, where there is one."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def printed(rows: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Choose columns of a frame, name them for readers and write their numbers.

    Returns:
        The same rows as texts, with the titles as columns; those with nothing to tell are left out.
    """
    texts = {}
    for name, (title, write) in columns.items():
        values = [rows[part] for part in ([name] if isinstance(name, str) else name)]
        write = write or str
        texts[title] = [write(*row) for row in zip(*values, strict=True)]
    return pd.DataFrame(texts, dtype=object).loc[:, lambda shown: shown.ne("").any()]


def _is_absent(value: float) -> bool:
    """Whether there is no number to print."""
    return value is None or not math.isfinite(value)
