"""A planned study in its folder: claimed, trained, gone on with."""

import math
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner import claiming, ledger
from tuner.callbacks import Callbacks
from tuner.engine import loop
from tuner.engine.asking import Asked, replay
from tuner.engine.executors import make_executor, num_processors
from tuner.engine.retrying import kept
from tuner.engine.time_limit import TimeLimit
from tuner.errors import TimeIsUpError, UsageError
from tuner.execution import TUNING, Execution, Record
from tuner.folder import StudyFolder
from tuner.planning import Plan, check_splits
from tuner.strategies import make_oracle
from tuner.study import Study
from tuner.training.backend import gpus
from tuner.training.execute import execute
from tuner.training.shared import share

if TYPE_CHECKING:
    from tuner.precision import Precision


def default_workers(
    num_executions: int,
    executor: str = "local",
    address: str | None = None,
    workers_per_gpu: int | None = None,
) -> int:
    """One worker a processor of the executor; in a machine with GPUs one, or so many, for each.

    Raises:
        UsageError: if workers for GPUs are wanted, and there is none.
    """
    num_gpus = len(gpus()) if address is None else 0
    if workers_per_gpu and not num_gpus:
        raise UsageError("--workers-per-gpu: expected a GPU that TensorFlow sees, found none")
    most = num_gpus * (workers_per_gpu or 1) or num_processors(executor, address)
    return max(1, min(most, num_executions))


def run(
    plan: Plan,
    folder: StudyFolder,
    num_workers: int,
    started: Callable[[Execution], object] = lambda execution: None,
    max_seconds: float | None = None,
    execution_seconds: float | None = None,
    extended: Callable[[Plan, "Precision"], object] = lambda plan, precision: None,
    executor: str = "local",
    address: str | None = None,
    callbacks: Sequence[Any] = (),
    warn: Callable[[str], object] = warnings.warn,
) -> Generator[Record, None, None]:
    """Trains what is missing of a study whose folder is claimed; yields each new record.

    Where the study says `until`, a replicate is added while that is not reached. The tables
    executions.csv and history.csv are written at the end, however it comes.

    Args:
        plan: what to train.
        folder: of the study.
        num_workers: worker processes; 0 trains in this process.
        started: called with each execution that is begun.
        max_seconds: from now on; nothing is begun that would not end in this time.
        execution_seconds: after so many a worker that has not ended its execution is ended; by
            default once it hangs, as TimeLimit says.
        extended: called with each plan that has one replicate more, and what it is added for.
        executor: where the workers are, by the name of an executor.
        address: of a cluster of that executor's which is joined.
        callbacks: objects that are told what is trained, as `tuner.search` has them.
        warn: told of what they raise.

    Raises:
        TimeIsUpError: at the end, if something was not begun for want of time.
    """
    num_slots = max(1, num_workers)
    deadline = time.monotonic() + (math.inf if max_seconds is None else max_seconds)
    is_local = executor == "local" and num_workers > 0
    shared = share(plan.dataset) if is_local else None
    workers = make_executor(num_workers, executor, address, shared)
    home: dict[int, int] = {}
    told = Callbacks(callbacks, folder.under_way, warn)

    def begun(execution: Execution) -> None:
        started(execution)
        told.started(execution)

    try:
        while True:
            limit = time_limit(plan, folder, num_slots, deadline, execution_seconds)
            for record in loop.run(
                folder,
                asked_anew(plan, home),
                workers,
                num_slots,
                execute,
                begun,
                limit.allows,
                limit.is_late,
                told.look,
            ):
                limit.pace.ended([record])
                told.ended(record)
                yield record
            if limit.is_up or not plan.study.until:
                break
            from tuner.precision import precision  # the whole analysis, which few searches need

            reached = precision(plan.study, folder.frames.executions)
            if reached.is_final:
                break
            plan = with_one_more_replicate(plan, folder)
            extended(plan, reached)
        if limit.is_up:
            raise TimeIsUpError("nothing more would end in the time that is left")
    finally:
        workers.shutdown(cancel_futures=True)  # at once: all that was trained is on disk
        with suppress(OSError):  # it holds what is gone on from
            folder.under_way.rmdir()
        folder.write_tables()


def with_one_more_replicate(plan: Plan, folder: StudyFolder) -> Plan:
    """The plan of a study with another replicate, which its folder knows of from now on."""
    study = plan.study.model_copy(update={"replicates": plan.study.replicates + 1})
    check_splits(study, plan.dataset, [study.replicates - 1])
    folder.replace_study(study)
    return replace(plan, study=study)


def gone_on_with(study: Study, output: Path) -> Study:
    """The study as its folder has it, if replicates were added there until something is known."""
    folder = StudyFolder(output / study.folder_name)
    if not (study.until and folder.is_study):
        return study
    replicates = max(study.replicates, folder.study.replicates)
    return study.model_copy(update={"replicates": replicates})


def time_limit(
    plan: Plan,
    folder: StudyFolder,
    num_slots: int,
    deadline: float,
    execution_seconds: float | None = None,
) -> TimeLimit:
    """The limit of a search, with the pace of what its ledger holds.

    Args:
        plan: of the study.
        folder: of the study.
        num_slots: how many executions are under way at a time.
        deadline: on the clock of `time.monotonic`, in seconds.
        execution_seconds: after so many a worker is ended; None for once it hangs.
    """
    return TimeLimit(
        deadline=deadline,
        pace=plan.pace(num_slots, folder.records),
        a_replicate=plan.a_replicate,
        execution_seconds=execution_seconds,
        begun={0, TUNING} | {record.replicate for record in folder.records},
    )


@contextmanager
def claimed(
    plan: Plan, path: Path, reused: Sequence[Record] = (), retry_failed: bool = False
) -> Iterator[StudyFolder]:
    """Holds a study's folder for writing: new, or the same study's, its ledger repaired.

    Nothing is written before it is clear that the study can go on there: its ledger is replayed
    under the plan. A new ledger begins with the records that are reused.

    Args:
        plan: of the study.
        path: of its folder.
        reused: records of another study that are executions of this one.
        retry_failed: forget the executions that failed or were lost, and what followed from them;
            the ledger with them is kept beside the new one.

    Raises:
        StudyError: if another process holds it, or it holds another study.
    """
    with claiming.lock(StudyFolder(path)):
        folder = StudyFolder(path)
        about = claiming.environment(plan.space, plan.dataset)
        claiming.check(folder, plan.study, about)
        if not retry_failed:
            replay(folder, asked_anew(plan), num_slots=1)
        claiming.prepare(folder, plan.study, plan.design, about)
        ledger.repair(path)
        folder = folder.reopened()
        if retry_failed:
            stand = kept(folder.records, asked_anew(plan))
            if len(stand) < len(folder.records):
                folder.keep_only(stand)
        known = {record.key for record in folder.records}
        folder.append(*(record for record in reused if record.key not in known))
        yield folder


def asked_anew(plan: Plan, home: dict[int, int] | None = None) -> Asked:
    """A fresh oracle of a plan, which has been asked nothing; knows which worker a cell is at."""
    oracle = make_oracle(plan.study, plan.design)
    return Asked(oracle, plan.study, plan.design, plan.part, {} if home is None else home)
