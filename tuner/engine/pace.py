"""How long the rest of a study takes, from how long its executions have taken."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

from tuner.execution import Execution, Record, score_of
from tuner.objective import VALIDATION_ACCURACY, Objective
from tuner.words import duration

FEW = 8  # executions: of fewer, no line is fitted
DOUBT = 0.5  # the share that cells not met yet may be off, before any is met; half after four


class Ended(NamedTuple):
    """An execution that has ended: its measured and its expected seconds, its epochs and score."""

    seconds: float
    expected: float
    epochs: int = 1
    score: float = -math.inf  # higher is better


@dataclass
class Pace:
    """Corrects expected times by measured ones, as a study goes on.

    Attributes:
        expected: The expected seconds of an execution.
        num_executions: Of the whole study.
        total: Their expected seconds, all together.
        num_slots: How many executions are under way at a time.
        epochs: That all executions of the study train together, where its strategy chooses them as
            it goes; 0 where they are known beforehand.
        objective: By which it chooses.
        finished: The executions that have ended.
    """

    expected: Callable[[Execution | Record], float]
    num_executions: int
    total: float
    num_slots: int
    epochs: int = 0
    objective: Objective = VALIDATION_ACCURACY
    finished: list[Ended] = field(default_factory=list)

    def ended(self, records: Iterable[Record]) -> None:
        """Takes in executions that have ended."""
        for record in records:
            score = score_of(record, self.objective)
            score = -math.inf if score is None else score * self.objective.sign
            epochs = record.epochs - record.initial_epoch
            self.finished.append(Ended(record.seconds, self.expected(record), epochs, score))

    def remaining(self, to_do: Sequence[float]) -> tuple[float, float]:
        """The time that some executions take, and its uncertainty (one standard error), in seconds.

        Args:
            to_do: the expected seconds of each.
        """
        start, ratio = self._line()
        fitted = [max(start + ratio * ended.expected, 1e-9) for ended in self.finished]
        off = [ended.seconds / fit for ended, fit in zip(self.finished, fitted, strict=True)]
        spread = statistics.stdev(off) if len(off) > 1 else 0.5
        seconds = [start + ratio * expected for expected in to_do]
        own = spread * math.hypot(*seconds)
        shared = spread / math.sqrt(max(1, len(off))) * sum(seconds)
        at_a_time = max(1, min(self.num_slots, len(to_do)))
        return sum(seconds) / at_a_time, math.hypot(own, shared) / at_a_time

    def _line(self) -> tuple[float, float]:
        """Measured seconds as a line of the expected ones: where it starts, and its slope."""
        measured = np.array([ended.seconds for ended in self.finished])
        expected = np.array([ended.expected for ended in self.finished])
        if len(measured) < FEW:
            return 0.0, float(np.mean(measured / expected)) if len(measured) else 1.0
        start, ratio = nnls(np.column_stack([1 / expected, np.ones(len(expected))]),
                            measured / expected)[0]  # fmt: skip
        return float(start), float(ratio)

    def time_left(self, behind: float = 0.0) -> str:
        """The time left of the whole study, in words.

        Args:
            behind: the expected seconds that executions under way have behind them.
        """
        if len(self.finished) >= self.num_executions:
            return "0 s"
        seconds, error = self.left(behind)
        return f"{duration(seconds)} ± {duration(error)}"

    def left(self, behind: float = 0.0) -> tuple[float, float]:
        """The seconds left of the whole study, and how much they may be off.

        Args:
            behind: the expected seconds that executions under way have behind them.
        """
        num_left = self.num_executions - len(self.finished)
        if num_left <= 0:
            return 0.0, 0.0
        left = max(0.0, self.expected_left() - behind)
        seconds, error = self.remaining([left / num_left] * num_left)
        return seconds, math.hypot(error, seconds * DOUBT / (1 + len(self.finished) / 4))

    def expected_left(self) -> float:
        """The expected seconds of what has not ended.

        A strategy that chooses goes on with what is best so far, which is seldom what is cheapest:
        an epoch of it takes as long as one of the best third.
        """
        if not (self.epochs and self.finished):
            return self.total - sum(ended.expected for ended in self.finished)
        by_score = sorted(self.finished, key=lambda ended: -ended.score)
        best = by_score[: max(1, len(by_score) // 3)]
        an_epoch = statistics.fmean(ended.expected / ended.epochs for ended in best)
        return an_epoch * (self.epochs - sum(ended.epochs for ended in self.finished))
