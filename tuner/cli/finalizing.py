"""The end of a study as the command line runs it: which network, its training, one look."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, get_args

import typer

from tuner.cli.concluding import best_text, spelled
from tuner.cli.interrupts import hear_interrupts
from tuner.cli.searching import STOPPED, resume_command
from tuner.cli.telling import echo, is_lively
from tuner.errors import UsageError
from tuner.looks import ACCURACY, Look, TrainedOn, accuracy_text, looks_text, tested
from tuner.objective import Objective
from tuner.words import counted, nearest, printable, shortened

if TYPE_CHECKING:
    from tuner.finalizing import Chosen, Finalized
    from tuner.folder import StudyFolder

Tell = Callable[[str], object]
OF_WHAT = (
    "The interval is of the test images: how far this network may be on all images of their kind "
    "from what it is on these. What another seed would change is not in it."
)


def trained_on(typed: str) -> TrainedOn:
    """What the network is trained on, as it was typed.

    Raises:
        UsageError: for another word, with the nearest.
    """
    kinds: tuple[TrainedOn, ...] = get_args(TrainedOn)
    for kind in kinds:
        if kind == typed:
            return kind
    hint = nearest(typed, kinds)
    raise UsageError(
        f"--train-on: expected {' or '.join(kinds)}, got {typed!r}{hint and '.'}{hint}"
    )


def end_study(
    folder: "StudyFolder",
    cell: int | None,
    trained_on: TrainedOn,
    dataset: str | None,
    again: bool,
    onnx: bool,
    is_quiet: bool,
) -> None:
    """Finalizes a study with its progress on stderr; Ctrl-C and SIGTERM end it cleanly."""
    reading = f"reading {shortened(dataset or folder.study.dataset, 40)} …"
    num_before, was_interrupted = len(folder.looks), hear_interrupts()
    try:
        with progress(reading, is_quiet) as (tell, show):
            from tuner.finalizing import chosen, finalize

            with chosen(folder, cell, trained_on, dataset, again, onnx) as found:
                for line in lines_before(found, is_best=cell is None):
                    tell(line)
                show("training …")

                def epoch_ended(epoch: int) -> None:
                    show(f"training: epoch {epoch} of {found.execution.epochs} …")
                    if was_interrupted():  # also where somebody's bare `except` has caught it
                        raise KeyboardInterrupt

                ended = finalize(found, onnx, epoch_ended)
    except KeyboardInterrupt as error:
        tell_stopped(has_begun=len(folder.looks) > num_before)
        raise typer.Exit(STOPPED) from error
    for line in lines_after(found, ended):
        echo(line)


def tell_stopped(has_begun: bool) -> None:
    """Says whether test images were looked at before an interrupt, and how to go on if not."""
    if has_begun:
        echo("Stopped: interrupted. The look at the test images has begun: it counts.", err=True)
        return
    echo("Stopped: interrupted. No test image was looked at.", err=True)
    echo(f"To go on: {resume_command()}", err=True)


@contextmanager
def progress(text: str, is_quiet: bool) -> Iterator[tuple[Tell, Tell]]:
    """Shows a text on a terminal, from the first moment.

    Yields:
        What tells a line on stderr, and what shows another text in place of the one that is shown.
    """
    if is_quiet or not is_lively(sys.stderr):
        yield (lambda line: None if is_quiet else echo(line, err=True)), (lambda text: None)
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(printable(text))) as status:
        yield (
            lambda line: status.console.print(Text(printable(line))),
            lambda text: status.update(Text(printable(text))),
        )


def lines_before(found: "Chosen", is_best: bool) -> Iterator[str]:
    """Which network is trained, why, and on what."""
    study, execution = found.folder.study, found.execution
    yield f"{'Best' if is_best else f'Cell {execution.cell}'}: {best_text(study, found.best)}"
    num_done, num_planned = len(found.folder.records), found.folder.num_planned
    if num_done < num_planned:
        yield f"The study is not complete: {num_done} of {num_planned} executions have ended"
    epochs = counted(execution.epochs, "epoch")
    if found.trained_on == "training":
        yield f"It is trained as replicate {execution.replicate} had it, for {epochs}"
    else:
        yield (
            f"It is trained once more, for {epochs}, on the training and the validation images of "
            f"replicate {execution.replicate}"
        )


def lines_after(found: "Chosen", ended: "Finalized") -> Iterator[str]:
    """What was scored and how, how often that was done, what was kept, and what comes next."""
    look, objective, path = ended.look, found.folder.study.objective, found.folder.path
    yield (
        f"Trained on {look.trained_on}: {look.num_training_images:,} images of replicate "
        f"{look.replicate}, {counted(look.epochs, 'epoch')}"
    )
    yield from scores(look, objective)
    yield f"The test images of {path} were {looks_text(found.folder.looks, objective)}"
    for notice in ended.notices:
        yield notice[0].upper() + notice[1:]
    for file in ended.kept:
        yield f"Kept: {file} (it takes uint8 images as they are, and needs nothing of tuner)"
    yield f"Next: {spelled('report', path)}"


def scores(look: Look, objective: Objective) -> Iterator[str]:
    """The objective on the test images and, where it is another number, the accuracy."""
    measured, images = tested(objective), f"on {look.num_test_images:,} test images"
    if measured.name != ACCURACY:
        value = look.metrics.get(measured.name)
        written = "no number" if value is None else measured.written(value)
        yield (
            f"{measured.words.capitalize()}: {written} {images}, as the network itself measures "
            "it; without an interval"
        )
    if accuracy := accuracy_text(look):
        yield f"Test accuracy: {accuracy} {images}, with a 95% interval"
    if look.low is not None:
        yield OF_WHAT
