"""What an execution writes on its way, so that the death of its worker costs little of it."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tuner import checkpoints
from tuner.execution import Execution
from tuner.training.reported import finite
from tuner.training.state import restored, state_of

KEEP_EVERY = 15.0  # seconds: what a death costs at most, beside the epoch that it ends


@dataclass
class UnderWay:
    """An execution that is being trained, and what it has behind it.

    All that it writes is a note: where it cannot be written, or read again, the execution goes on
    without it, and ends with the same numbers.

    Attributes:
        model: In training.
        execution: That it is trained for.
        keeps: Whether its state says all: nothing of the model remembers beside its variables.
        history: Its epochs' rows.
        seconds: That they took in workers which died.
        num_epochs: It has behind it, of its parent too.
    """

    model: Any
    execution: Execution
    keeps: bool
    history: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    num_epochs: int = 0
    _since: float = field(default_factory=time.monotonic)
    _kept_at: float = field(default_factory=time.monotonic)

    def begin(self) -> None:
        """Sets the model to where a worker that died had come, or else to its parent's end."""
        folder, execution = self.execution.under_way, self.execution
        state = folder and self.keeps and checkpoints.read(folder, execution.key)
        reached = restored(self.model, execution, None, state) if state else None
        if reached is not None:
            self.history, self.seconds = reached
            self.num_epochs = self.history[-1]["epoch"]
        elif execution.state is not None:
            first = execution.initial_epoch
            is_restored = restored(self.model, execution, first, execution.state) is not None
            self.num_epochs = first if is_restored else 0

    def epoch_ended(self, row: dict[str, Any]) -> None:
        """Notes an epoch: its row at once, the model's state now and then."""
        self.history.append(row)
        self.num_epochs = row["epoch"]
        folder, now = self.execution.under_way, time.monotonic()
        if folder is None or self.num_epochs == self.execution.epochs:
            return
        with suppress(OSError):  # a full disk, or a machine that does not have the study's folder
            checkpoints.tell_epoch(folder, self.execution.key, finite(row))
            if self.keeps and now - self._kept_at >= KEEP_EVERY:
                seconds = self.seconds + now - self._since
                kept = (self.model, self.execution, self.num_epochs, self.history, seconds)
                checkpoints.write(folder, self.execution.key, state_of(*kept))
                self._kept_at = time.monotonic()
