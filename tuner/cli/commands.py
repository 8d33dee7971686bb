"""The commands that plan, train and read studies."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuner.cli.options import source_path, takes_study
from tuner.cli.parsing import Group
from tuner.cli.searching import conclude_merge, how_to_run, planning, train
from tuner.cli.telling import echo, print_result
from tuner.errors import StudyError, UsageError

if TYPE_CHECKING:
    from tuner.planning import Plan
    from tuner.study import Study


app = typer.Typer(
    cls=Group, no_args_is_help=True, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


def show_version(is_asked: bool) -> None:
    """Prints the version, and ends the command."""
    from importlib.metadata import version

    if is_asked:
        echo(f"tuner {version('width-depth-tuner')}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=show_version, help="Show the version."),
    ] = False,
) -> None:
    """What do width and depth do to accuracy? Studies of Keras networks, and their effects."""


Output = Annotated[Path, typer.Option(help="The folder of studies.")]
Workers = Annotated[int | None, typer.Option(min=0, help="Worker processes; 0: this one.")]
WorkersPerGpu = Annotated[
    int | None, typer.Option(min=1, help="Workers that share a GPU of this machine: else one.")
]
MaxTime = Annotated[
    str | None, typer.Option(help="Begin nothing that would end later: 90s, 30m, 1.5h.")
]
ExecutionLimit = Annotated[
    str | None, typer.Option(help="End a worker that takes longer for one execution: 30m.")
]
Executor = Annotated[
    str, typer.Option(metavar="NAME", help="Where: local, ray, dask, or module:factory.")
]
Address = Annotated[
    str | None, typer.Option(help="A cluster of Ray or Dask to join; else one is started here.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan; train nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Tell each start.")]
StudyFolder = Annotated[Path | None, typer.Argument(help="A study's folder; else the newest.")]


@app.command()
@takes_study
def search(
    study: "Study",
    workers: Workers = None,
    output: Output = Path("results"),
    max_time: MaxTime = None,
    execution_limit: ExecutionLimit = None,
    executor: Executor = "local",
    address: Address = None,
    workers_per_gpu: WorkersPerGpu = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite/--resume", help="Begin anew (the old is moved aside), or go on."),
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Train what failed or was lost again.")
    ] = False,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Plan a study, train what is missing of it, and remember every execution."""
    how = how_to_run(
        workers, max_time, execution_limit, quiet, verbose, executor, address, workers_per_gpu
    )
    with planning(how, trains=not dry_run):
        from tuner.planning import make_plan
        from tuner.running import gone_on_with

        found = make_plan(study if overwrite else gone_on_with(study, output))
    if dry_run:
        show_plan(found, how.workers_for(found), output)
    else:
        train(found, output / found.study.folder_name, how, overwrite, retry_failed)


@app.command()
@takes_study
def plan(study: "Study", workers: Workers = None, output: Output = Path("results")) -> None:
    """Show what a search would train: cells, holes, parameters, FLOPs, time, detectable effect."""
    from tuner.planning import make_plan

    found = make_plan(study)
    show_plan(found, how_to_run(workers).workers_for(found), output)


