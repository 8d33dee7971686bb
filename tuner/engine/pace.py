"""How long the rest of a study takes, from how long its executions have taken."""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from tuner.engine.fit import Fit, trained
from tuner.execution import Key, Record
from tuner.strategies.ahead import SoFar
from tuner.strategies.extent import Foreseen, ahead
from tuner.study import Study
from tuner.words import duration

DOUBT = 0.5  # the share that cells not met yet may be off, before any is met; half after four
FRESH = 50  # records of which one more is a reason to look again
MANY = 300  # executions of a study
NOTHING: Mapping[Key, float] = MappingProxyType({})


class Left(NamedTuple):
    """What a study had left when so many of its executions had ended.

    `seconds` are until the last ends, at so many at a time; `error` is one standard error.
    """

    num_ended: int
    num_left: int
    seconds: float
    error: float


@dataclass
class Pace:
    """Tells times from those that were measured, as a study goes on.

    Attributes:
        study: Resolved.
        planned: The indices of its planned cells, in the order of the design.
        expected: The seconds of a cell for so many epochs; for none, what it costs beside them.
        num_slots: How many executions are under way at a time.
        part: The executions of a shard; None for the whole study.
        records: Of the executions that have ended.
    """

    study: Study
    planned: Sequence[int]
    expected: Callable[[int, int], float]
    num_slots: int
    part: Sequence[Foreseen] | None = None
    records: list[Record] = field(default_factory=list)

    def ended(self, records: Iterable[Record]) -> None:
        """Takes in executions that have ended."""
        self.records.extend(records)
        if len(self.records) > len(self.fit.records) * (1 + 1 / FRESH):
            self.look_again()

    def look_again(self) -> None:
        """Forgets what was told from fewer executions, or of a study that was smaller."""
        for name in ("fit", "_left"):
            self.__dict__.pop(name, None)

    @cached_property
    def fit(self) -> Fit:
        """What executions take, from nearly all that have ended."""
        return Fit(self.expected, tuple(self.records), self.study.replicates)

    def remaining(self, executions: Sequence[tuple[int, int]]) -> tuple[float, float]:
        """The time that some executions take, and its uncertainty (one standard error), in seconds.

        Args:
            executions: the cell of each, and the epochs that it trains.
        """
        return self._told([self.fit.seconds(*execution) for execution in executions])

    def left(self, behind: Mapping[Key, float] = NOTHING) -> tuple[float, float]:
        """The seconds left of the whole study, and how much they may be off.

        Args:
            behind: the seconds that executions under way have behind them.
        """
        left = self._left
        if len(self.records) >= left.num_ended + left.num_left:
            return 0.0, 0.0
        if left.num_ended + left.num_left > MANY:  # where a look takes long
            since = sum(self.fit.seconds(*trained(one)) for one in self.records[left.num_ended :])
            spent = (since + sum(behind.values())) / self.num_slots
            left = left._replace(seconds=max(0.0, left.seconds - spent))
        else:
            left = self._look(behind)
        doubt = left.seconds * DOUBT / (1 + len(self.records) / 4)
        return left.seconds, math.hypot(left.error, doubt)

    def time_left(self, behind: Mapping[Key, float] = NOTHING) -> str:
        """The time left of the whole study, in words.

        Args:
            behind: as in `left`.
        """
        seconds, error = self.left(behind)
        return f"{duration(seconds)} ± {duration(error)}" if seconds or error else "0 s"

    @cached_property
    def _left(self) -> Left:
        return self._look()

    def _look(self, behind: Mapping[Key, float] = NOTHING) -> Left:
        so_far = SoFar(self.study, self.planned, self.records, self.fit.seconds, behind)
        chains = ahead(so_far, self.part)
        to_do = [seconds for chain in chains for rung in chain.rungs for seconds in rung]
        _, error = self._told(to_do)
        doubt = sum(chain.doubt for chain in chains) / max(1, min(self.num_slots, len(to_do)))
        seconds = scheduled([chain.rungs for chain in chains], self.num_slots)
        return Left(len(self.records), len(to_do), seconds, math.hypot(error, doubt))

    def _told(self, to_do: Sequence[float]) -> tuple[float, float]:
        """How long executions of so many seconds take at so many at a time, and its error."""
        own = self.fit.spread * math.hypot(*to_do)
        shared = self.fit.spread / math.sqrt(max(1, len(self.fit.records))) * sum(to_do)
        at_a_time = max(1, min(self.num_slots, len(to_do)))
        return sum(to_do) / at_a_time, math.hypot(own, shared) / at_a_time


def scheduled(chains: Iterable[Sequence[Sequence[float]]], num_slots: int) -> float:
    """When the last execution ends, in seconds; each slot takes the next, the longest first.

    Args:
        chains: rungs of the seconds of executions; a rung begins when the one before has ended.
        num_slots: how many executions are under way at a time.
    """
    coming = [deque(sorted(rung, reverse=True) for rung in rungs if rung) for rungs in chains]
    waiting = [deque(rungs.popleft() if rungs else ()) for rungs in coming]
    num_open = [len(rung) for rung in waiting]
    under_way: list[tuple[float, int]] = []
    now = 0.0
    while True:
        for number, rung in enumerate(waiting):
            while rung and len(under_way) < num_slots:
                heapq.heappush(under_way, (now + rung.popleft(), number))
        if not under_way:
            return now
        now, number = heapq.heappop(under_way)
        num_open[number] -= 1
        if not num_open[number] and coming[number]:
            waiting[number] = deque(coming[number].popleft())
            num_open[number] = len(waiting[number])
