"""A study's executions where people already look: TensorBoard, MLflow, W&B, Keras Tuner.

Each target is a module here with one function, `write`; what an execution exports is one value,
`exported.Exported`. Nothing that is there is overwritten, and what is there is not written again.
"""

import importlib
from pathlib import Path
from typing import Any, NamedTuple

from tuner.errors import StudyError, UsageError
from tuner.folder import StudyFolder
from tuner.words import nearest


class Target(NamedTuple):
    """What is exported to.

    Attributes:
        module: Here, that writes for it.
        name: As people say it.
        place: Below the study's folder, where nothing else is said.
        extra: That installs it; None where every installation has it.
    """

    module: str
    name: str
    place: str
    extra: str | None = None


class Written(NamedTuple):
    """What an export did.

    Attributes:
        added: How many executions, or trials, were not there before.
        there: How many were.
        what: They are called.
        place: Where they are.
        opened: The command or call that opens it.
        left_out: What cannot be exported, a line each.
    """

    added: int
    there: int
    what: str
    place: str
    opened: str
    left_out: tuple[str, ...] = ()


TARGETS = {
    "tensorboard": Target("tensorboard", "TensorBoard", "tensorboard"),
    "mlflow": Target("mlflow", "MLflow", "mlflow", extra="mlflow"),
    "wandb": Target("wandb", "W&B", ".", extra="wandb"),
    "keras-tuner": Target("keras_tuner", "Keras Tuner", "keras-tuner"),
}


def export(folder: StudyFolder, to: str, output: Path | None = None) -> Written:
    """Writes the executions of a study for another tool.

    Args:
        folder: Of the study.
        to: The name of a target.
        output: The folder to write to; by default one within the study's.

    Raises:
        UsageError: for another target, or one that is not installed.
        StudyError: if nothing has ended yet, or the target cannot be written to.
    """
    if to not in TARGETS:
        hint = nearest(to, TARGETS)
        raise UsageError(f"--to: expected {', '.join(TARGETS)}, got {to!r}{hint and '.'}{hint}")
    target = TARGETS[to]
    if not folder.records:
        raise StudyError(f"{folder.path} holds no execution yet: tuner search trains them")
    try:
        module: Any = importlib.import_module(f"tuner.export.{target.module}")
        written: Written = module.write(folder, output)
    except ModuleNotFoundError as error:
        if target.extra is None:
            raise
        raise UsageError(
            f"--to {to}: expected {target.name}: pip install 'width-depth-tuner[{target.extra}]' "
            f"({error})"
        ) from error
    return written


def place_of(folder: StudyFolder, to: str, output: Path | None) -> Path:
    """The folder that a target's files are written to; made where it is not there."""
    place = folder.path / TARGETS[to].place if output is None else output
    place.mkdir(parents=True, exist_ok=True)
    return place
