"""Executors of this machine: its own process, or worker processes."""

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any

from tuner.engine.executors.gpus import pinned, visible_gpus
from tuner.engine.executors.workers import WorkerDiedError
from tuner.errors import StudyError
from tuner.training.shared import Shared

# What a user's own code leaves behind in each execution ends with its worker.
MOST_GROWTH = 500.0  # MB that a worker may have more than after its first call
PRELOADED = "tuner.engine.executors.preloaded"
MOST_SIGNS = 75  # of the temporary folder: a socket in it has 32 more, and 107 are all there may be


class InProcessExecutor(Executor):
    """Runs each call at once, in this process, before `submit` returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Calls the function; an exception becomes the future's."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # the caller meets it at future.result(), as in every executor
            future.set_exception(error)
        return future


class ProcessExecutor(Executor):
    """Runs calls in worker processes, one pool of one process for each.

    A single pool would fail every call when one worker dies; here the other calls go on, the dead
    worker's call raises `WorkerDiedError`, and a fresh worker takes its place.

    Args:
        num_workers: How many.
        start: Gives the context of multiprocessing in which they start.
        environments: Variables of the first worker, the second and so on, and then again of the
            first; by default each has a GPU, where there are some.
        shared: A dataset that they need not load.
    """

    def __init__(
        self,
        num_workers: int,
        start: Callable[[], Any] | None = None,
        environments: Sequence[Mapping[str, str]] = (),
        shared: Shared | None = None,
    ) -> None:
        self._shared = shared
        self._start = start or start_workers
        self._environments = environments or pinned(visible_gpus())
        self._pools = [self._new_pool(number) for number in range(num_workers)]
        try:
            self._pools[0].submit(os.getpid).result()
        except BrokenProcessPool as error:
            raise StudyError(
                "no worker process can be started: put the call under if __name__ == '__main__':, "
                "in a script that lies in a file"
            ) from error
        self._memory: dict[int, float] = {}  # of each worker, in MB, after its first call
        self._idle = deque(range(num_workers))  # the one that has been idle the longest first
        self._num_idle = threading.Semaphore(num_workers)
        self._number_of: dict[Future[Any], int] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Sends the call to an idle worker; waits for one if there is none."""
        self._num_idle.acquire()
        number = self._idle.popleft()
        with interrupts_blocked():
            if not all(worker.is_alive() for worker in workers_of(self._pools[number])):
                # It died while it was idle, not noted yet.
                self._pools[number] = self._new_pool(number)
            try:
                call = self._pools[number].submit(fn, *args, **kwargs)
            except BrokenProcessPool:  # likewise, and noted
                self._pools[number] = self._new_pool(number)
                call = self._pools[number].submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        self._number_of[future] = number
        call.add_done_callback(lambda done: self._pass_on(done, future, number))
        return future

    def _new_pool(self, number: int) -> ProcessPoolExecutor:
        """A pool of one process, which has the variables of this one and its own."""
        own = self._environments[number % len(self._environments)]
        given = {**os.environ, **own}, self._shared
        return ProcessPoolExecutor(1, self._start(), initializer=start_worker, initargs=given)

    def next_worker(self) -> int:
        """The number of the worker that the next call goes to; waits for one to be idle."""
        with self._num_idle:
            pass
        return self._idle[0]

    def end(self, future: Future[Any]) -> None:
        """Kills the worker of a call that is under way; the call raises `WorkerDiedError`."""
        number = self._number_of.get(future)
        if number is not None:
            kill(self._pools[number])

    def _pass_on(self, call: Future[Any], future: Future[Any], number: int) -> None:
        """Gives a worker free and hands what came of its call to whoever waits for it."""
        error = CancelledError() if call.cancelled() else call.exception()
        if isinstance(error, BrokenProcessPool):
            error = WorkerDiedError(way_it_ended(self._pools[number]))
            self._pools[number] = self._new_pool(number)
        else:
            self._renew_if_large(number)
        self._number_of.pop(future, None)
        self._idle.append(number)
        self._num_idle.release()
        if error is None:
            future.set_result(call.result())
        else:
            future.set_exception(error)

    def _renew_if_large(self, number: int) -> None:
        """Ends a worker whose memory has grown too much; a new one takes its place."""
        for worker in workers_of(self._pools[number]):
            memory = memory_mb(worker.pid)
            if memory - self._memory.setdefault(worker.pid, memory) > MOST_GROWTH:
                self._pools[number].shutdown(wait=False)
                self._pools[number] = self._new_pool(number)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the workers; with `cancel_futures` at once, in the middle of their calls."""
        for pool in self._pools:
            workers = workers_of(pool)
            pool.shutdown(wait=wait and not cancel_futures, cancel_futures=cancel_futures)
            for worker in workers if cancel_futures else ():
                worker.kill()
        if self._shared:
            self._shared.file.close()


def refuse_in_import() -> None:
    """Ends a worker that is still importing the script that started it, with one line.

    There the script, without a guard, begins anew what it has begun already.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(
            "tuner.search was called while a worker process imported this script: put the call "
            "under if __name__ == '__main__':"
        )


def start_workers() -> Any:
    """How worker processes start; begins to import what they need, where they are forked.

    On Linux they are forked from a process that has imported TensorFlow and done nothing with it,
    which this starts: it imports while a study is planned. Elsewhere, where there is a GPU, whose
    driver a fork would break, and where the name of that process's socket would be too long for the
    system, each starts afresh.
    """
    has_gpu = bool(visible_gpus()) or Path("/dev/kfd").exists()
    is_long = len(os.fsencode(tempfile.gettempdir())) > MOST_SIGNS
    if sys.platform != "linux" or has_gpu or is_long:
        return multiprocessing.get_context("spawn")
    resource_tracker.ensure_running()  # which would let interrupts through, started later
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    with interrupts_blocked():
        forkserver.ensure_running()
    return context


def workers_of(pool: ProcessPoolExecutor) -> list[Any]:
    """The processes of a pool."""
    return list((pool._processes or {}).values())


def memory_mb(pid: int) -> float:
    """The memory that a process holds, in MB; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, ValueError, IndexError):
        return 0.0


def kill(pool: ProcessPoolExecutor) -> None:
    """Kills the processes of a pool."""
    for worker in workers_of(pool):
        worker.kill()


def way_it_ended(pool: ProcessPoolExecutor) -> str:
    """How the process of a broken pool ended, in words."""
    for worker in workers_of(pool):
        worker.join(1.0)  # it is gone, but may not have been noted yet
    codes = [worker.exitcode for worker in workers_of(pool) if worker.exitcode]
    if not codes:
        return "its process ended"
    if codes[0] > 0:
        return f"its process ended with exit code {codes[0]}"
    try:
        name = signal.Signals(-codes[0]).name
    except ValueError:
        name = str(-codes[0])
    hint = " (by somebody, or because memory ran out)" if name == "SIGKILL" else ""
    return f"its process was ended by signal {name}{hint}"


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Starts processes that a Ctrl-C in their first second does not reach: they inherit the mask.

    What arrives meanwhile reaches this process right after.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_worker(environment: Mapping[str, str], shared: Shared | None = None) -> None:
    """Leaves signals to the parent process, and ends when the parent is gone, however it died.

    A worker that followed a Ctrl-C or a shutdown before its parent would look like a failure.

    Args:
        environment: of the parent, as it is now, and what is this worker's own.
        shared: the dataset of the study.
    """
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    if shared:
        shared.take()


def end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """Ends this process when another has ended."""
    parent.join()
    os._exit(1)
