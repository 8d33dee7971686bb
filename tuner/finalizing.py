"""The end of a study: its chosen network, trained once more, and one look at the test images."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tuner import claiming, durable, ledger, looks
from tuner.errors import StudyError, UsageError
from tuner.execution import Execution, Record, score_of, without_tuning
from tuner.folder import StudyFolder
from tuner.looks import ACCURACY, Look, TrainedOn, looks_text
from tuner.space import make_space
from tuner.standing import Best, best_cell
from tuner.study import Study
from tuner.training.backend import start_tensorflow, versions
from tuner.training.datasets import Dataset, load_dataset, load_test_images
from tuner.training.final import Final, counts_right_answers, score, train_final
from tuner.training.keeping import check_onnx, is_plain_keras, written, written_onnx
from tuner.words import listed

MODEL, ONNX = "model.keras", "model.onnx"


@dataclass(frozen=True)
class Chosen:
    """The network that ends a study; all that can be refused before it is trained has been.

    Attributes:
        folder: Of the study, held for writing.
        best: The cell, and why it was chosen.
        execution: As which its network is trained: that of its first replicate.
        record: What that execution left in the ledger.
        trained_on: Which images of the replicate it is trained on.
        training: The images of the study.
        test: The test images.
    """

    folder: StudyFolder
    best: Best
    execution: Execution
    record: Record
    trained_on: TrainedOn
    training: Dataset
    test: Dataset


@dataclass(frozen=True)
class Finalized:
    """What came of it: the look, the files that were kept, and what a user should know."""

    look: Look
    kept: list[Path]
    notices: list[str]


@contextmanager
def chosen(
    folder: StudyFolder,
    cell: int | None = None,
    trained_on: TrainedOn = "training+validation",
    dataset: str | None = None,
    again: bool = False,
    onnx: bool = False,
) -> Iterator[Chosen]:
    """Holds a study's folder, and yields the network that ends the study; nothing is trained yet.

    Args:
        folder: of the study.
        cell: that is chosen; by default the one with the best mean objective at the largest budget.
        trained_on: training+validation, or training: then it is the network of the study itself.
        dataset: where the study's images lie now; None for where they lay.
        again: look at the test images although they were looked at.
        onnx: whether the network is to be written as ONNX too.

    Raises:
        TunerError: one line for whatever keeps it from being trained or scored.
    """
    study = folder.study if dataset is None else folder.study.with_settings(dataset=dataset)
    if onnx:
        check_onnx()
    with claiming.lock(folder):
        folder = folder.reopened()
        refuse(folder, again)
        best = best_of(folder, cell)
        start_tensorflow()
        training = load_dataset(study.dataset)
        check_unchanged(folder, study, training)
        test = load_test_images(training)
        record = first_record(folder, best)
        execution = Execution(
            study, record.trial, best.cell, record.replicate, record.values, best.epochs
        )
        yield Chosen(folder, best, execution, record, trained_on, training, test)


def refuse(folder: StudyFolder, again: bool) -> None:
    """Refuses a part of a study, and a second look that nobody asked for.

    Raises:
        StudyError: saying what to do.
    """
    study = folder.study
    if study.shard:
        raise StudyError(
            f"{folder.path} is {study.shard.text}: expected the whole study, which tuner merge "
            "makes of its shards"
        )
    if (taken := folder.looks) and not again:
        raise StudyError(
            f"the test images of {folder.path} were {looks_text(taken, study.objective)}. To look "
            "again, which every page will tell: --again"
        )


def finished(folder: StudyFolder) -> list[Record]:
    """The executions that may decide which cell is best, the first replicate first."""
    objective = folder.study.objective
    usable = [r for r in without_tuning(folder.records) if score_of(r, objective) is not None]
    return ledger.in_design_order(usable)


def best_of(folder: StudyFolder, cell: int | None) -> Best:
    """The cell that was named, or the best.

    Raises:
        StudyError: if no execution ended well.
        UsageError: if none of the named cell did.
    """
    records, objective = finished(folder), folder.study.objective
    if not records:
        raise StudyError(f"{folder.path} has no finished execution: run tuner search first")
    named = [record for record in records if cell in (None, record.cell)]
    if (best := best_cell(named, objective)) is None:
        able = sorted({record.cell for record in records})
        raise UsageError(
            f"--cell: expected a cell with a finished execution ({listed(able)}), got {cell}; "
            f"tuner show {folder.path} --cells has their factors"
        )
    return best


def first_record(folder: StudyFolder, best: Best) -> Record:
    """The record of a cell's first replicate, of those that its mean is of."""
    key = best.cell, best.epochs
    return next(record for record in finished(folder) if (record.cell, record.epochs) == key)


