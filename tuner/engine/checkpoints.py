"""The states from which a strategy may have trainings gone on with, in a study's `checkpoints/`.

A state travels to its execution with the task; the folder is the engine's alone.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tuner.execution import Key

# "0006-1-2.npz": the trial, at its rung if it was promoted, and the replicate.
OURS = re.compile(r"(?P<trial>\d+(-\d+)?)-(?P<replicate>-?\d+)\.(npz|partial)")


def write(folder: Path, key: Key, state: bytes) -> None:
    """Keeps the state at the end of an execution; it is on disk, whole, when this returns."""
    path = state_path(folder, key)
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(state)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def read(folder: Path, key: Key) -> bytes | None:
    """The state at the end of an execution; None where it is not there, or cannot be read."""
    try:
        return state_path(folder, key).read_bytes()
    except OSError:
        return None


def drop(folder: Path, is_needed: Callable[[Key], bool]) -> None:
    """Removes the states that are no longer needed, and what a killed process left half written.

    What else lies in the folder is somebody's, and stays.
    """
    for path, key in states(folder):
        if path.suffix == ".partial" or not is_needed(key):
            path.unlink(missing_ok=True)


def size_mb(folder: Path) -> float:
    """The disk use of a study's checkpoints, in MB."""
    total = 0
    for path, _ in states(folder):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # dropped meanwhile by the search that runs
            continue
    return total / 1e6


def states(folder: Path) -> Iterator[tuple[Path, Key]]:
    """The files that `write` has made, and of which execution each is."""
    for path in folder.glob("*"):
        ours = OURS.fullmatch(path.name)
        if ours and path.is_file():
            yield path, Key(ours["trial"], int(ours["replicate"]))


def state_path(folder: Path, key: Key) -> Path:
    """The file of an execution's state."""
    return folder / f"{key.trial}-{key.replicate}.npz"
