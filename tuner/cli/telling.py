"""How the commands tell: texts that a terminal takes for text, a system's error in one line."""

import errno
import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Any

import typer
from rich.console import Console, ConsoleOptions
from rich.segment import Segment

from tuner.words import printable, reason

#: How to mend what the system refuses.
REMEDIES = {
    errno.ENOSPC: "free some space; the same command goes on, all that was trained is kept",
    errno.EDQUOT: "free some space; the same command goes on, all that was trained is kept",
    errno.EROFS: "expected a place that can be written to, as in --output FOLDER",
    errno.EACCES: "expected what this user may read, and may write to where something is written",
    errno.EPERM: "expected what this user may read, and may write to where something is written",
    errno.ENOTDIR: "expected a folder there",
    errno.EEXIST: "expected a folder there",
    errno.EISDIR: "expected a file there",
    errno.ENAMETOOLONG: "expected a shorter name",
    errno.ENOENT: "was it moved or deleted meanwhile?",
    errno.ELOOP: "expected links that lead somewhere",
}
#: What is foreseen of any file or machine, and told without a traceback.
FORESEEN = (OSError, MemoryError, RecursionError, UnicodeError)


def told(error: BaseException) -> str:
    """An error that was foreseen, in one line: where, why, and how to mend it."""
    if isinstance(error, MemoryError):
        return "there is not enough memory: try fewer --workers, or fewer or smaller images"
    if isinstance(error, RecursionError):
        return "something is nested too deeply to be read"
    if not isinstance(error, OSError):
        return reason(error)
    where = f"{printable(repr(error.filename)[1:-1])}: " if error.filename is not None else ""
    remedy = REMEDIES.get(error.errno or 0)
    return f"{where}{reason(error)}{f' ({remedy})' if remedy else ''}"


def spell_what_cannot_be_written() -> None:
    """Has what the terminal's encoding lacks spelled out, rather than the command fail over it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_lively(stream: Any) -> bool:
    """Whether a stream is a terminal that can show what changes: not a dumb one, nor a plain one.

    NO_COLOR asks for a plain one (https://no-color.org).
    """
    is_plain = os.environ.get("TERM", "").lower() in ("dumb", "unknown") or "NO_COLOR" in os.environ
    return bool(stream.isatty()) and not is_plain


def echo(text: object, err: bool = False) -> None:
    """Prints a text, control characters as what they are called."""
    typer.echo(printable(text), err=err)


class Printable:
    """What rich shows of something, without the control characters of its texts."""

    def __init__(self, shown: Any) -> None:
        self.shown = shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """The same segments; those that control the terminal are rich's own."""
        for text, style, control in console.render(self.shown, options):
            yield Segment(text if control else printable(text), style, control)


def print_result(part: Any) -> None:
    """Prints a table or text to stdout, no wider than 80 columns where there is no terminal."""
    if part is not None:
        # As one text, markup that it may hold is not read.
        Console(soft_wrap=False).print(
            Printable(part) if not isinstance(part, str) else printable(part),
            highlight=False,
            markup=False,
        )
