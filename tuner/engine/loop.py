"""The engine: asks the oracle, submits to the executor, appends to the ledger, tells the oracle."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from tuner import checkpoints
from tuner.engine.asking import Asked, replay
from tuner.engine.executors import EndsWorkers, KnowsWorkers, WorkerDiedError
from tuner.execution import Execution, Key, Outcome, Record, record_of
from tuner.folder import StudyFolder
from tuner.words import duration

Train = Callable[[Execution], Outcome]
MayStart = Callable[[Execution], bool]
#: From an execution, the seconds since its start, and those since it was last heard of.
IsLate = Callable[[Execution, float, float], bool]
MOST_TRIES = 3  # of an execution whose worker dies before it has come any further
LOOK_EVERY = 1.0  # seconds, for workers that take too long


@dataclass
class UnderWay:
    """The executions that an executor has, since when, and how often each has been tried.

    Attributes:
        executor: Where they run.
        train: From an execution to its record and its state.
        folder: In which they note how far they have come.
        executions: By what the executor has given for them.
        since: Their start, on the clock of `time.monotonic`.
        heard: How many epochs each has told, and when it has told the last.
        tries: Since they last kept a state.
        kept: When that was.
    """

    executor: Executor
    train: Train
    folder: Path
    executions: dict[Future[Outcome], Execution] = field(default_factory=dict)
    since: dict[Future[Outcome], float] = field(default_factory=dict)
    heard: dict[Key, tuple[int, float]] = field(default_factory=dict)
    tries: Counter[Key] = field(default_factory=Counter)
    kept: dict[Key, int | None] = field(default_factory=dict)

    def submit(self, execution: Execution) -> None:
        """Begins an execution."""
        kept = checkpoints.changed(self.folder, execution.key)
        if self.kept.get(execution.key) != kept:
            self.kept[execution.key], self.tries[execution.key] = kept, 0
        self.tries[execution.key] += 1
        future = self.executor.submit(self.train, execution)
        self.executions[future] = execution
        self.since[future] = time.monotonic()

    def ended(self, is_late: IsLate, look: Callable[[], object]) -> list[Future[Outcome]]:
        """Waits for one or more to end; ends the workers of those that take too long."""
        done: set[Future[Outcome]] = set()
        while not done:
            done, _ = wait(self.executions, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
            look()
            if not done and isinstance(self.executor, EndsWorkers):
                self._end_late(self.executor, is_late)
        return sorted(done, key=lambda future: self.executions[future].key)

    def _end_late(self, executor: EndsWorkers, is_late: IsLate) -> None:
        now = time.monotonic()
        for key, epoch in checkpoints.epochs(self.folder).items():
            if epoch != self.heard.get(key, (0, now))[0]:
                self.heard[key] = epoch, now
        for future, execution in self.executions.items():
            _, heard = self.heard.get(execution.key, (0, 0.0))
            since = self.since[future]
            if is_late(execution, now - since, now - max(since, heard)):
                executor.end(future)

    def outcome(self, future: Future[Outcome], may_start: MayStart) -> Outcome | None:
        """What came of an execution; None where its worker died and it is not lost for that.

        It is tried again, in another worker, if it may still be started; else its next search does.

        Raises:
            TunerError: if the dataset or the space could not be had.
        """
        execution = self.executions.pop(future)
        seconds = time.monotonic() - self.since.pop(future)
        try:
            return future.result()
        except WorkerDiedError as error:
            if not may_start(execution):
                return None
            if self.tries[execution.key] < MOST_TRIES:
                self.submit(execution)
                return None
            message = f"tried {MOST_TRIES} times; the last time {error} after {duration(seconds)}"
            seconds = round(seconds, 3)
            return Outcome(record_of(execution, "lost", message=message, seconds=seconds))


def run(
    folder: StudyFolder,
    asked: Asked,
    executor: Executor,
    num_slots: int,
    train: Train,
    started: Callable[[Execution], object] = lambda execution: None,
    may_start: MayStart = lambda execution: True,
    is_late: IsLate = lambda execution, seconds, quiet: False,
    look: Callable[[], object] = lambda: None,
) -> Iterator[Record]:
    """Runs a study to its end; yields each record once it is in the ledger.

    What the ledger already holds is replayed: the oracle is asked and told as it was the first
    time, and those executions are not trained again.

    Args:
        folder: of the study; this process must hold its lock.
        asked: a fresh oracle of the study, which has been asked nothing.
        executor: where executions run.
        num_slots: how many executions are under way at a time.
        train: from an execution to its record and its state.
        started: called with each execution that is submitted.
        may_start: asked before each; the first "no" ends the run when what is under way has ended.
        is_late: whether the worker of an execution is to be ended.
        look: called every second or so while executions are waited for.

    Raises:
        StudyError: if the ledger holds what this study would not have done.
    """
    waiting = replay(folder, asked, num_slots)
    checkpoints.drop(folder.checkpoints, asked.is_needed)  # what a killed search has left
    ended = {record.key for record in folder.records}
    checkpoints.drop(folder.under_way, lambda key: key not in ended)
    under_way = UnderWay(executor, train, folder.under_way)
    is_open = True
    while True:
        while is_open and len(under_way.executions) < num_slots:
            worker = executor.next_worker() if isinstance(executor, KnowsWorkers) else None
            execution = waiting.pop(0) if waiting else asked.next_execution(worker)
            is_open = execution is None or may_start(execution)
            if execution is None or not is_open:
                break
            started(execution)
            under_way.submit(with_state(folder, execution, asked))
        if not under_way.executions:
            return
        outcomes = [
            under_way.outcome(future, may_start) for future in under_way.ended(is_late, look)
        ]
        records = keep(folder, [outcome for outcome in outcomes if outcome is not None])
        for record in records:
            asked.tell(record)
        checkpoints.drop(folder.checkpoints, asked.is_needed)
        yield from records


def keep(folder: StudyFolder, outcomes: Sequence[Outcome]) -> list[Record]:
    """Puts outcomes on disk, the states first: a record in the ledger has what it needs."""
    records = [outcome.record for outcome in outcomes]
    for record, state in outcomes:
        if state is not None:
            checkpoints.write(folder.checkpoints, record.key, state)
    folder.append(*records)  # those that have ended together are synced together
    for record in records:
        checkpoints.forget(folder.under_way, record.key)
    return records


def with_state(folder: StudyFolder, execution: Execution, asked: Asked) -> Execution:
    """The execution with its parent's state, where it has one to go on from."""
    state = None  # where it is not there any more, the execution trains up to it again
    if execution.parent is not None:
        state = checkpoints.read(folder.checkpoints, Key(execution.parent, execution.replicate))
    keeps_state = asked.is_needed(execution.key)
    folder.under_way.mkdir(exist_ok=True)
    return replace(execution, state=state, keeps_state=keeps_state, under_way=folder.under_way)
