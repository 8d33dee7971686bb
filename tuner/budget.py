"""The budget of a trial, as Keras Tuner writes it among the trial's values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Keras Tuner's own names; the last is ours, in its manner.
NAMES = {
    "epochs": "tuner/epochs",
    "initial_epoch": "tuner/initial_epoch",
    "bracket": "tuner/bracket",
    "rung": "tuner/round",
    "parent": "tuner/trial_id",
    "is_tuning": "tuner/tuning",
}


@dataclass(frozen=True)
class Budget:
    """How long a trial trains, and from where it goes on.

    Attributes:
        epochs: At which it stops; None for the whole budget.
        initial_epoch: At which it begins.
        bracket: Of Hyperband; its rung likewise.
        rung: From 0.
        parent: The trial that it goes on from.
        is_tuning: Whether it serves to choose nuisance hyperparameters.
    """

    epochs: int | None = None
    initial_epoch: int = 0
    bracket: int = 0
    rung: int = 0
    parent: str | None = None
    is_tuning: bool = False

    def values(self) -> dict[str, Any]:
        """The budget under Keras Tuner's names; what is None or False is not written."""
        told = {NAMES[name]: value for name, value in asdict(self).items()}
        return {
            name: value for name, value in told.items() if value is not None and value is not False
        }


def parted(values: Mapping[str, Any]) -> tuple[dict[str, Any], Budget]:
    """A trial's values as its configuration and its budget."""
    budget = {name: values[told] for name, told in NAMES.items() if told in values}
    own = {name: value for name, value in values.items() if not name.startswith("tuner/")}
    return own, Budget(**budget)
