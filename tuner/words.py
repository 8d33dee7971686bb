"""How things are put in words: levels, combinations, counts, lists, durations, nearest names."""

import difflib
import math
import re
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

from tuner.errors import UsageError

#: What no screen, table or drawing can show as it is: control characters, what turns the direction
#: of writing, halves of surrogate pairs.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

#: What pydantic says of a value, and how it is said here.
EXPECTATIONS = {
    r"Input should be a valid integer.*": "expected a whole number",
    r"Input should be a valid number.*": "expected a number",
    r"Input should be greater than or equal to (\S+)": r"expected \1 or more",
    r"Input should be greater than (\S+)": r"expected more than \1",
    r"Input should be less than or equal to (\S+)": r"expected \1 or less",
    r"Input should be less than (\S+)": r"expected less than \1",
    r"Input should be (.*)": r"expected \1",
}


def level_text(level: Any) -> str:
    """Write a level as people do: 1.0 as 1, 0.5 as 0.5, 1234567.0 as 1234567, a name as itself."""
    if isinstance(level, Real) and not isinstance(level, Integral):
        return f"{float(level):.10g}"
    return str(level)


def combination_text(levels: Any) -> str:
    """Write levels by factor, a mapping or a series, as "depth=3, width=2"."""
    return ", ".join(f"{factor}={level_text(level)}" for factor, level in levels.items())


def counted(number: float, noun: str) -> str:
    """Write a count with its noun: "1 epoch", "12 epochs", "1,200 cells"."""
    return f"{number:,g} {noun}" if number == 1 else f"{number:,.10g} {noun}s"


def listed(names: Iterable[object], most: int = 12) -> str:
    """Write names in one line, the tail counted rather than spelled: "a, b, … 3 more"."""
    shown = [str(name) for name in names]
    rest = f", … {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + rest


def name_some(names: Sequence[str], at_most: int = 5) -> str:
    """List a few phrases, and say how many more there are: "a; b and 3 more"."""
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return "; ".join(names[:at_most]) + more


def nearest_of(name: str, known: Iterable[str], cutoff: float = 0.5) -> str | None:
    """Find the known name that was likely meant: by its initials, as a whole, or by its start."""
    names = [*known]
    initials = {"".join(part[:1] for part in re.split(r"[\W_]+", one)): one for one in names}
    starts = {one[: len(name)]: one for one in reversed(names)}
    whole = difflib.get_close_matches(name, names, n=1, cutoff=cutoff)
    start = difflib.get_close_matches(name, starts, n=1, cutoff=max(cutoff, 0.7))
    return initials.get(name) or next(iter([*whole, *(starts[one] for one in start)]), None)


def nearest(name: str, known: Iterable[str]) -> str:
    """Ask whether the nearest of the known names was meant: " Did you mean 'x'?", or ""."""
    found = nearest_of(name, known)
    return f" Did you mean {found!r}?" if found else ""


def expectation(message: str) -> str:
    """Write what a library says of a value it refuses as all of our messages do: "expected …"."""
    for said, meant in EXPECTATIONS.items():
        if match := re.match(said, message):
            return match.expand(meant)
    return message


def duration(seconds: float) -> str:
    """Write a time as people say it: "45 s", "12 min", "3.5 h"."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if seconds < 3570:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def age(seconds: float) -> str:
    """Write how long ago something was: "12 min ago", "3 days ago"."""
    if seconds < 1:
        return "now"
    days = seconds / 86400
    return f"{counted(int(days), 'day') if days >= 2 else duration(seconds)} ago"


def people_count(number: float) -> str:
    """Write a count as people say it: 850, "4.2 k", "0.34 M", "1.2 G"."""
    if number < 1000:
        return f"{number:.0f}"
    for size, unit in ((1e9, "G"), (1e5, "M"), (1e3, "k")):
        if number >= size:
            scaled = number / (1e6 if unit == "M" else size)
            return f"{scaled:.{2 if scaled < 1 else 1 if scaled < 100 else 0}f} {unit}"
    return str(number)


def shortened(text: str, most: int) -> str:
    """Cut a text to a length; its middle is left out where it is longer."""
    if len(text) <= most:
        return text
    behind = (most - 1) // 2
    return text[: most - 1 - behind] + "…" + text[len(text) - behind :]


def clock(seconds: float) -> str:
    """Write a time that counts down: "0:07", "12:30", "1:02:03"."""
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def short(text: str, most: int = 28) -> str:
    """Cut a text to a length; its end is left out where it is longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def in_one_line(text: object) -> str:
    """Write whatever an error says in one line."""
    return " ".join(str(text).split())


def printable(text: object) -> str:
    """Write a text as it can be shown: what is unprintable as Python spells it: an escape."""
    return UNPRINTABLE.sub(lambda sign: sign[0].encode("unicode_escape").decode(), str(text))


def received(value: object) -> str:
    """Write what was received in place of something else: its value and its type."""
    return f"{printable(short(in_one_line(repr(value)), 60))} ({type(value).__name__})"


def reason(error: BaseException) -> str:
    """Write why something failed in one line: what the system or the library says, or its type."""
    said = getattr(error, "strerror", None) or error
    return printable(in_one_line(said)) or type(error).__name__


def p_text(p: float) -> str:
    """Write a p-value as "= 0.03" or "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


def seconds_of(text: str) -> float:
    """The seconds of a typed time: "90s", "30m", "1.5h".

    Raises:
        UsageError: for anything else.
    """
    units = {"s": 1, "m": 60, "h": 3600}
    try:
        found = float(text[:-1]) * units[text[-1]]
    except (KeyError, ValueError, IndexError):
        found = 0.0
    if not found > 0 or math.isinf(found):
        raise UsageError(f"expected a time such as 90s, 30m or 1.5h, got {text!r}")
    return found
