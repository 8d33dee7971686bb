"""Anybody's `concurrent.futures.Executor`."""

import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from tuner.engine.executors.elsewhere import Home, call_elsewhere
from tuner.engine.executors.workers import WorkerDiedError, passed_on
from tuner.errors import UsageError, described
from tuner.words import listed, nearest, reason

GROUP = "tuner.executors"  # of entry points


class ForeignExecutor(Executor):
    """Runs calls in an executor of somebody else's; where it breaks, another one is made.

    Its workers cannot be ended: a call that hangs is waited for.
    """

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._executor = make()
        self._home = Home.of_this_process()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Sends the call; a `BrokenExecutor` that comes of it is a `WorkerDiedError`."""
        try:
            theirs = self._executor.submit(call_elsewhere, self._home, fn, *args, **kwargs)
        except BrokenExecutor:
            self._executor.shutdown(wait=False)
            self._executor = self._make()
            theirs = self._executor.submit(call_elsewhere, self._home, fn, *args, **kwargs)
        return passed_on(theirs, as_death)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the executor; with `cancel_futures` what has begun is not waited for."""
        self._executor.shutdown(wait=wait and not cancel_futures, cancel_futures=cancel_futures)


def as_death(error: BaseException) -> BaseException:
    """A worker's death where the error is one, else the error."""
    if isinstance(error, BrokenExecutor):
        return WorkerDiedError(f"its executor broke ({reason(error)})")
    return error


def factory(name: str, others: Iterable[str] = ()) -> Callable[..., Any]:
    """What makes an executor: an entry point's name, or module:factory.

    Modules are looked for in the working directory too.

    Args:
        name: as it was typed.
        others: the names that lead elsewhere, to be told where this one leads nowhere.

    Raises:
        UsageError: if there is none, with the names there are.
    """
    known = {entry.name: entry.value for entry in entry_points(group=GROUP)}
    target = known.get(name, name)
    if ":" not in target:
        names = [*others, *known]
        raise UsageError(
            f"--executor: there is no {name!r}.{nearest(name, names)} (executors: "
            f"{listed(names)}; or module:factory)"
        )
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # last: a file there may be called as a library is
    try:
        found: Callable[..., Any] = pkgutil.resolve_name(target)
    except Exception as error:  # whatever its file does when it is imported
        raise UsageError(f"--executor {name}: {described(error)}") from error
    if not callable(found):
        raise UsageError(f"--executor {name}: expected a factory, got {type(found).__name__}")
    return found


def made(name: str, num_workers: int) -> Executor:
    """The executor of a factory, which is told the number of workers if it takes an argument.

    Raises:
        UsageError: if it makes none.
    """
    make = factory(name)
    try:
        executor = make(num_workers) if inspect.signature(make).parameters else make()
    except Exception as error:
        raise UsageError(f"--executor {name} cannot be made: {described(error)}") from error
    if not isinstance(executor, Executor):
        got = type(executor).__name__
        raise UsageError(f"--executor {name}: expected a concurrent.futures.Executor, got {got}")
    return executor
