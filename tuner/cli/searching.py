"""A search as the command line runs it: its progress, its interruptions, its last words."""

import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from tuner.errors import StudyError, TimeIsUpError
from tuner.words import in_one_line, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tuner.cli.progress import Progress
    from tuner.execution import Execution, Record
    from tuner.planning import Plan

STOPPED = 3  # the exit code of a search that can be resumed


class How(NamedTuple):
    """How a search is run and shown; none of it changes its numbers."""

    num_workers: int | None
    max_seconds: float | None
    is_quiet: bool
    is_verbose: bool

    def workers_for(self, found: "Plan") -> int:
        """The worker processes for a plan."""
        from tuner.planning import default_workers

        default = default_workers(found.num_executions)
        return default if self.num_workers is None else self.num_workers


def how_to_run(
    workers: int | None, max_time: str | None = None, quiet: bool = False, verbose: bool = False
) -> How:
    """How a search is run, from what was typed."""
    from tuner.engine.pace import seconds_of

    return How(workers, None if max_time is None else seconds_of(max_time), quiet, verbose)


def train(
    found: "Plan",
    path: Path,
    how: How,
    overwrite: bool = False,
    reused: "Sequence[Record]" = (),
) -> None:
    """Trains a plan with its progress on stderr; Ctrl-C and SIGTERM end it cleanly."""
    from tuner.cli.progress import Progress
    from tuner.planning import claimed, run

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with claimed(found, path, overwrite, reused) as folder:
            num_workers = how.workers_for(found)
            progress = Progress(found, folder.records, max(1, num_workers))

            def started(execution: "Execution") -> None:
                begun = progress.started(execution)
                if how.is_verbose:
                    typer.echo(begun, err=True)

            records = run(found, folder, num_workers, started, how.max_seconds)
            follow(records, progress, how)
    except (KeyboardInterrupt, TimeIsUpError) as error:
        reason = str(error) or "interrupted"
        typer.echo(f"Stopped: {reason}. All that was trained is kept.", err=True)
        typer.echo(f"To go on: {resume_command()}", err=True)
        raise typer.Exit(STOPPED) from error
    typer.echo(f"{path}: {progress.num_done} of {found.num_executions} executions")
    failed = [record for record in folder.records if record.status != "ok"]
    if failed:
        reason = short(in_one_line(failed[0].message), 300)
        if len(failed) == len(folder.records):
            raise StudyError(f"all {len(failed)} executions failed or diverged: {reason}")
        typer.echo(f"{len(failed)} failed or diverged; the first: {reason}")
    typer.echo(f"Next: tuner report {path}")


def follow(records: "Iterator[Record]", progress: "Progress", how: How) -> None:
    """Shows a search while it runs: live on a terminal, else a line an execution."""
    from rich.console import Console

    from tuner.cli.progress import line, live

    console = Console(stderr=True)
    if console.is_terminal and not (how.is_quiet or how.is_verbose):
        with live(progress, console):
            for record in records:
                progress.ended(record)
        return
    for record in records:
        progress.ended(record)
        if not how.is_quiet:
            typer.echo(line(record, progress), err=True)


def resume_command() -> str:
    """The command that was typed, without what would begin the study anew."""
    return shlex.join(["tuner", *(part for part in sys.argv[1:] if part != "--overwrite")])
