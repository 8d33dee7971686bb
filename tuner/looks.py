"""The looks that were taken at a study's test images, and how they are told.

One line of JSON when a look begins, on disk before any test image is scored, and one with its
numbers when it has ended: of the lines of one number the last one holds. So whatever is killed, a
look that was begun is known, and counts.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from tuner import durable
from tuner.errors import StudyError
from tuner.execution import Measurement, Whole
from tuner.objective import Objective
from tuner.reading import from_json
from tuner.setting_types import Level

LOOKS = "final.jsonl"
#: What the network of a look was trained on, of the images of its replicate.
TrainedOn = Literal["training+validation", "training"]
ACCURACY = "test_accuracy"
Share = Annotated[float, Field(ge=0, le=1)]


@with_config(ConfigDict(strict=True, allow_inf_nan=False, extra="forbid"))
@dataclass(frozen=True)
class Look:
    """One look at the test images: the network that was scored, and what came of it.

    `began` is a time in UTC. `metrics` has test_accuracy (a fraction), test_loss and what else the
    network reports; none where the look was begun and did not end. `low` and `high` are the 95%
    interval of the accuracy, where there is one.
    """

    number: Whole
    began: str
    cell: Whole
    values: dict[str, Level]
    replicate: Whole
    seed: Whole
    epochs: Whole
    trained_on: TrainedOn
    num_training_images: Whole
    num_test_images: Whole
    test_sha256: str
    metrics: dict[str, Measurement] = field(default_factory=dict)
    low: Share | None = None
    high: Share | None = None
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def day(self) -> str:
        """The day on which it began: "2026-11-28"."""
        return self.began[:10]


def append(folder: Path, look: Look) -> None:
    """Adds what is known of a look by now; it is on disk when this returns."""
    folder.mkdir(exist_ok=True)
    path = folder / LOOKS
    durable.repair(path)
    durable.append(path, [json.dumps(asdict(look), allow_nan=False) + "\n"])


def read(folder: Path) -> list[Look]:
    """The looks that were begun, in their order; none where no file tells of any.

    Raises:
        StudyError: naming the line that is no look.
    """
    path, found = folder / LOOKS, dict[int, Look]()
    for number, line in enumerate(durable.whole_lines(path), start=1):
        try:
            look = from_json(line, line_type().validate_json)
        except ValueError as error:
            raise StudyError(
                f"{path}, line {number} is not a look at the test images: expected what tuner "
                "finalize has written there"
            ) from error
        found[look.number] = look
    return list(found.values())


@cache
def line_type() -> TypeAdapter[Look]:
    """What a line holds."""
    return TypeAdapter(Look)


def tested(objective: Objective) -> Objective:
    """The same number, measured on test images: "test_accuracy" of "val_accuracy"."""
    return replace(objective, name=f"test_{objective.name.removeprefix('val_')}")


def looks_text(looks: Sequence[Look], objective: Objective) -> str:
    """How often test images were looked at, when last, and what was seen; "untouched" if never."""
    if not looks:
        return "untouched"
    times = {1: "once, on", 2: "twice, last on"}.get(len(looks), f"{len(looks)} times, last on")
    return f"looked at {times} {looks[-1].day}: {score_text(looks[-1], objective)}"


def score_text(look: Look, objective: Objective) -> str:
    """What a look has seen: "84.1% (83.4 to 84.8)", or "test loss 0.512, accuracy 84.1% (…)"."""
    if not look.metrics:
        return "begun, and ended before its score was recorded"
    accuracy = accuracy_text(look)
    measured = tested(objective)
    if measured.name == ACCURACY:
        return accuracy
    value = look.metrics.get(measured.name)
    told = f"{measured.words} {'no number' if value is None else measured.written(value)}"
    return told + (f", accuracy {accuracy}" if accuracy else "")


def accuracy_text(look: Look) -> str:
    """The accuracy with its interval: "84.1% (83.4 to 84.8)"; "" where there is none."""
    if (accuracy := look.metrics.get(ACCURACY)) is None:
        return ""
    interval = (
        ""
        if look.low is None or look.high is None
        else f" ({100 * look.low:.1f} to {100 * look.high:.1f})"
    )
    return f"{accuracy:.1%}{interval}"
