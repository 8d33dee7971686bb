"""The commands that only read: where studies stand, and what they found."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuner.cli.finding import (
    RESULTS,
    apart,
    complete_study,
    different,
    newest_study,
    study_folder,
)
from tuner.cli.formats import Format, show_frame
from tuner.cli.options import Output, StudyTyped, completed, export_targets
from tuner.cli.parsing import app
from tuner.cli.telling import echo, print_result
from tuner.errors import UsageError
from tuner.lookup import existing, source_path
from tuner.words import counted

if TYPE_CHECKING:
    from tuner.report import Report


@app.command(epilog="Example: tuner status --watch")
def status(
    study: StudyTyped = None,
    output: Output = RESULTS,
    watch: Annotated[bool, typer.Option("--watch", help="Until the search has ended.")] = False,
) -> None:
    """Show where a study stands: who trains it, what is best so far, the time left, what next."""
    from tuner.cli import status as standings
    from tuner.standing import Standing

    folder = study_folder(study, output)
    if watch:
        standings.watch(folder.path)
    else:
        print_result(standings.status_table(Standing(folder)))


@app.command("list", epilog="Example: tuner list --output results")
def list_studies(output: Output = RESULTS) -> None:
    """Show the studies of a folder: state, executions done, best, when each changed last."""
    from rich.console import Console

    from tuner.cli.status import list_table
    from tuner.lookup import studies_in

    if studies_in(output):
        print_result(list_table(output, Console().width))
    else:
        echo(f"no study in {output}: tuner search makes one")


@app.command(epilog="Example: tuner show --cells --format csv")
def show(
    study: StudyTyped = None,
    best: Annotated[bool, typer.Option("--best", help="Cells by objective; the default.")] = False,
    cells: Annotated[bool, typer.Option("--cells", help="The design.")] = False,
    executions: Annotated[bool, typer.Option("--executions", help="One row each.")] = False,
    space: Annotated[bool, typer.Option("--space", help="Factors, and what is held.")] = False,
    style: Format = "table",
    output: Output = RESULTS,
) -> None:
    """Show the tables of a study: its best cells within one budget, cells, executions, space."""
    from tuner.cli.showing import SHOWN, on_screen

    asked = {"best": best, "cells": cells, "executions": executions, "space": space}
    chosen = [name for name, is_asked in asked.items() if is_asked] or ["best"]
    if len(chosen) > 1:
        raise UsageError(f"expected one of --best, --cells, --executions, --space, got {chosen}")
    folder = study_folder(study, output)
    caption, rows = SHOWN[chosen[0]](folder)
    show_frame(rows, caption, style, lambda rows: on_screen(rows, folder))


@app.command(epilog="Example: tuner report runs.csv --width w --depth d --replicate seed --open")
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
    opens: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Write the effects, figures and verdicts of a study, or of any table of executions."""
    from tuner.cli.tables import verify_table
    from tuner.report import read_source, report_folder, verify_report, write_report

    path = existing(source, RESULTS) if source else newest_study(RESULTS)
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
    tell_report(write_report(found, folder))
    if opens:
        typer.launch((folder / "report.html").resolve().as_uri())


def tell_report(written: "Report") -> None:
    """Says what a page says, and at the end, in two sentences, what the answer is."""
    from tuner.cli.concluding import MOST_ANSWERS
    from tuner.cli.tables import findings_table

    for verdict in written.verdicts:
        echo(verdict)
    print_result(findings_table(written.findings))
    echo(str(written.html))
    for sentence in written.answers[:MOST_ANSWERS]:
        echo(sentence)


@app.command(epilog="Example: tuner export width-depth-digits --to tensorboard")
def export(
    study: StudyTyped = None,
    to: Annotated[
        str,
        typer.Option(
            metavar="TARGET",
            help="tensorboard, mlflow, wandb or keras-tuner.",
            autocompletion=completed(export_targets),
        ),
    ] = "tensorboard",
    output: Annotated[
        Path | None,
        typer.Option(help="The folder to write to; else one in the study's, or MLflow's server."),
    ] = None,
) -> None:
    """Write a study's executions for TensorBoard, MLflow, W&B (offline) or a stock Keras Tuner."""
    from tuner.export import export

    written = export(study_folder(study, RESULTS), to, output)
    there = f", {written.there} there before" if written.there else ""
    echo(f"{written.place}: {counted(written.added, written.what)} added{there}")
    for left_out in written.left_out:
        echo(f"Left out: {left_out}")
    echo(f"Next: {written.opened}")


@app.command(epilog="Example: tuner compare width-depth-cifar10 width-depth-digits")
def compare(
    studies: Annotated[
        list[Path],
        typer.Argument(
            metavar="STUDY",
            help="Two to five studies or tables, each against the first.",
            autocompletion=complete_study,
        ),
    ],
    output: Annotated[Path | None, typer.Option(help="The page's folder.")] = None,
    opens: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Put the effects of two studies or more side by side, with their differences."""
    from tuner.cli.tables import findings_table
    from tuner.report import comparison_folder, read_source, write_comparison

    paths = different([existing(typed, RESULTS) for typed in studies])
    sources = apart([read_source(path) for path in paths], paths)
    written = write_comparison(sources, output or comparison_folder(sources))
    for part in (*written.sharing, findings_table(written.findings), str(written.html)):
        print_result(part)
    for sentence in written.answers:
        echo(sentence)
    if opens:
        typer.launch(written.html.resolve().as_uri())
