"""A search's time limit: nothing is begun that cannot finish, and no replicate that cannot."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tuner.engine.pace import Pace
from tuner.execution import Execution

TIMES_EXPECTED, LEAST_LIMIT = 10.0, 600.0  # of an execution, the latter in seconds
GRACE = 60.0  # seconds


@dataclass
class TimeLimit:
    """Decides what may still be started before a deadline, from the pace so far.

    Attributes:
        deadline: On the clock of `time.monotonic`, in seconds.
        pace: Of the study.
        a_replicate: The cell and the epochs of each execution of a whole replicate; a further one
            is begun only if all of it fits, so that a study ends balanced. Empty for strategies
            that choose as they go.
        execution_seconds: After so many a worker that has not ended its execution is ended; by
            default it is once it has told no epoch for ten times what the pace expects of the whole
            execution, and for ten minutes at least.
        begun: The replicates that have been begun.
        is_up: Whether something was not allowed.
    """

    deadline: float
    pace: Pace
    a_replicate: Sequence[tuple[int, int]] = ()
    execution_seconds: float | None = None
    begun: set[int] = field(default_factory=lambda: {0})
    is_up: bool = False

    def allows(self, execution: Execution) -> bool:
        """Whether an execution, and the replicate that it begins, can end in time."""
        fits = self._fits([asked(execution)])
        if execution.replicate not in self.begun and self.a_replicate:
            fits = fits and self._fits(self.a_replicate)
        if fits:
            self.begun.add(execution.replicate)
        else:
            self.is_up = True
        return fits

    def is_late(self, execution: Execution, seconds: float, quiet: float) -> bool:
        """Whether the worker of an execution is to be ended: it hangs, or time is up.

        Time is up a minute after the deadline, or as much as the execution was expected to take.

        Args:
            execution: under way.
            seconds: since its start.
            quiet: seconds since its start, or since it has told an epoch.
        """
        expected = self.pace.fit.seconds(*asked(execution))
        if time.monotonic() > self.deadline + max(GRACE, expected):
            return True
        if self.execution_seconds is not None:
            return seconds > self.execution_seconds
        return quiet > max(LEAST_LIMIT, TIMES_EXPECTED * expected)

    def _fits(self, executions: Sequence[tuple[int, int]]) -> bool:
        seconds, error = self.pace.remaining(executions)
        return time.monotonic() + seconds + error <= self.deadline


def asked(execution: Execution) -> tuple[int, int]:
    """The cell of an execution, and the epochs that it trains."""
    return execution.cell, execution.epochs - execution.initial_epoch
