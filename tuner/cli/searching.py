"""A search as the command line runs it: its progress, its interruptions, its last words."""

import shlex
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from tuner.cli.concluding import conclude, make_ready
from tuner.cli.interrupts import hear_interrupts, until_interrupted
from tuner.cli.telling import echo, is_lively
from tuner.errors import TimeIsUpError, UsageError
from tuner.words import printable, seconds_of, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from tuner.cli.progress import Progress
    from tuner.execution import Execution, Record
    from tuner.folder import StudyFolder
    from tuner.planning import Plan
    from tuner.precision import Precision

STOPPED = 3  # the exit code of a search that can be resumed


class How(NamedTuple):
    """How a search is run and shown; none of it changes its numbers."""

    num_workers: int | None
    max_seconds: float | None
    execution_seconds: float | None
    is_quiet: bool
    is_verbose: bool
    executor: str
    address: str | None
    workers_per_gpu: int | None = None
    callbacks: "Sequence[Any]" = ()

    @property
    def is_live(self) -> bool:
        """Whether a search is shown as a table that changes: on a terminal."""
        return is_lively(sys.stderr) and not (self.is_quiet or self.is_verbose)

    @property
    def is_inline(self) -> bool:
        """Whether a search is shown under the cell of a notebook."""
        from rich.console import Console

        return Console().is_jupyter and not (self.is_quiet or self.is_verbose)

    @property
    def tells_lines(self) -> bool:
        """Whether a search is told a line an execution."""
        return not (self.is_live or self.is_inline or self.is_quiet)

    def start_workers(self) -> None:
        """Has what workers need be imported while the study is planned."""
        from tuner.engine.executors.local import start_workers

        if self.executor == "local" and self.num_workers != 0:
            start_workers()

    def workers_for(self, found: "Plan") -> int:
        """The worker processes for a plan."""
        from tuner.running import default_workers

        if self.num_workers is not None:
            return self.num_workers
        where = self.executor, self.address
        return default_workers(found.num_executions, *where, self.workers_per_gpu)


@contextmanager
def planning(how: How, dataset: str, trains: bool = True) -> "Iterator[None]":
    """Shows on a terminal what is being read, from the first moment; has workers begin."""
    if not how.is_live:
        if trains:
            how.start_workers()
        yield
        return
    from rich.console import Console
    from rich.text import Text

    reading = printable(f"reading {shortened(dataset, 40)} …")
    with Console(stderr=True).status(Text(reading)):
        if trains:
            how.start_workers()
        yield


def how_to_run(
    workers: int | None,
    max_time: str | None = None,
    execution_limit: str | None = None,
    quiet: bool = False,
    verbose: bool = False,
    executor: str = "local",
    address: str | None = None,
    workers_per_gpu: int | None = None,
    callbacks: "Sequence[str]" = (),
) -> How:
    """How a search is run, from what was typed.

    Raises:
        UsageError: for a time that is none, an executor or a callback that cannot be had, or two
            numbers of workers.
    """
    from tuner.callbacks import load_callback
    from tuner.engine.executors import check_executor

    check_executor(executor, address, workers)
    if workers_per_gpu is not None and (workers is not None or executor != "local"):
        raise UsageError(
            "--workers-per-gpu says how many workers this machine has: expected no --workers and "
            "no --executor beside it"
        )
    limits = [None if typed is None else seconds_of(typed) for typed in (max_time, execution_limit)]
    loaded = [load_callback(name) for name in callbacks]
    where = executor, address, workers_per_gpu
    return How(workers, limits[0], limits[1], quiet, verbose, *where, loaded)


def train(
    found: "Plan",
    path: Path,
    how: How,
    overwrite: bool = False,
    retry_failed: bool = False,
    reused: "Sequence[Record]" = (),
) -> None:
    """Trains a plan with its progress on stderr; Ctrl-C and SIGTERM end it cleanly."""
    from tuner.claiming import move_aside
    from tuner.folder import StudyFolder

    was_interrupted = hear_interrupts()
    try:
        if overwrite and (aside := move_aside(StudyFolder(path))):
            echo(f"The study that was there is now {aside}", err=True)
        folder = train_shown(
            found, path, how, reused, retry_failed,
            lambda records: until_interrupted(records, was_interrupted),
        )  # fmt: skip
    except (KeyboardInterrupt, TimeIsUpError) as error:
        reason = str(error) or "interrupted"
        echo(f"Stopped: {reason}. All that was trained is kept.", err=True)
        echo(f"To go on: {resume_command()}", err=True)
        raise typer.Exit(STOPPED) from error
    conclude(folder)


def warn(text: str) -> None:
    """Tells of a callback that failed: above a live table, which `echo` would write into."""
    sys.stderr.write(f"{printable(text)}\n")


def train_shown(
    found: "Plan",
    path: Path,
    how: How,
    reused: "Sequence[Record]" = (),
    retry_failed: bool = False,
    watched: "Callable[[Generator[Record, None, None]], Iterator[Record]]" = iter,
) -> "StudyFolder":
    """Trains what is missing of a plan, with its progress on stderr or in a notebook's cell.

    Args:
        found: the plan.
        path: of the study's folder.
        how: it is run and shown.
        reused: records of another study that are executions of this one.
        retry_failed: train anew what failed or was lost.
        watched: gives the new records on, and may end them.

    Returns:
        The folder, with the records that it has now.
    """
    from tuner.cli.progress import Progress
    from tuner.running import claimed, run

    num_workers = how.workers_for(found)
    with claimed(found, path, reused, retry_failed) as folder:
        progress = Progress(found, folder.records, max(1, num_workers), folder.under_way)

        def started(execution: "Execution") -> None:
            begun = progress.started(execution)
            if how.is_verbose:
                echo(begun, err=True)

        def extended(larger: "Plan", reached: "Precision") -> None:
            progress.extended(larger)
            if how.tells_lines:
                echo(f"{reached.text}; one replicate more", err=True)

        limits = how.max_seconds, how.execution_seconds
        where = how.executor, how.address
        told = how.callbacks, warn
        records = run(found, folder, num_workers, started, *limits, extended, *where, *told)
        follow(watched(records), progress, how)
    return folder


def follow(records: "Iterator[Record]", progress: "Progress", how: How) -> None:
    """Shows a search while it runs: a table on a terminal or in a notebook, else in lines."""
    from rich.console import Console

    from tuner.cli.progress import line

    with ExitStack() as shown:
        if how.is_live:
            from tuner.cli.live import live

            shown.enter_context(live(progress, Console(stderr=True)))
        elif how.is_inline:
            from tuner.cli.notebook import inline

            shown.enter_context(inline(progress))
        for record in records:
            progress.ended(record)
            if how.tells_lines:
                echo(line(record, progress), err=True)
            if 0 < progress.num_left < progress.pace.num_slots:  # a processor has nothing to do
                make_ready()


def resume_command() -> str:
    """The command that was typed, without what would begin anew what it has begun."""
    once = ("--overwrite", "--retry-failed")
    return shlex.join(["tuner", *(part for part in sys.argv[1:] if part not in once)])
