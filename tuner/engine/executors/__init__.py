"""Where executions run: each executor is a `concurrent.futures.Executor`."""

import importlib
from concurrent.futures import Executor
from typing import Any

from tuner.engine.executors.foreign import ForeignExecutor, factory, made
from tuner.engine.executors.local import InProcessExecutor, ProcessExecutor, refuse_in_import
from tuner.engine.executors.workers import EndsWorkers, KnowsWorkers, WorkerDiedError
from tuner.errors import UsageError
from tuner.training.shared import Shared

__all__ = [
    "EndsWorkers",
    "InProcessExecutor",
    "KnowsWorkers",
    "ProcessExecutor",
    "WorkerDiedError",
    "check_executor",
    "make_executor",
    "num_processors",
    "refuse_in_import",
]
#: What stands in a module of its own and needs an extra of the same name.
CLUSTERS = {"ray": "Ray", "dask": "Dask"}


def make_executor(
    num_workers: int,
    name: str = "local",
    address: str | None = None,
    shared: Shared | None = None,
) -> Executor:
    """An executor by its name, with so many workers.

    Args:
        num_workers: worker processes; with none, this process is the worker.
        name: local, ray, dask, an entry point of the group tuner.executors, or module:factory.
        address: of a cluster of Ray or Dask that is joined; without one, it is started here.
        shared: the dataset, which worker processes of this machine need not load.

    Raises:
        UsageError: for a name that leads nowhere, or what it leads to cannot be had.
    """
    check_executor(name, address, num_workers)
    if name == "local":
        return ProcessExecutor(num_workers, shared=shared) if num_workers else InProcessExecutor()
    if name in CLUSTERS:
        executor: Executor = cluster(name).make_executor(num_workers, address)
        return executor
    return ForeignExecutor(lambda: made(name, num_workers))


def check_executor(name: str, address: str | None = None, num_workers: int | None = None) -> None:
    """Refuses what `make_executor` would, before anything is begun.

    Raises:
        UsageError: for a name that leads nowhere, or what it leads to cannot be had.
    """
    if name != "local" and num_workers == 0:
        raise UsageError(f"--workers 0 trains in this process: expected 1 or more of {name}")
    if name in CLUSTERS:
        cluster(name)
        return
    if address is not None:
        raise UsageError(f"--address goes with --executor {' or '.join(CLUSTERS)}, got {name}")
    if name != "local":
        factory(name, ["local", *CLUSTERS])


def num_processors(name: str = "local", address: str | None = None) -> int:
    """How many executions an executor can train at a time: what this process may use, by default.

    A container's share of the processors counts, as scikit-learn counts it.
    """
    if address is not None:
        return int(cluster(name).num_processors(address))
    from joblib import cpu_count

    return int(cpu_count())


def cluster(name: str) -> Any:
    """The module that knows Ray, or Dask.

    Raises:
        UsageError: if its extra is not installed.
    """
    try:
        return importlib.import_module(f"tuner.engine.executors.{name}_cluster")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"expected {CLUSTERS[name]}: pip install 'width-depth-tuner[{name}]' ({error})"
        ) from error