@app.command()
def complete(
    study: StudyFolder = None,
    factors: Annotated[str | None, typer.Option(help="A,B: by default all of the study.")] = None,
    workers: Workers = None,
    output: Output = Path("results"),
    max_time: MaxTime = None,
    execution_limit: ExecutionLimit = None,
    executor: Executor = "local",
    address: Address = None,
    workers_per_gpu: WorkersPerGpu = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Train a full factorial around the best cell of a study, so that effects can be estimated."""
    how = how_to_run(
        workers, max_time, execution_limit, quiet, verbose, executor, address, workers_per_gpu
    )
    wanted = factors.split(",") if factors else []
    with planning(how, trains=not dry_run):
        from tuner.completing import completed_study, reused_records
        from tuner.folder import StudyFolder
        from tuner.planning import make_plan

        completed, records = completed_study(StudyFolder(study or newest_study(output)), wanted)
        found = make_plan(completed)
    reused = reused_records(found, records)
    show_plan(found, how.workers_for(found), output)
    echo(f"{len(reused)} executions are reused; {found.num_executions - len(reused)} to train")
    if not dry_run:
        train(found, output / found.study.name, how, reused=reused)


def show_plan(found: "Plan", num_workers: int, output: Path) -> None:
    """Prints the plan."""
    from tuner.cli.tables import plan_tables

    for part in plan_tables(found, num_workers, output):
        print_result(part)


@app.command()
def status(study: StudyFolder = None, output: Output = Path("results")) -> None:
    """Show where a study stands and how much time is left."""
    from tuner.cli.tables import status_tables
    from tuner.folder import StudyFolder

    for part in status_tables(StudyFolder(study or newest_study(output))):
        print_result(part)


@app.command()
def merge(
    studies: Annotated[list[Path], typer.Argument(help="Folders of its shards, or of copies.")],
    name: Annotated[str | None, typer.Option(help="The merged study's; by default theirs.")] = None,
    output: Output = Path("results"),
) -> None:
    """Join the shards of a study, or copies that are partly done, into one study."""
    from tuner.merging import merge

    conclude_merge(merge(studies, output, name), len(studies))


@app.command()
def show(
    study: StudyFolder = None,
    best: Annotated[bool, typer.Option("--best", help="Cells by objective; the default.")] = False,
    cells: Annotated[bool, typer.Option("--cells", help="The design.")] = False,
    executions: Annotated[bool, typer.Option("--executions", help="One row each.")] = False,
    space: Annotated[bool, typer.Option("--space", help="Factors, and what is held.")] = False,
    style: Annotated[str, typer.Option("--format", help="table, json, csv or md.")] = "table",
    output: Output = Path("results"),
) -> None:
    """Show the tables of a study: its best cells within one budget, cells, executions, space."""
    from tuner.cli.showing import SHOWN, formatted, on_screen
    from tuner.cli.tables import frame_table
    from tuner.folder import StudyFolder

    if style not in ("table", "json", "csv", "md"):
        raise UsageError(f"--format: expected table, json, csv or md, got {style!r}")
    asked = {"best": best, "cells": cells, "executions": executions, "space": space}
    chosen = [name for name, is_asked in asked.items() if is_asked] or ["best"]
    if len(chosen) > 1:
        raise UsageError(f"expected one of --best, --cells, --executions, --space, got {chosen}")
    folder = StudyFolder(study or newest_study(output))
    caption, rows = SHOWN[chosen[0]](folder)
    if style == "table":
        print_result(frame_table(on_screen(rows, folder), caption))
    else:
        echo(formatted(rows, style).rstrip())


@app.command()
def report(
    source: Annotated[
        Path | None,
        typer.Argument(
            parser=source_path,
            metavar="[SOURCE]",
            help="A study, a table (CSV, Parquet), or what Keras Tuner, Optuna or Ray Tune kept.",
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="The page's folder.")] = None,
    width: Annotated[str | None, typer.Option(help="The factor that is the width.")] = None,
    depth: Annotated[str | None, typer.Option(help="The factor that is the depth.")] = None,
    replicate: Annotated[str | None, typer.Option(help="The table's column of replicates.")] = None,
    metric: Annotated[str | None, typer.Option(help="The table's objective.")] = None,
    factor: Annotated[list[str], typer.Option(help="A further factor.")] = [],  # noqa: B006
    epoch: Annotated[str | None, typer.Option(help="The table's column of epochs.")] = None,
    maximize: Annotated[
        bool | None,
        typer.Option("--maximize/--minimize", help="Whether more of the table's metric is better."),
    ] = None,
    study_name: Annotated[
        str | None, typer.Option(help="One of several studies in an Optuna storage.")
    ] = None,
    verify: Annotated[bool, typer.Option(help="Recompute the numbers of the page there.")] = False,
) -> None:
    """Write the effects, figures and verdicts of a study, or of any table of executions."""
    from tuner.cli.tables import findings_table, verify_table
    from tuner.report import read_source, report_folder, verify_report, write_report

    path = source or newest_study(Path("results"))
    found = read_source(
        path,
        width=width,
        depth=depth,
        replicate=replicate,
        metric=metric,
        factors=tuple(factor),
        epoch=epoch,
        maximize=maximize,
        study_name=study_name,
    )
    folder = output or report_folder(path)
    if verify:
        numbers = verify_report(found, folder)
        print_result(verify_table(numbers))
        raise typer.Exit(0 if numbers["agrees"].all() else 1)
    written = write_report(found, folder)
    for verdict in written.verdicts:
        echo(verdict)
    print_result(findings_table(written.findings))
    echo(str(written.html))


@app.command()
def spaces(name: Annotated[str | None, typer.Argument(help="One, in detail.")] = None) -> None:
    """Show the search spaces that can be used, or one in detail."""
    from tuner.cli.tables import space_table, spaces_table

    print_result(space_table(name) if name else spaces_table())


@app.command()
def data() -> None:
    """Show which datasets are at hand, and where they were looked for."""
    from tuner.cli.tables import data_table

    print_result(data_table())


def newest_study(output: Path) -> Path:
    """The study that was trained or begun last."""
    from tuner.folder import studies_by_age

    if not (studies := studies_by_age(output)):
        raise StudyError(f"no study in {output}: expected one made by tuner search, or its folder")
    return studies[-1].path
