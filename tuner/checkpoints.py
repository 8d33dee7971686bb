"""The states of executions on disk, and how far those have come that are under way.

A study has two folders of them: `checkpoints/`, from which a strategy may have trainings gone on
with, is the engine's alone, and a state travels to its execution with the task. Into `under-way/`
each worker writes for the execution that it trains, so that a death costs little of it.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from tuner.execution import Key, Measurement

# "0006-1-2.npz": the trial, at its rung if it was promoted, and the replicate.
OURS = re.compile(r"(?P<trial>\d+(-\d+)?)-(?P<replicate>-?\d+)\.(npz|partial|epoch)")


def write(folder: Path, key: Key, state: bytes) -> None:
    """Keeps the state of an execution; it is on disk, whole, when this returns."""
    path = state_path(folder, key)
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)  # on a full disk it would take the ledger's place
        raise


def read(folder: Path, key: Key) -> bytes | None:
    """The state of an execution; None where it is not there, or cannot be read."""
    try:
        return state_path(folder, key).read_bytes()
    except OSError:
        return None


def changed(folder: Path, key: Key) -> int | None:
    """When the state of an execution was written, in ns; None where there is none."""
    try:
        return state_path(folder, key).stat().st_mtime_ns
    except OSError:
        return None


def tell_epoch(folder: Path, key: Key, row: Mapping[str, Measurement]) -> None:
    """Notes an epoch that an execution has behind it, as its history has it."""
    with epoch_path(folder, key).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def rows(folder: Path) -> dict[Key, list[dict[str, Measurement]]]:
    """The epochs that each execution which is under way has told of; a torn one is passed over.

    One whose worker died tells again of those that it trains again.
    """
    found = {}
    for path, key in states(folder):
        with suppress(OSError, ValueError):  # dropped at this moment, or another's
            if path.suffix == ".epoch":
                *lines, _torn = path.read_text("utf-8").split("\n")
                found[key] = [json.loads(line) for line in lines]
    return found


def epochs(folder: Path) -> dict[Key, int]:
    """How many epochs each execution that is under way has behind it, where it has told."""
    return {key: int(told[-1]["epoch"] or 0) for key, told in rows(folder).items() if told}


def forget(folder: Path, key: Key) -> None:
    """Removes what an execution that has ended had written on its way."""
    for path in (state_path(folder, key), epoch_path(folder, key)):
        path.unlink(missing_ok=True)


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
    """The files of this module, and of which execution each is."""
    for path in folder.glob("*"):
        ours = OURS.fullmatch(path.name)
        if ours and path.is_file():
            yield path, Key(ours["trial"], int(ours["replicate"]))


def state_path(folder: Path, key: Key) -> Path:
    """The file of an execution's state."""
    return folder / f"{key.trial}-{key.replicate}.npz"


def epoch_path(folder: Path, key: Key) -> Path:
    """The file that tells of the epochs that an execution has behind it, a line each."""
    return state_path(folder, key).with_suffix(".epoch")
