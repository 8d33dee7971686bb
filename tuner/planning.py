"""A study from its settings to its ledger: plan, claim the folder, run."""

import math
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tuner import claiming, ledger
from tuner.design import Design, execution_seconds, make_design
from tuner.engine import loop
from tuner.engine.executors import make_executor, refuse_in_import
from tuner.engine.pace import Pace
from tuner.engine.retrying import kept
from tuner.engine.time_limit import TimeLimit
from tuner.errors import TimeIsUpError, UsageError
from tuner.execution import TUNING, Execution, Record
from tuner.folder import StudyFolder
from tuner.meeting import check_of, notices, resolved_in
from tuner.space import Space, make_space
from tuner.strategies import STRATEGIES, make_oracle, strategy_of
from tuner.strategies.extent import num_executions, total_seconds
from tuner.study import Study
from tuner.training.backend import gpus, start_tensorflow
from tuner.training.datasets import Dataset, load_dataset
from tuner.training.execute import execute
from tuner.training.rehearsal import Rehearsal, rehearse
from tuner.training.splits import sizes, split

if TYPE_CHECKING:
    from tuner.precision import Precision


@dataclass(frozen=True)
class Plan:
    """A study that can be trained: resolved, with its dataset, search space and design."""

    study: Study
    dataset: Dataset
    space: Space
    design: Design
    rehearsal: Rehearsal

    @property
    def num_executions(self) -> int:
        """The executions of the whole study."""
        return num_executions(self.study, len(self.design.planned))

    @property
    def total_seconds(self) -> float:
        """A rough time of the whole study, on one thread of a CPU."""
        return total_seconds(self.study, [self.seconds(cell.index) for cell in self.design.planned])

    @property
    def num_scored(self) -> int:
        """The images that the objective of an execution is measured on."""
        idle = len(self.dataset.labels) - (self.study.train_size or 0)
        return idle if self.study.score_on == "idle" else self.study.validation_size or 0

    @property
    def notices(self) -> list[str]:
        """What a user should know of how the space is met here."""
        return notices(self.study, self.space, self.rehearsal)

    def seconds(self, cell: int, epochs: int | None = None) -> float:
        """A rough time of one execution of a cell, on one thread of a CPU.

        Args:
            cell: its index.
            epochs: that it trains; by default the study's budget.
        """
        data, flops = self.dataset, self.design.cells[cell].flops
        return execution_seconds(
            self.study, data.input_shape, len(data.labels), flops, epochs or self.study.epochs
        )

    def record_seconds(self, asked: Execution | Record) -> float:
        """The same, for the epochs that an execution trains."""
        return self.seconds(asked.cell, asked.epochs - asked.initial_epoch)

    def pace(self, num_slots: int, records: Iterable[Record]) -> Pace:
        """The pace of the study, from the executions that have ended."""
        pace = Pace(self.record_seconds, self.num_executions, self.total_seconds, num_slots)
        pace.ended(records)
        return pace


def make_plan(study: Study) -> Plan:
    """Resolves a study against its dataset and search space; nothing is trained.

    Raises:
        TunerError: one line for whatever would keep it from being trained.
    """
    strategy = strategy_of(study)
    start_tensorflow()
    dataset = load_dataset(study.dataset)
    train_size, validation_size = sizes(dataset, study.train_size, study.validation_size)
    study = study.model_copy(update={"train_size": train_size, "validation_size": validation_size})
    check_splits(study, dataset, range(study.replicates))
    space = make_space(study.space, dataset.input_shape, dataset.num_classes)
    study, space = resolved_in(study, space, not strategy.covers)
    refuse_unanswerable(study)
    # Strategies that do not cover the planned cells choose their trials themselves, from all cells.
    size = (study.fraction or study.max_trials) if strategy.covers else None
    num_drawn = strategy.num_drawn(study)
    check = check_of(study, space, num_drawn)
    design = make_design(study, space, size, num_drawn, check)
    strategy.make(study, design)  # refuses what the strategy cannot do
    rehearsal = rehearse(study, space, dataset, {**study.held, **design.planned[0].levels})
    study = study.model_copy(update={"scaling": rehearsal.scaling(study.scaling)})
    return Plan(study, dataset, space, design, rehearsal)


def check_splits(study: Study, dataset: Dataset, replicates: Iterable[int]) -> None:
    """Refuses replicates whose images cannot be drawn: a rare class may be missed by one of them.

    Raises:
        DataError: naming the class.
    """
    for replicate in replicates:
        seed = Execution(study, "", 0, replicate, {}, study.epochs).seed
        split(dataset, study.train_size or 0, study.validation_size or 0, seed)


