"""What the engine knows of workers: that they die, and what some executors know of theirs."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, Protocol, runtime_checkable

LONGEST_END = 5.0  # seconds, for calls whose workers are ended


class WorkerDiedError(Exception):
    """A worker process ended without a result; says how, which tells nothing of its call."""


@runtime_checkable
class EndsWorkers(Protocol):
    """An executor that can end the worker of a call, as of one that hangs."""

    def end(self, future: Future[Any]) -> None:
        """Ends the worker of a call that is under way; the call raises `WorkerDiedError`."""


@runtime_checkable
class KnowsWorkers(Protocol):
    """An executor whose workers have numbers: a network is traced once where it comes again."""

    def next_worker(self) -> int:
        """The number of the worker that the next call goes to."""


def passed_on(theirs: Future[Any], ours: Callable[[BaseException], BaseException]) -> Future[Any]:
    """A future of what comes of another executor's, its exceptions as the engine knows them."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()

    def pass_on(done: Future[Any]) -> None:
        error = CancelledError() if done.cancelled() else done.exception()
        if error is None:
            future.set_result(done.result())
        else:
            future.set_exception(ours(error))

    theirs.add_done_callback(pass_on)
    return future
