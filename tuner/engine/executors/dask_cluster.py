"""Workers of Dask's: on this machine, or of a cluster that is joined. The only file that knows it.

Scheduler and workers need this package and what the search space imports, and see the dataset by
the same path. A worker trains as many executions at a time as it has threads.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures import wait as wait_for
from multiprocessing import resource_tracker
from typing import Any

import dask
from distributed import Client, KilledWorker, LocalCluster, SchedulerPlugin

from tuner.engine.executors.elsewhere import Home, call_at, child_of
from tuner.engine.executors.local import ProcessExecutor, interrupts_blocked
from tuner.engine.executors.workers import LONGEST_END, WorkerDiedError, passed_on
from tuner.errors import StudyError
from tuner.words import reason

PREFIX = "width-depth-tuner-"  # of the keys of our calls
CALLS: dict[str, tuple[ProcessExecutor, Future[Any]]] = {}  # under way in this worker, by their key


def make_executor(num_workers: int, address: str | None) -> Executor:
    """An executor of a cluster that is joined, or of so many worker processes of this machine."""
    return DaskExecutor(num_workers, address)


class DaskExecutor(Executor):
    """Runs each call in a worker of Dask's, once: the engine counts the tries."""

    def __init__(self, num_workers: int, address: str | None) -> None:
        resource_tracker.ensure_running()  # which would unblock them when a worker is started
        with interrupts_blocked():
            self._cluster = None if address else new_cluster(num_workers)
            self._client = client_of(address or self._cluster)
        self._client.register_plugin(FailsWithItsWorker(), name=PREFIX)
        self._executor = self._client.get_executor(pure=False, retries=0)
        self._home = Home.of_this_process()
        self._keys: dict[Future[Any], str] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Sends the call; it begins when a worker is free."""
        key = f"{PREFIX}{uuid.uuid4()}"
        theirs = self._executor.submit(call_by_key, key, self._home, fn, *args, key=key, **kwargs)
        future = passed_on(theirs, as_ours)
        self._keys[future] = key
        future.add_done_callback(lambda done: self._keys.pop(done, None))
        return future

    def end(self, future: Future[Any]) -> None:
        """Kills the child that makes a call; the call raises `WorkerDiedError`."""
        key = self._keys.get(future)
        for worker, keys in self._client.processing().items():
            if key in keys:
                self._client.run(end_call, key, workers=[worker], on_error="ignore")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster, or ends it if it was started here; with `cancel_futures` at once."""
        futures = [*self._keys]
        for future in futures if cancel_futures else ():
            self.end(future)
        if wait or self._cluster:
            wait_for(futures, timeout=LONGEST_END if cancel_futures else None)
        self._client.close()
        if self._cluster:
            self._cluster.close()


class FailsWithItsWorker(SchedulerPlugin):  # type: ignore[misc]
    """Has a call of ours fail when its worker dies, where Dask would start it anew three times."""

    idempotent = True  # however many searches join

    async def start(self, scheduler: Any) -> None:
        """Keeps the scheduler."""
        self.scheduler = scheduler

    def transition(self, key: Any, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
        """Takes a call that is sent to a worker for one that has failed as often as it may."""
        if finish == "processing" and str(key).startswith(PREFIX):
            self.scheduler.tasks[key].suspicious = self.scheduler.allowed_failures


def new_cluster(num_workers: int) -> LocalCluster:
    """Worker processes of this machine, with a scheduler in this process."""
    # Read when a worker has died: another may take a while to start where the machine is busy.
    dask.config.set({"distributed.deploy.lost-worker-timeout": "10 minutes"})
    return LocalCluster(
        n_workers=num_workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",  # of what is served without a dashboard too: any port that is free
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    )


def client_of(cluster: Any) -> Client:
    """A client of a cluster, or of what is at an address.

    Raises:
        StudyError: if nothing is.
    """
    for name in ("distributed", "distributed.client"):  # what goes wrong is told in one line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(cluster)
    except Exception as error:  # of the system's and of its own
        raise StudyError(f"Dask cannot be found at {cluster}: {reason(error)}") from error


def num_processors(address: str) -> int:
    """The threads of a cluster's workers."""
    with client_of(address) as client:
        return sum(client.nthreads().values())


def call_by_key(key: str, home: Home, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Makes a call in a child of this worker's, which can be ended meanwhile."""
    child = child_of(threading.get_ident())
    future = child.submit(call_at, home, fn, *args, **kwargs)
    CALLS[key] = child, future
    try:
        return future.result()
    finally:
        del CALLS[key]


def end_call(key: str) -> None:
    """Kills the child of this worker's that makes a call."""
    if key in CALLS:
        child, future = CALLS[key]
        child.end(future)


def as_ours(error: BaseException) -> BaseException:
    """A worker's death where the error is one, else the error; without a scheduler, a line."""
    if isinstance(error, KilledWorker):
        return WorkerDiedError(f"its worker {error.last_worker.address} ended")
    if isinstance(error, CancelledError):
        return StudyError(
            "Dask's scheduler is gone, or was restarted: all that was trained is kept, and the "
            "same command goes on where there is one"
        )
    return error
