"""The commands that plan studies and train them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuner.cli.concluding import conclude_merge
from tuner.cli.finding import RESULTS, study_folder
from tuner.cli.options import (
    Address,
    Callback,
    Dataset,
    DryRun,
    ExecutionLimit,
    Executor,
    MaxTime,
    Output,
    Quiet,
    StudyTyped,
    Verbose,
    Workers,
    WorkersPerGpu,
    completed,
    takes_study,
)
from tuner.cli.parsing import app
from tuner.cli.searching import how_to_run, planning, train
from tuner.cli.telling import echo, print_result
from tuner.lookup import existing

if TYPE_CHECKING:
    from tuner.planning import Plan
    from tuner.study import Study

BOTH = "training+validation"


@app.command(epilog="Example: tuner search --dataset digits --set conv_blocks=1,2,3 --epochs 9")
@takes_study
def search(
    study: "Study",
    is_named: bool,
    workers: Workers = None,
    output: Output = RESULTS,
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
    callback: Callback = [],  # noqa: B006
    dry_run: DryRun = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Plan a study, train what is missing of it, and remember every execution."""
    where = executor, address, workers_per_gpu
    how = how_to_run(workers, max_time, execution_limit, quiet, verbose, *where, callback)
    with planning(how, study.dataset, trains=not dry_run):
        found = planned(study, is_named, output, begins_anew=overwrite)
    if dry_run:
        show_plan(found, how.workers_for(found), output)
    else:
        train(found, output / found.study.folder_name, how, overwrite, retry_failed)


@app.command(epilog="Example: tuner plan --dataset digits --set dense_depth=0,1,2")
@takes_study
def plan(study: "Study", is_named: bool, workers: Workers = None, output: Output = RESULTS) -> None:
    """Show what a search would train: cells, holes, parameters, FLOPs, time, detectable effect."""
    how = how_to_run(workers)
    with planning(how, study.dataset, trains=False):
        found = planned(study, is_named, output)
    show_plan(found, how.workers_for(found), output)


def planned(study: "Study", is_named: bool, output: Path, begins_anew: bool = False) -> "Plan":
    """A study's plan, under a name that is free or its own where it was given none."""
    from tuner.planning import make_plan

    if is_named:
        from tuner.running import gone_on_with

        return make_plan(study if begins_anew else gone_on_with(study, output))
    from tuner.cli.naming import named

    return named(make_plan(study), output)


@app.command(epilog="Example: tuner complete width-depth-hyperband-digits --dry-run")
def complete(
    study: StudyTyped = None,
    factors: Annotated[str | None, typer.Option(help="A,B: by default all of the study.")] = None,
    dataset: Dataset = None,
    workers: Workers = None,
    output: Output = RESULTS,
    max_time: MaxTime = None,
    execution_limit: ExecutionLimit = None,
    executor: Executor = "local",
    address: Address = None,
    workers_per_gpu: WorkersPerGpu = None,
    callback: Callback = [],  # noqa: B006
    dry_run: DryRun = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Train a full factorial around the best cell of a study, so that effects can be estimated."""
    where = executor, address, workers_per_gpu
    how = how_to_run(workers, max_time, execution_limit, quiet, verbose, *where, callback)
    wanted = factors.split(",") if factors else []
    folder = study_folder(study, output)
    with planning(how, dataset or folder.study.dataset, trains=not dry_run):
        from tuner.cli.naming import completed_plan

        found, reused = completed_plan(folder, wanted, dataset, output)
    show_plan(found, how.workers_for(found), output)
    echo(f"{len(reused)} executions are reused; {found.num_executions - len(reused)} to train")
    if not dry_run:
        train(found, output / found.study.name, how, reused=reused)


def show_plan(found: "Plan", num_workers: int, output: Path) -> None:
    """Prints the plan."""
    from tuner.cli.tables import plan_tables

    for part in plan_tables(found, num_workers, output):
        print_result(part)


@app.command(epilog="Example: tuner finalize width-depth-digits --train-on training")
def finalize(
    study: StudyTyped = None,
    cell: Annotated[
        int | None, typer.Option(min=0, help="Its number in tuner show --cells; else the best.")
    ] = None,
    train_on: Annotated[
        str,
        typer.Option(
            help="training+validation; or training: the network as the study had it.",
            autocompletion=completed(lambda: [BOTH, "training"]),
        ),
    ] = BOTH,
    again: Annotated[
        bool, typer.Option("--again", help="Look at the test images another time.")
    ] = False,
    onnx: Annotated[bool, typer.Option("--onnx", help="Keep it as model.onnx too.")] = False,
    dataset: Dataset = None,
    output: Output = RESULTS,
    quiet: Quiet = False,
) -> None:
    """Train the chosen network once more, keep it, and score it on the test images: once."""
    from tuner.cli.finalizing import end_study, trained_on

    kind = trained_on(train_on)
    end_study(study_folder(study, output), cell, kind, dataset, again, onnx, quiet)


@app.command(epilog="Example: tuner merge results/divided.shard-*")
def merge(
    studies: Annotated[list[Path], typer.Argument(help="Folders of its shards, or of copies.")],
    name: Annotated[str | None, typer.Option(help="The merged study's; by default theirs.")] = None,
    output: Output = RESULTS,
) -> None:
    """Join the shards of a study, or copies that are partly done, into one study."""
    from tuner.merging import merge

    folders = [existing(path, output) for path in studies]
    conclude_merge(merge(folders, output, name), len(studies))
