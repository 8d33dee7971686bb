"""What executions take, learned from those that have ended."""

import statistics
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tuner.design import SECONDS_TO_START
from tuner.execution import Record

FEW = 8  # executions: of fewer, no line is fitted
NEAR = 4  # cells
AS_EXPECTED = 1.0  # the weight, in executions, of what is expected of the line's proportions


class Line(NamedTuple):
    """Seconds: of a network's first execution more than of others, and of any beside its images.

    Then the factors of the expected seconds of passing images, beside the epochs and in them.
    """

    start: float
    each: float
    beside: float
    epochs: float


@dataclass(frozen=True)
class Fit:
    """Expected times, corrected by measured ones.

    Attributes:
        expected: The seconds of a cell's first execution, for so many epochs.
        records: Of the executions that have ended, in their order.
        replicates: Of a cell; of one not met yet, each takes its part of the start.
    """

    expected: Callable[[int, int], float]
    records: Sequence[Record]
    replicates: int = 1

    def seconds(self, cell: int, epochs: int) -> float:
        """What an execution of a cell takes, by all that have ended and more by its own."""
        if cell in self._of_cell:
            return self._by_line(cell, epochs, 0.0) * self._of_cell[cell]
        return self._by_line(cell, epochs, 1 / self.replicates) * self._of_like(cell)

    @cached_property
    def spread(self) -> float:
        """How far single executions are off, as a share of what they take."""
        off = [took / (line * self._of_cell[cell]) for cell, took, line in self._taken]
        return statistics.stdev(off) if len(off) > 1 else 0.5

    @cached_property
    def _line(self) -> Line:
        """Fitted to each execution's share of what is expected of it."""
        first = np.array(self._is_first, dtype=float)
        beside = np.array([self.expected(record.cell, 0) for record in self.records])
        whole = np.array([self.expected(*trained(record)) for record in self.records])
        measured = np.array([record.seconds for record in self.records])
        whole -= (1 - first) * SECONDS_TO_START
        ratio = float(measured.sum() / whole.sum()) if len(measured) else 1.0
        if len(measured) < FEW or not ratio:
            return Line(ratio * SECONDS_TO_START, 0.0, ratio, ratio)
        from scipy.optimize import nnls  # 0.3 s to import, which there are once a search trains

        passed = beside - SECONDS_TO_START
        trained_for = whole - passed - first * SECONDS_TO_START
        rows = np.column_stack([first, np.ones_like(whole), passed, trained_for])
        scale = np.maximum(measured, np.median(measured) / 10)
        as_expected = (AS_EXPECTED / ratio) * np.array(
            [
                [1 / SECONDS_TO_START, 0.0, 0.0, -1.0],
                [-0.25 / SECONDS_TO_START, 1 / SECONDS_TO_START, 0.0, 0.0],
                [0.0, 0.0, 1.0, -1.0],
            ]
        )
        target = np.append(measured / scale, np.zeros(len(as_expected)))
        fitted, _ = nnls(np.vstack([rows / scale[:, None], as_expected]), target)
        return Line(*map(float, fitted))

    def _by_line(self, cell: int, epochs: int, first: float) -> float:
        beside, whole = self.expected(cell, 0), self.expected(cell, epochs)
        line = self._line
        told = first * line.start + line.each + line.epochs * (whole - beside)
        return max(told + line.beside * (beside - SECONDS_TO_START), 1e-9)

    @cached_property
    def _taken(self) -> list[tuple[int, float, float]]:
        """Of each record its cell, the seconds it took, and those by the line."""
        return [
            (record.cell, record.seconds, self._by_line(*trained(record), first))
            for record, first in zip(self.records, self._is_first, strict=True)
        ]

    @cached_property
    def _of_cell(self) -> dict[int, float]:
        """How much more each cell takes than by the line; as if one execution had been on it."""
        off: dict[int, list[float]] = defaultdict(lambda: [1.0])
        for cell, took, line in self._taken:
            off[cell].append(took / line)
        return {cell: statistics.fmean(ratios) for cell, ratios in off.items()}

    def _of_like(self, cell: int) -> float:
        """The same of a cell that was not met yet: the mean of those that cost about as much."""
        costs = [cost for cost, _ in self._by_cost]
        place = bisect(costs, self.expected(cell, 1))
        near = self._by_cost[max(0, place - NEAR // 2) :][:NEAR]
        return statistics.fmean(ratio for _, ratio in near) if near else 1.0

    @cached_property
    def _by_cost(self) -> list[tuple[float, float]]:
        """What each cell that was met costs, the least first, and how much more it takes."""
        return sorted((self.expected(cell, 1), ratio) for cell, ratio in self._of_cell.items())

    @cached_property
    def _is_first(self) -> list[bool]:
        """Whether each record is the first of its cell: of others, the network is there."""
        cells = [record.cell for record in self.records]
        first = {cell: place for place, cell in reversed([*enumerate(cells)])}
        return [first[cell] == place for place, cell in enumerate(cells)]


def trained(record: Record) -> tuple[int, int]:
    """The cell of an execution, and the epochs that it has trained."""
    return record.cell, record.epochs - record.initial_epoch
