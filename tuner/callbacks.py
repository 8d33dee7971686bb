"""Callbacks: what a user's own code is told while a study is trained, in this process.

They are told of copies, after the record of what has ended is on disk: nothing that they do, raise
or change reaches a result.
"""

import copy
import pkgutil
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuner import checkpoints
from tuner.errors import UsageError, described, let_interrupts_through
from tuner.execution import Execution, Key, Measurement, Record
from tuner.words import listed, nearest

HOOKS = ("started", "epoch", "ended")
EXPECTED = "expected objects with started(execution), epoch(execution, row) or ended(record)"


@dataclass
class Callbacks:
    """Tells callbacks of what a search trains: of each epoch once, in order, before its end.

    Attributes:
        callbacks: Objects with some of HOOKS as methods.
        under_way: The folder in which workers note their epochs. Of workers that cannot write
            there, and of this process, epochs are told when their execution has ended.
        warn: Told of what a callback raises, once for each of its methods.
        training: What is under way, and its last epoch that was told.
        failed: The methods that have raised something.
    """

    callbacks: Sequence[Any]
    under_way: Path
    warn: Callable[[str], object] = warnings.warn
    training: dict[Key, tuple[Execution, int]] = field(default_factory=dict)
    failed: set[tuple[int, str]] = field(default_factory=set)

    def started(self, execution: Execution) -> None:
        """An execution is begun."""
        self.training[execution.key] = execution, execution.initial_epoch
        self._tell("started", execution)

    def look(self) -> None:
        """Looks for epochs that have ended meanwhile."""
        if self.callbacks:
            for key, rows in checkpoints.rows(self.under_way).items():
                self._tell_epochs(key, rows)

    def ended(self, record: Record) -> None:
        """An execution has ended; its record is on disk."""
        self._tell_epochs(record.key, record.history)
        self.training.pop(record.key, None)
        self._tell("ended", record)

    def _tell_epochs(self, key: Key, rows: Sequence[dict[str, Measurement]]) -> None:
        for row in rows:
            execution, last = self.training.get(key, (None, 0))
            epoch = int(row["epoch"] or 0)
            if execution is not None and epoch > last:
                self.training[key] = execution, epoch
                self._tell("epoch", execution, row)

    def _tell(self, hook: str, *about: Any) -> None:
        for number, callback in enumerate(self.callbacks):
            if (tell := getattr(callback, hook, None)) is None:
                continue
            try:
                tell(*copy.deepcopy(about))
            except BaseException as error:
                let_interrupts_through(error)
                if (number, hook) not in self.failed:
                    self.failed.add((number, hook))
                    name = f"{type(callback).__name__}.{hook}"
                    self.warn(
                        f"the callback {name} failed, and the study goes on; it is called again, "
                        f"and this is told once: {described(error)}"
                    )


def check_callbacks(callbacks: object) -> None:
    """Refuses what cannot be told anything.

    Raises:
        UsageError: with what was expected.
    """
    if not isinstance(callbacks, Sequence) or isinstance(callbacks, str):
        raise UsageError(f"callbacks: expected a list, got {type(callbacks).__name__}")
    for callback in callbacks:
        if isinstance(callback, type):
            name = callback.__name__
            raise UsageError(
                f"callbacks: {EXPECTED}, got the class {name} itself: expected {name}()"
            )
        if not any(callable(getattr(callback, hook, None)) for hook in HOOKS):
            own = [name for name in dir(callback) if not name.startswith("_")]
            hint = next((found for name in own if (found := nearest(name, HOOKS))), "")
            has = f" with {listed(own, most=5)}" if own else ""
            raise UsageError(f"callbacks: {EXPECTED}, got {type(callback).__name__}{has}.{hint}")


def load_callback(name: str) -> Any:
    """The callback that module:name names; of a class, what it makes without arguments.

    Modules are looked for in the working directory too.

    Raises:
        UsageError: if there is none.
    """
    if ":" not in name:
        raise UsageError(f"--callback: expected module:name, got {name!r}")
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # last: a file there may be called as a library is
    try:
        found: Any = pkgutil.resolve_name(name)
        callback = found() if isinstance(found, type) else found
    except Exception as error:  # whatever its file does when it is imported
        raise UsageError(f"--callback {name}: {described(error)}") from error
    check_callbacks([callback])
    return callback
