"""Workers of Ray's: on this machine, or of a cluster that is joined. The only file that knows Ray.

Every node needs this package and what the search space imports, and sees the dataset by the same
path.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from typing import Any

# Read when Ray is imported; what raylets say of dead workers would go to stdout.
os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray import exceptions

from tuner.engine.executors.elsewhere import Home, call_elsewhere
from tuner.engine.executors.workers import LONGEST_END, WorkerDiedError, passed_on
from tuner.errors import StudyError
from tuner.words import reason

CALLS_A_WORKER = 50  # where there is a GPU, Ray starts a worker for each call unless told
DEATHS = (
    exceptions.WorkerCrashedError,
    exceptions.NodeDiedError,
    exceptions.LocalRayletDiedError,
    exceptions.OutOfMemoryError,
    exceptions.ObjectLostError,  # the result, with the node that had it
    exceptions.TaskCancelledError,
)


def make_executor(num_workers: int, address: str | None) -> Executor:
    """An executor of a cluster that is joined, or of so many processors of this machine."""
    return RayExecutor(num_workers, address)


class RayExecutor(Executor):
    """Runs each call as a task of Ray's, which is tried once: the engine counts the tries."""

    def __init__(self, num_workers: int, address: str | None) -> None:
        self._is_ours = connect(num_workers, address)
        self._home = Home.of_this_process()
        # Ray takes max_calls here alone.
        self._call = ray.remote(max_retries=0, max_calls=CALLS_A_WORKER, num_cpus=1)(call_elsewhere)
        self._tasks: dict[Future[Any], Any] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Sends the call; it begins when a processor is free."""
        task = self._call.remote(self._home, fn, *args, **kwargs)
        future = passed_on(task.future(), as_ours)
        self._tasks[future] = task
        future.add_done_callback(lambda done: self._tasks.pop(done, None))
        return future

    def end(self, future: Future[Any]) -> None:
        """Kills the worker of a call that is under way; the call raises `WorkerDiedError`."""
        if (task := self._tasks.get(future)) is not None:
            ray.cancel(task, force=True)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster, or ends it if it was started here; with `cancel_futures` at once."""
        futures = [*self._tasks]
        for future in futures if cancel_futures else ():
            self.end(future)
        if wait or self._is_ours:
            wait_for(futures, timeout=LONGEST_END if cancel_futures else None)
        if self._is_ours:
            ray.shutdown()


def num_processors(address: str) -> int:
    """The processors of a cluster."""
    is_ours = connect(0, address)
    try:
        return int(ray.cluster_resources().get("CPU", 0))
    finally:
        if is_ours:
            ray.shutdown()


def connect(num_workers: int, address: str | None) -> bool:
    """Joins a cluster, or starts one here; whether it was not somebody else's to leave.

    Raises:
        StudyError: if there is none at the address, or it does not start.
    """
    if ray.is_initialized():
        return False
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(
            address=address or "local",
            num_cpus=None if address else num_workers,
            include_dashboard=False,
            logging_level=logging.ERROR,
            log_to_driver=False,
        )
    except Exception as error:  # of any kind, bare ones too
        where = f"found at {address}" if address else "started here"
        raise StudyError(f"Ray cannot be {where}: {reason(error)}") from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_sigterm)  # whose place Ray has taken
    return True


def as_ours(error: BaseException) -> BaseException:
    """A worker's death where the error is one; what a call has raised, as it was raised."""
    if isinstance(error, exceptions.RayTaskError):
        cause: BaseException = error.cause
        return cause
    if isinstance(error, DEATHS):
        return WorkerDiedError(f"its worker ended ({type(error).__name__}: {reason(error)})")
    return error