def check_unchanged(folder: StudyFolder, study: Study, training: Dataset) -> None:
    """Refuses images, a search space or an environment that are not those of the study.

    Raises:
        StudyError: naming what differs.
    """
    space = make_space(study.space, training.input_shape, training.num_classes)
    about = claiming.environment(space, training)
    if found := claiming.differences_from(folder, study, about):
        raise StudyError(
            f"{folder.path} cannot be trained on as it was: {'; '.join(found)}. Expected what it "
            "was trained with (--dataset PATH says where the same images lie now)"
        )


def finalize(
    chosen: Chosen, onnx: bool = False, epoch_ended: Callable[[int], object] = lambda epoch: None
) -> Finalized:
    """Trains the network, keeps it, and scores it on the test images.

    The network is on disk before the look begins, and that the look begins is on disk before an
    image of it is scored: a process that is killed leaves no look that nobody knows of.

    Args:
        chosen: the network.
        onnx: whether it is written as ONNX too.
        epoch_ended: called with the number of each epoch, from 1, that has ended.

    Raises:
        TunerError: if it cannot be trained or kept; then nothing was looked at.
    """
    folder = chosen.folder.final
    with_validation = chosen.trained_on == "training+validation"
    final = train_final(chosen.execution, chosen.training, with_validation, epoch_ended)
    notices = differences_from_record(chosen, final)
    notices += move_aside(folder / MODEL) + move_aside(folder / ONNX)
    kept = [keep(folder / MODEL, written(final.kept))]
    if not is_plain_keras(final.kept):
        space = chosen.execution.study.space
        notices.append(f"{MODEL} holds parts of {space}, which has to be there to load it")
    look = take_look(chosen, final)
    if onnx:
        try:
            kept.append(keep(folder / ONNX, written_onnx(final.kept)))
        except StudyError as error:  # the look has been taken, and is told
            notices.append(str(error))
    return Finalized(look, kept, notices)


def take_look(chosen: Chosen, final: Final) -> Look:
    """Scores a network on the test images; the look, which is recorded before and after."""
    look = begun(chosen, final.num_images)
    looks.append(chosen.folder.final, look)
    metrics = score(final, chosen.test)
    low, high = interval(final, metrics, look.num_test_images)
    look = replace(look, metrics=metrics, low=low, high=high)
    looks.append(chosen.folder.final, look)
    return look


def begun(chosen: Chosen, num_images: int) -> Look:
    """A look that begins."""
    taken, execution = chosen.folder.looks, chosen.execution
    return Look(
        number=len(taken) + 1,
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        cell=execution.cell,
        values=execution.values,
        replicate=execution.replicate,
        seed=execution.seed,
        epochs=execution.epochs,
        trained_on=chosen.trained_on,
        num_training_images=num_images,
        num_test_images=len(chosen.test.labels),
        test_sha256=chosen.test.sha256,
        versions=versions(),
    )


def interval(
    final: Final, metrics: Mapping[str, float | None], num: int
) -> tuple[float, float] | tuple[None, None]:
    """The 95% interval of an accuracy (Wilson 1927), from 0 to 1; none of another number.

    It is of the sampling of the test images: how far the accuracy of this one network on all images
    of their kind may be from that on these.
    """
    from statsmodels.stats.proportion import proportion_confint

    accuracy = metrics.get(ACCURACY)
    if accuracy is None or not counts_right_answers(final.model):
        return None, None
    low, high = proportion_confint(round(accuracy * num), num, method="wilson")
    return float(low), float(high)


def differences_from_record(chosen: Chosen, final: Final) -> list[str]:
    """Whether a network that is kept as it was is what the study had, as a line where it is not."""
    objective = chosen.execution.study.objective
    was, now = chosen.record.metrics.get(objective.name), final.measured.get(objective.name)
    if chosen.trained_on != "training" or was == now:
        return []
    return [
        f"trained again, its {objective.name} is {now} and was {was}: another kind of processor, "
        "or other versions"
    ]


def move_aside(path: Path) -> list[str]:
    """Moves a file to the first free number behind its name; says so, where there was one."""
    if not path.exists():
        return []
    path.rename(aside := ledger.first_free(path))
    return [f"the {path.name} that was there is now {aside}"]


def keep(path: Path, content: bytes) -> Path:
    """Writes a file, whole, in a folder that is made where it is not there."""
    path.parent.mkdir(exist_ok=True)
    durable.write(path, [content])
    return path
