"""What is known of a table of executions beyond its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True)
class Facts:
    """What is known of a table beyond its rows; None or empty where nobody says.

    Attributes:
        kind: Where the table comes from.
        dataset: What was trained on.
        train_size: Training images of each execution.
        validation_size: Images that each epoch is measured on.
        scored_on: The images that the last epoch is measured on: all those of the dataset that
            were not trained on ("idle"), or the validation images.
        num_scored: How many these are.
        epochs: The full budget of an execution.
        space: The search space.
        strategy: What proposed the configurations.
        seed: Of the study.
        scaling: How the images were scaled.
        fixed: The level at which each hyperparameter was held.
        learning_rate_tuned: Whether each cell has a learning rate of its own.
        executions_averaged: Whether a row is the mean of several executions.
        cut_short: That executions of a history ended at different epochs, as a phrase; or "".
        undesigned: That results may have chosen the configurations, as a phrase; or "".
        stopping: The rule by which replicates ended, and where it left them; "" without one.
        num_looks: How often the study's test images were looked at.
        looked: When that was last, and what was seen; "" where they are untouched.
        num_done: Executions that have ended, those included that no effect uses.
        num_planned: Executions of the whole study.
        guessed: The axes ("width", "depth") that were known by a column's name alone, and which.
        versions: Of the software that trained.
        begun: The day on which the study was begun: "2026-11-28".
        cpu: The processor.
        git_commit: Of the directory that the study was begun in.
        settings: Of a study, all that its numbers may depend on, as texts.
        notes: Sentences on how the table was read.
    """

    kind: Literal["study", "table", "keras_tuner"] = "table"
    dataset: str | None = None
    train_size: int | None = None
    validation_size: int | None = None
    scored_on: Literal["idle", "validation"] | None = None
    num_scored: int | None = None
    epochs: int | None = None
    space: str | None = None
    strategy: str | None = None
    seed: int | None = None
    scaling: str | None = None
    fixed: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    learning_rate_tuned: bool | None = None
    executions_averaged: bool = False
    cut_short: str = ""
    undesigned: str = ""
    stopping: str = ""
    num_looks: int = 0
    looked: str = ""
    num_done: int | None = None
    num_planned: int | None = None
    guessed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    begun: str | None = None
    cpu: str | None = None
    git_commit: str | None = None
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()


NOTHING_KNOWN = Facts()
