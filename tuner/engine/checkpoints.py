"""The states from which a strategy may have trainings gone on with, in a study's `checkpoints/`.

A state travels to its execution with the task; the folder is the engine's alone.
"""

import os
from collections.abc import Callable
from pathlib import Path

from tuner.execution import Key


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


def read(folder: Path, key: Key) -> bytes:
    """The state at the end of an execution."""
    return state_path(folder, key).read_bytes()


def drop(folder: Path, is_needed: Callable[[Key], bool]) -> None:
    """Removes the states that are no longer needed, and what a killed process left half written."""
    for path in folder.glob("*"):
        trial, _, replicate = path.stem.rpartition("-")
        if path.suffix == ".partial" or not is_needed(Key(trial, int(replicate))):
            path.unlink()


def size_mb(folder: Path) -> float:
    """The disk use of a study's checkpoints, in MB."""
    return sum(path.stat().st_size for path in folder.glob("*")) / 1e6


def state_path(folder: Path, key: Key) -> Path:
    """The file of an execution's state."""
    return folder / f"{key.trial}-{key.replicate}.npz"
