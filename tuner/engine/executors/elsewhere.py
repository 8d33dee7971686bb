"""A call in a worker that somebody else has started, perhaps on another machine."""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from contextlib import chdir, nullcontext
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.util import Finalize
from typing import Any

from tuner.engine.executors.local import ProcessExecutor


@dataclass(frozen=True)
class Home:
    """Where the process that asks finds a search space and a dataset."""

    folder: str
    import_path: tuple[str, ...]
    data_folder: str | None

    @classmethod
    def of_this_process(cls) -> "Home":
        """The home of the calls that this process sends."""
        return cls(os.getcwd(), tuple(sys.path), os.environ.get("TUNER_DATA_DIR"))


def call_elsewhere(home: Home, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Calls a function in a child process of this worker's, which is kept for the next call.

    What else runs in the worker would change numbers: Dask's threads draw from Python's random
    numbers, and a TensorFlow that somebody has started keeps its threads.

    Raises:
        WorkerDiedError: if the child dies.
    """
    child = child_of(threading.get_ident())
    return child.submit(call_at, home, fn, *args, **kwargs).result()


@cache
def child_of(thread: int) -> ProcessExecutor:
    """The child process of a thread of this worker's.

    It starts afresh: a worker may have been forked, and then cannot fork in its turn.
    """
    multiprocessing.current_process().daemon = False  # which could have no children
    child = ProcessExecutor(1, start=partial(multiprocessing.get_context, "spawn"))
    # Before this process waits for its children to end, as it does at its own end.
    Finalize(None, child.shutdown, kwargs={"cancel_futures": True}, exitpriority=1)
    return child


def call_at(home: Home, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Calls a function as the process that asks would: relative paths and modules are found.

    They are where its folder can be seen, as on one machine or a shared file system.
    """
    sys.path += [entry for entry in home.import_path if entry not in sys.path]
    if home.data_folder is not None:
        os.environ["TUNER_DATA_DIR"] = home.data_folder
    with chdir(home.folder) if os.path.isdir(home.folder) else nullcontext():
        return fn(*args, **kwargs)
