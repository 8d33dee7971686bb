"""Files that are on disk when a function returns: appended to line by line, or written whole."""

import os
from collections.abc import Iterable
from pathlib import Path

from tuner.errors import StudyError
from tuner.reading import read_bytes
from tuner.words import reason


def append(path: Path, lines: Iterable[str]) -> None:
    """Adds lines to a file, each with its end; they are on disk when this returns."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def repair(path: Path) -> int:
    """Cuts off a torn last line; returns the number of bytes cut. Only a writer may call this."""
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole == len(content):
        return 0
    with path.open("r+b") as file:
        file.truncate(whole)
        os.fsync(file.fileno())
    return len(content) - whole


def whole_lines(path: Path) -> list[bytes]:
    """The lines of a file, without a torn last one; none where there is no file.

    Raises:
        StudyError: if it cannot be read.
    """
    try:
        *lines, _torn = read_bytes(path).split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {reason(error)}") from error
    return lines


def write(path: Path, content: Iterable[bytes]) -> None:
    """Writes a file whole or not at all; it is on disk when this returns."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
