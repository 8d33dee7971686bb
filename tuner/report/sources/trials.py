"""A trial as Keras Tuner writes it, read from a file that may be torn, edited or another's."""

from pathlib import Path
from typing import Any, Literal, NotRequired

from pydantic import StrictBool, StrictStr, TypeAdapter
from typing_extensions import TypedDict

from tuner.reading import from_json, read_bytes
from tuner.setting_types import Number, Whole
from tuner.words import printable


class Config(TypedDict):
    """What a hyperparameter is; a range has a step."""

    name: str
    step: NotRequired[float | None]


class Declared(TypedDict):
    """A hyperparameter of the space."""

    class_name: str
    config: Config


class Hyperparameters(TypedDict):
    """The space, and the levels of a trial."""

    space: list[Declared]
    values: dict[str, StrictBool | Whole | Number | StrictStr]


class Observation(TypedDict):
    """The values of a metric, one an execution."""

    value: list[float]


class Metric(TypedDict):
    """A metric, observed at some steps."""

    direction: Literal["min", "max"]
    observations: list[Observation]


class Metrics(TypedDict):
    """The metrics by name."""

    metrics: dict[str, Metric]


class Trial(TypedDict):
    """What a report takes of a trial."""

    trial_id: str
    hyperparameters: Hyperparameters
    metrics: Metrics
    score: float | None
    status: str
    message: NotRequired[str | None]


def read_trial(path: Path) -> dict[str, Any] | None:
    """A trial, its texts printable; None where the file is empty, torn or holds another thing."""
    try:
        trial: Any = from_json(read_bytes(path), TypeAdapter(Trial).validate_json)
    except (OSError, ValueError):
        return None
    values = trial["hyperparameters"]["values"]
    for name, level in values.items():
        values[name] = printable(level) if isinstance(level, str) else level
    return dict(trial)