def refuse_unanswerable(study: Study) -> None:
    """Refuses a factor with nothing to compare, and tuning in what is no grid.

    Raises:
        UsageError: naming what was asked, and how to mend it.
    """
    if study.tune and not strategy_of(study).tunes:
        able = " or ".join(strategy.name for strategy in STRATEGIES.values() if strategy.tunes)
        raise UsageError(
            f"--tune {next(iter(study.tune))} goes with --strategy {able}, got {study.strategy}; "
            f"make it a factor instead: --set {next(iter(study.tune))}=V1,V2"
        )
    if study.fraction and not strategy_of(study).covers:
        raise UsageError(
            f"--cells {study.fraction} chooses a part of a grid, got --strategy {study.strategy}; "
            f"expected --strategy grid, or --max-trials {study.fraction}"
        )
    if study.until and (study.fraction or study.max_trials or not strategy_of(study).covers):
        raise UsageError(
            "--until adds replicates of a whole grid: expected --strategy grid without --cells and "
            f"--max-trials, got --strategy {study.strategy}"
            + (" and a part of its cells, of which more tell more" if study.fraction else "")
        )
    for name, levels in study.factors.items():
        if len(levels) == 1:
            raise UsageError(
                f"factor {name} has one level, {levels[0]}: expected two or more, as in "
                f"--set {name}=V1,V2; to hold it: --fix {name}={levels[0]}"
            )


def default_workers(num_executions: int) -> int:
    """One worker a processor that this process may use; one alone where there is a GPU."""
    if gpus():
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(usable or 1, num_executions))


def run(
    plan: Plan,
    folder: StudyFolder,
    num_workers: int,
    started: Callable[[Execution], object] = lambda execution: None,
    max_seconds: float | None = None,
    execution_seconds: float | None = None,
    extended: Callable[[Plan, "Precision"], object] = lambda plan, precision: None,
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
            default ten times what is expected, and ten minutes at least.
        extended: called with each plan that has one replicate more, and what it is added for.

    Raises:
        TimeIsUpError: at the end, if something was not begun for want of time.
    """
    num_slots = max(1, num_workers)
    deadline = time.monotonic() + (math.inf if max_seconds is None else max_seconds)
    executor = make_executor(num_workers)
    finished = False
    try:
        while True:
            limit = time_limit(plan, folder, num_slots, deadline, execution_seconds)
            oracle = make_oracle(plan.study, plan.design)
            for record in loop.run(
                folder,
                plan.study,
                plan.design,
                oracle,
                executor,
                num_slots,
                execute,
                started,
                limit.allows,
                limit.longest,
            ):
                limit.pace.ended([record])
                yield record
            if limit.is_up or not plan.study.until:
                break
            from tuner.precision import precision  # the whole analysis, which few searches need

            reached = precision(plan.study, folder.frames.executions)
            if reached.is_final:
                break
            plan = with_one_more_replicate(plan, folder)
            extended(plan, reached)
        finished = True
        if limit.is_up:
            raise TimeIsUpError("nothing more would end in the time that is left")
    finally:
        executor.shutdown(wait=finished, cancel_futures=not finished)
        folder.write_tables()


def with_one_more_replicate(plan: Plan, folder: StudyFolder) -> Plan:
    """The plan of a study with another replicate, which its folder knows of from now on."""
    study = plan.study.model_copy(update={"replicates": plan.study.replicates + 1})
    check_splits(study, plan.dataset, [study.replicates - 1])
    folder.replace_study(study)
    return replace(plan, study=study)


def gone_on_with(study: Study, output: Path) -> Study:
    """The study as its folder has it, if replicates were added there until something is known."""
    folder = StudyFolder(output / study.name)
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
        execution_seconds: after so many a worker is taken to hang; None for ten times its pace.
    """
    cells = plan.design.planned if strategy_of(plan.study).is_known_beforehand else []
    return TimeLimit(
        deadline=deadline,
        pace=plan.pace(num_slots, folder.records),
        replicate_seconds=[plan.seconds(cell.index) for cell in cells],
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
            loop.replay(folder, asked_anew(plan), num_slots=1)
        claiming.prepare(folder, plan.study, plan.design, about)
        ledger.repair(path)
        folder = folder.reopened()
        if retry_failed:
            stand = kept(folder.records, asked_anew(plan))
            if len(stand) < len(folder.records):
                folder.keep_only(stand)
        known = {record.key for record in folder.records}
        for record in reused:
            if record.key not in known:
                folder.append(record)
        yield folder


def asked_anew(plan: Plan) -> loop.Asked:
    """A fresh oracle of a plan, which has been asked nothing."""
    return loop.Asked(make_oracle(plan.study, plan.design), plan.study, plan.design)


def search(
    study: Study,
    output: str | Path = "results",
    num_workers: int | None = None,
    overwrite: bool = False,
) -> Path:
    """Runs a study to its end, or goes on where it stopped; returns its folder.

    Args:
        study: what to ask.
        output: the folder of studies.
        num_workers: worker processes; by default one a processor; 0 trains in this process.
        overwrite: begin the study anew; what is there is moved aside.

    Raises:
        TunerError: one line for whatever keeps it from being trained.
    """
    refuse_in_import()
    plan = make_plan(study if overwrite else gone_on_with(study, Path(output)))
    path = Path(output) / plan.study.name
    if num_workers is None:
        num_workers = default_workers(plan.num_executions)
    if overwrite:
        claiming.move_aside(StudyFolder(path))
    with claimed(plan, path) as folder:
        for _ in run(plan, folder, num_workers):
            pass
    return path
