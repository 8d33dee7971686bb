"""The command line: the only place that prints, and that catches a TunerError."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from tuner.errors import StudyError, TimeIsUpError, TunerError, UsageError
from tuner.options import takes_study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuner.execution import Execution, Record
    from tuner.progress import Progress
    from tuner.search import Plan
    from tuner.study import Study

STOPPED = 3  # the exit code of a search that can be resumed


class Group(TyperGroup):
    """The commands, with a TunerError told in one line; `--debug` anywhere shows its traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Takes `--debug` wherever it stands."""
        kept = [argument for argument in args if argument != "--debug"]
        return super().parse_args(ctx, ["--debug", *kept] if len(kept) < len(args) else args)

    def invoke(self, ctx: Any) -> Any:
        """Runs a command."""
        try:
            return super().invoke(ctx)
        except TunerError as error:
            if ctx.params.get("debug"):
                raise
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(2 if isinstance(error, UsageError) else 1) from error


app = typer.Typer(
    cls=Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


@app.callback()
def options(
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
) -> None:
    """What do width and depth do to accuracy? Studies of Keras networks, and their effects."""


Output = Annotated[Path, typer.Option(help="The folder of studies.")]
Workers = Annotated[int | None, typer.Option(min=0, help="Worker processes; 0: this one.")]
StudyFolder = Annotated[Path | None, typer.Argument(help="A study's folder; else the newest.")]


@app.command()
@takes_study
def search(
    study: "Study",
    workers: Workers = None,
    output: Output = Path("results"),
    max_time: Annotated[
        str | None, typer.Option(help="Begin nothing that would end later: 90s, 30m, 1.5h.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite/--resume", help="Begin anew, or go on where it stopped.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Train nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell each start.")] = False,
) -> None:
    """Plan a study, train what is missing of it, and remember every execution."""
    from tuner.pace import seconds_of
    from tuner.search import default_workers, make_plan

    max_seconds = None if max_time is None else seconds_of(max_time)
    found = make_plan(study)
    num_workers = default_workers(found.num_executions) if workers is None else workers
    if dry_run:
        show_plan(found, num_workers)
    else:
        train(found, output / found.study.name, num_workers, overwrite, quiet, verbose, max_seconds)


@app.command()
@takes_study
def plan(study: "Study", workers: Workers = None) -> None:
    """Show what a search would train: cells, holes, parameters, FLOPs, time, detectable effect."""
    from tuner.search import default_workers, make_plan

    found = make_plan(study)
    show_plan(found, default_workers(found.num_executions) if workers is None else workers)


def show_plan(found: "Plan", num_workers: int) -> None:
    """Prints the plan."""
    from tuner.tables import plan_tables

    for part in plan_tables(found, num_workers):
        print_result(part)


def train(
    found: "Plan",
    path: Path,
    num_workers: int,
    overwrite: bool,
    quiet: bool,
    verbose: bool,
    max_seconds: float | None,
) -> None:
    """Trains a plan with its progress on stderr; Ctrl-C and SIGTERM end it cleanly."""
    from tuner import ledger
    from tuner.progress import Progress
    from tuner.search import claimed, run

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with claimed(found, path, overwrite):
            progress = Progress(found, ledger.read(path), num_workers)

            def started(execution: "Execution") -> None:
                begun = progress.started(execution)
                if verbose:
                    typer.echo(begun, err=True)

            records = run(found, path, num_workers, started, max_seconds)
            follow(records, progress, quiet, is_live=not (quiet or verbose))
    except (KeyboardInterrupt, TimeIsUpError) as error:
        reason = str(error) or "interrupted"
        typer.echo(f"Stopped: {reason}. All that was trained is kept.", err=True)
        typer.echo(f"To go on: {resume_command()}", err=True)
        raise typer.Exit(STOPPED) from error
    typer.echo(f"{path}: {progress.num_done} of {found.num_executions} executions")
    failed = [record for record in ledger.read(path) if record.status != "ok"]
    if failed:
        typer.echo(f"{len(failed)} failed or diverged; the first: {failed[0].message}")
    typer.echo(f"Next: tuner report {path}")


def follow(
    records: "Iterator[Record]", progress: "Progress", is_quiet: bool, is_live: bool
) -> None:
    """Shows a search while it runs: live on a terminal, else a line an execution."""
    from rich.console import Console

    from tuner.progress import line, live

    console = Console(stderr=True)
    if is_live and console.is_terminal:
        with live(progress, console):
            for record in records:
                progress.ended(record)
        return
    for record in records:
        progress.ended(record)
        if not is_quiet:
            typer.echo(line(record, progress), err=True)


def resume_command() -> str:
    """The command that was typed, without what would begin the study anew."""
    import shlex

    return shlex.join(["tuner", *(part for part in sys.argv[1:] if part != "--overwrite")])


@app.command()
def status(study: StudyFolder = None, output: Output = Path("results")) -> None:
    """Show where a study stands and how much time is left."""
    from tuner.tables import status_tables

    for part in status_tables(study or newest_study(output)):
        print_result(part)


@app.command()
def report(
    source: Annotated[
        Path | None, typer.Argument(help="A study, a table (CSV, Parquet), a Keras Tuner project.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="The page's folder.")] = None,
    width: Annotated[str | None, typer.Option(help="The table's column of widths.")] = None,
    depth: Annotated[str | None, typer.Option(help="The table's column of depths.")] = None,
    replicate: Annotated[str | None, typer.Option(help="The table's column of replicates.")] = None,
    metric: Annotated[str | None, typer.Option(help="The table's objective.")] = None,
    factor: Annotated[list[str], typer.Option(help="A further factor.")] = [],  # noqa: B006
    epoch: Annotated[str | None, typer.Option(help="The table's column of epochs.")] = None,
    verify: Annotated[bool, typer.Option(help="Recompute the numbers of the page there.")] = False,
) -> None:
    """Write the effects, figures and verdicts of a study, or of any table of executions."""
    from tuner.report import read_source, report_folder, verify_report, write_report
    from tuner.tables import findings_table, verify_table

    path = source or newest_study(Path("results"))
    found = read_source(
        path,
        width=width,
        depth=depth,
        replicate=replicate,
        metric=metric,
        factors=tuple(factor),
        epoch=epoch,
    )
    folder = output or report_folder(path)
    if verify:
        numbers = verify_report(found, folder)
        print_result(verify_table(numbers))
        raise typer.Exit(0 if numbers["agrees"].all() else 1)
    written = write_report(found, folder)
    for verdict in written.verdicts:
        typer.echo(verdict)
    print_result(findings_table(written.findings))
    typer.echo(str(written.html))


@app.command()
def spaces(name: Annotated[str | None, typer.Argument(help="One, in detail.")] = None) -> None:
    """Show the search spaces that can be used, or one in detail."""
    from tuner.tables import space_table, spaces_table

    print_result(space_table(name) if name else spaces_table())


@app.command()
def data() -> None:
    """Show which datasets are at hand, and where they were looked for."""
    from tuner.tables import data_table

    print_result(data_table())


def newest_study(output: Path) -> Path:
    """The study that was trained or begun last."""
    studies = [path.parent for path in output.glob("*/study.yaml")]
    if not studies:
        raise StudyError(f"no study in {output}: expected one made by tuner search, or its folder")
    return max(studies, key=lambda path: max(file.stat().st_mtime for file in path.iterdir()))


def print_result(part: Any) -> None:
    """Prints a table or text to stdout, no wider than 80 columns where there is no terminal."""
    from rich.console import Console

    console = Console(soft_wrap=False)
    console.print(part, highlight=False, markup=False) if part is not None else None
