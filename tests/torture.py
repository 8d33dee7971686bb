"""A search that is killed, or whose disk is full, at any of its file operations.

    python -m tests.torture        every file operation of every strategy, some minutes

Trainings are stubbed; files, folders and the death of the process (SIGKILL, in a forked child) are
real. After each the same search is begun again and must end with the rows, the tables and the files
of one that nothing happened to.
"""

import argparse
import errno
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

from tuner import claiming, ledger, running
from tuner.design import Cell, Design, configurations
from tuner.execution import Execution, Outcome, record_of
from tuner.folder import StudyFolder
from tuner.planning import Plan
from tuner.study import Study
from tuner.training.datasets import load_dataset

STRATEGIES = ("grid", "random", "hyperband", "bayesian")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
ABOUT = {"data": {"sha256": "0"}, "space": {}}
HELD = (".lock", ".holder.json")


def study_of(strategy: str) -> tuple[Study, Design]:
    """A small study of a strategy, and its design."""
    factors = {"conv_blocks": (1, 2, 3), "filter_multiplier": (0.5, 1.0)}
    study = Study(
        name="tortured", factors=factors, dataset="digits", strategy=strategy, replicates=5,
        train_size=100, validation_size=50, epochs=9, fixed={"learning_rate": 0.01},
    )  # fmt: skip
    cells = [
        Cell(index, levels, 1000 * (index + 1), 10_000, "planned")
        for index, levels in enumerate(configurations(factors))
    ]
    return study, Design(tuple(cells), dict(study.fixed))


def train(execution: Execution) -> Outcome:
    """A training that takes no time."""
    accuracy = 0.5 + execution.cell / 100 + execution.replicate / 1000
    record = record_of(execution, "ok", val_accuracy=accuracy, val_loss=1 - accuracy, seconds=1.0)
    return Outcome(record, b"state" if execution.keeps_state else None)


def search(path: Path, strategy: str) -> None:
    """Runs a study to its end, as `tuner search` does."""
    study, design = study_of(strategy)
    plan = Plan(study, load_dataset("digits"), None, design, None)  # type: ignore[arg-type]
    with (
        mock.patch.object(claiming, "environment", return_value=ABOUT),
        mock.patch.object(running, "execute", train),
        running.claimed(plan, path) as folder,
    ):
        list(running.run(plan, folder, 0))


class Operations:
    """Counts what changes files in a folder, and does something at one of them."""

    def __init__(self) -> None:
        self.folder: str | None = None  # nothing is counted without one
        self.count = 0
        self.happens: Callable[[int], None] = lambda count: None

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """Hears of everything that Python does."""
        if self.folder is None or not is_change(event, arguments):
            return
        if str(arguments[0]).startswith(self.folder) and not str(arguments[0]).endswith(HELD):
            self.count += 1
            self.happens(self.count)


def is_change(event: str, arguments: tuple[object, ...]) -> bool:
    """Whether an event changes a file or a folder."""
    if event == "open":
        flags = arguments[2]
        return isinstance(flags, int) and bool(flags & WRITES)
    return event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


OPERATIONS = Operations()
sys.addaudithook(OPERATIONS)  # cannot be taken away again


@contextmanager
def heard(folder: Path, happens: Callable[[int], None]) -> Iterator[Operations]:
    """Hears of the operations in a folder for a while."""
    OPERATIONS.folder, OPERATIONS.count, OPERATIONS.happens = str(folder), 0, happens
    try:
        yield OPERATIONS
    finally:
        OPERATIONS.folder = None


def killed_at(number: int) -> Callable[[int], None]:
    """Kills this process at an operation."""

    def happens(count: int) -> None:
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return happens


def full_from(number: int) -> Callable[[int], None]:
    """Has no space left from an operation on."""

    def happens(count: int) -> None:
        if count >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return happens


def in_a_child(call: Callable[[], None]) -> None:
    """Calls in a forked process, which may die of it."""
    child = os.fork()
    if child == 0:
        with suppress(OSError):
            call()
        os._exit(0)
    os.waitpid(child, 0)


def what_is_there(path: Path) -> dict[str, object]:
    """The files of a study; its ledger in the order of the design."""
    found: dict[str, object] = {
        str(file.relative_to(path)): file.read_text()
        for file in sorted(path.rglob("*"))
        if file.is_file() and not file.name.endswith((*HELD, ledger.LEDGER))
    }
    records = ledger.in_design_order(StudyFolder(path).records)
    return found | {"rows": [json.loads(ledger.line_of(record)) for record in records]}


def torture(
    strategy: str, happening: Callable[[int], Callable[[int], None]], every: int = 1
) -> int:
    """Lets something happen at every so many operations of a search; returns at how many.

    Raises:
        AssertionError: if a search that was begun again ended differently.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole" / "study"
        with heard(whole, lambda count: None) as operations:
            search(whole, strategy)
            num_operations = operations.count
        expected = what_is_there(whole)
        points = range(1, num_operations + 1, every)
        for number in points:
            path = Path(folder) / "tortured" / "study"

            def disturbed(path: Path = path, number: int = number) -> None:
                with heard(path, happening(number)):
                    search(path, strategy)

            in_a_child(disturbed)
            search(path, strategy)
            assert what_is_there(path) == expected, f"{strategy}, operation {number}"
            shutil.rmtree(path)
    return len(points)


def main() -> None:
    """Prints how often what was done."""
    parser = argparse.ArgumentParser(description="Kills and full disks at file operations.")
    parser.add_argument("--every", type=int, default=1, help="only every so many operations")
    every = parser.parse_args().every
    for strategy in STRATEGIES:
        kills = torture(strategy, killed_at, every)
        print(f"{strategy:10} {kills:4} kills: all ended as if undisturbed", flush=True)
        full = torture(strategy, full_from, every * 5)
        print(f"{strategy:10} {full:4} full disks: all ended as if undisturbed", flush=True)


if __name__ == "__main__":
    main()
