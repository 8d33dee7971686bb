"""How long the rest of a study takes, from how long its executions have taken."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tuner.errors import UsageError
from tuner.execution import Execution, Record
from tuner.words import duration


@dataclass
class Pace:
    """Corrects expected times by measured ones, as a study goes on.

    Attributes:
        expected: The expected seconds of an execution.
        num_executions: Of the whole study.
        total: Their expected seconds, all together.
        num_slots: How many executions are under way at a time.
        finished: The measured and the expected seconds of each execution that has ended.
    """

    expected: Callable[[Execution | Record], float]
    num_executions: int
    total: float
    num_slots: int
    finished: list[tuple[float, float]] = field(default_factory=list)

    def ended(self, records: Iterable[Record]) -> None:
        """Takes in executions that have ended."""
        self.finished += [(record.seconds, self.expected(record)) for record in records]

    def remaining(self, to_do: Sequence[float]) -> tuple[float, float]:
        """The time that some executions take, and its uncertainty (one standard error), in seconds.

        Args:
            to_do: the expected seconds of each.
        """
        ratios = [measured / expected for measured, expected in self.finished]
        ratio = statistics.fmean(ratios) if ratios else 1.0
        spread = statistics.stdev(ratios) if len(ratios) > 1 else ratio / 2
        total = sum(to_do)
        own = spread * math.sqrt(sum(seconds**2 for seconds in to_do))
        shared = spread / math.sqrt(max(1, len(ratios))) * total
        at_a_time = max(1, min(self.num_slots, len(to_do)))
        return ratio * total / at_a_time, math.hypot(own, shared) / at_a_time

    def time_left(self) -> str:
        """The time left of the whole study, in words."""
        num_left = self.num_executions - len(self.finished)
        if num_left <= 0:
            return "0 s"
        left = max(0.0, self.total - sum(expected for _, expected in self.finished))
        seconds, error = self.remaining([left / num_left] * num_left)
        return f"{duration(seconds)} ± {duration(error)}"


def seconds_of(text: str) -> float:
    """The seconds of a typed time: "90s", "30m", "1.5h".

    Raises:
        UsageError: for anything else.
    """
    units = {"s": 1, "m": 60, "h": 3600}
    try:
        found = float(text[:-1]) * units[text[-1]]
    except (KeyError, ValueError, IndexError):
        found = 0.0
    if not found > 0 or math.isinf(found):
        raise UsageError(f"expected a time such as 90s, 30m or 1.5h, got {text!r}")
    return found
