"""The cells beside the combinations of the other factors that they belong to.

What a report compares is picked from this a hundred times, so it is plain arrays.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.analysis.least_squares import Codes
from tuner.analysis.model import Model


@dataclass(frozen=True)
class Arranged:
    """Some cells; every array has one number a cell."""

    cell: Codes
    level: Codes  # of one factor: its position
    enough: NDArray[np.bool_]  # executions for an interval
    combination: Codes  # of the levels of the other factors, numbered as they come

    def __len__(self) -> int:
        return len(self.cell)

    def take(self, chosen: Any) -> "Arranged":
        """Choose some of the cells, by a mask or their places."""
        return Arranged(
            self.cell[chosen], self.level[chosen], self.enough[chosen], self.combination[chosen]
        )


def arrange(model: Model, factor: str, cells: Codes | None = None) -> Arranged:
    """Put cells, or all there are, beside the combination of the other factors they belong to."""
    cells = np.arange(len(model.count)) if cells is None else cells
    place = [*model.sample.levels].index(factor)
    sizes = [len(levels) for name, levels in model.sample.levels.items() if name != factor]
    codes = model.codes[cells]
    combination = np.zeros(len(cells), dtype=np.intp)
    if sizes:
        others = np.ravel_multi_index([*np.delete(codes, place, axis=1).T], sizes)
        _, first, number = np.unique(others, return_index=True, return_inverse=True)
        combination = np.argsort(np.argsort(first))[number]
    enough = model.count[cells] >= model.min_executions
    return Arranged(cells, codes[:, place], enough, combination)


def keep_combinations(arranged: Arranged, num_levels: int) -> Arranged:
    """Keep the combinations that have this many levels, well replicated ones if there are any."""
    for candidates in (arranged.take(arranged.enough), arranged):
        sizes = np.bincount(candidates.combination)[candidates.combination]
        if (sizes >= num_levels).any():
            return candidates.take(sizes >= num_levels)
    return arranged.take(slice(0))
