"""Where executions run: each executor is a `concurrent.futures.Executor`."""

from concurrent.futures import Executor

from tuner.engine.executors.dying import WorkerDiedError
from tuner.engine.executors.local import InProcessExecutor, ProcessExecutor, refuse_in_import

__all__ = [
    "InProcessExecutor",
    "ProcessExecutor",
    "WorkerDiedError",
    "make_executor",
    "refuse_in_import",
]


def make_executor(num_workers: int) -> Executor:
    """Executors by their number of worker processes; with none, this process is the worker."""
    return ProcessExecutor(num_workers) if num_workers else InProcessExecutor()
