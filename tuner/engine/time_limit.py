"""A search's time limit: nothing is begun that cannot finish, and no replicate that cannot."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tuner.engine.pace import remaining_seconds
from tuner.execution import Execution


@dataclass
class TimeLimit:
    """Decides what may still be started before a deadline, from the pace so far.

    Args:
        deadline: on the clock of `time.monotonic`, in seconds.
        num_workers: executions at a time.
        expected: the expected seconds of an execution.
        replicate_seconds: the expected seconds of each execution of a whole replicate; a further
            replicate is begun only if all of it fits, so that a study ends balanced. Empty for
            strategies that choose as they go.
        finished: measured and expected seconds of what has ended.
    """

    deadline: float
    num_workers: int
    expected: Callable[[Execution], float]
    replicate_seconds: Sequence[float] = ()
    finished: list[tuple[float, float]] = field(default_factory=list)
    begun: set[int] = field(default_factory=lambda: {0})
    is_up: bool = False

    def allows(self, execution: Execution) -> bool:
        """Whether an execution, and the replicate that it begins, can end in time."""
        fits = self._fits([self.expected(execution)])
        if execution.replicate not in self.begun and self.replicate_seconds:
            fits = fits and self._fits(self.replicate_seconds)
        if fits:
            self.begun.add(execution.replicate)
        else:
            self.is_up = True
        return fits

    def _fits(self, expected: Sequence[float]) -> bool:
        workers = min(self.num_workers, len(expected))
        seconds, error = remaining_seconds(self.finished, expected, workers)
        return time.monotonic() + seconds + error <= self.deadline
