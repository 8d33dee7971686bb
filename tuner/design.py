"""The design of a study: its cells, which of them are feasible, and what each would cost."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from tuner.errors import UsageError
from tuner.space import declarations, grid_levels
from tuner.study import Level, Study

Configuration = dict[str, Level]
State = Literal["planned", "infeasible", "left out"]

# One thread of a 2020s CPU with oneDNN: seconds to trace a network, to pass one 32 x 32 image
# through its layers, and for a FLOP. Measured ratios correct the estimate as a study goes.
SECONDS_TO_START = 2.0
SECONDS_AN_IMAGE = 1.2e-4
SECONDS_A_FLOP = 1.6e-11


@dataclass(frozen=True)
class Cell:
    """One cell: a level for each factor, its cost, and whether it is to be trained."""

    index: int
    levels: Configuration
    params: int | None
    flops: int | None
    state: State
    reason: str = ""


@dataclass(frozen=True)
class Design:
    """The cells of a study in their order, with the values that all of them share."""

    cells: tuple[Cell, ...]
    fixed: Configuration

    @property
    def planned(self) -> list[Cell]:
        """The cells to be trained."""
        return [cell for cell in self.cells if cell.state == "planned"]

    def values(self, cell: Cell) -> Configuration:
        """Every hyperparameter of a cell, the fixed ones included."""
        return {**self.fixed, **cell.levels}

    def index_of(self, values: Configuration) -> int:
        """The index of the planned cell that a configuration belongs to, by its factors' levels.

        Raises:
            KeyError: if there is none.
        """
        factors = {name for cell in self.cells for name in cell.levels}
        return self._indices[frozenset((k, v) for k, v in values.items() if k in factors)]

    @cached_property
    def _indices(self) -> dict[frozenset[tuple[str, Level]], int]:
        return {frozenset(cell.levels.items()): cell.index for cell in self.planned}

    def frame(self) -> pd.DataFrame:
        """One row a cell: cell, each factor, params, flops, state, reason."""
        rows = [
            {"cell": cell.index, **cell.levels, "params": cell.params, "flops": cell.flops,
             "state": cell.state, "reason": cell.reason}
            for cell in self.cells
        ]  # fmt: skip
        return pd.DataFrame(rows)


def make_design(study: Study, space: Any) -> Design:
    """The cells of a resolved study.

    Raises:
        UsageError: if no cell is feasible.
    """
    if study.cells is not None:
        listed = [dict(cell) for cell in study.cells]
    else:
        conditional = [] if hasattr(space, "hyperparameters") else declarations(space).space
        listed = configurations(study.factors, conditional)
    reason_of = getattr(space, "infeasible", lambda values: None)
    reasons = [reason_of({**study.fixed, **levels}) for levels in listed]
    feasible = [index for index, reason in enumerate(reasons) if reason is None]
    if not feasible:
        raise UsageError(f"no cell of this study is feasible: {reasons[0]}")
    # Other strategies choose their trials themselves, from all cells.
    size = study.max_trials if study.strategy == "grid" else None
    chosen = balanced_subset([listed[index] for index in feasible], size, study.seed)
    planned = {feasible[index] for index in chosen}
    cost = getattr(space, "cost", lambda values: (None, None))
    cells = []
    for index, (levels, reason) in enumerate(zip(listed, reasons, strict=True)):
        params, flops = (None, None) if reason else cost({**study.fixed, **levels})
        state: State = "infeasible" if reason else "planned" if index in planned else "left out"
        cells.append(Cell(index, levels, params, flops, state, reason or ""))
    return Design(tuple(cells), dict(study.fixed))


def configurations(
    factors: Mapping[str, Sequence[Level]], declared: Sequence[Any] = ()
) -> list[Configuration]:
    """The full factorial of the factors' levels, the last factor fastest.

    Args:
        factors: the levels of each factor, parents before their conditional children.
        declared: Keras Tuner hyperparameters. A factor among them is left out of the
            configurations in which none of its conditional scopes is active.
    """
    found: list[Configuration] = [{}]
    for name, levels in factors.items():
        scopes = [hyperparameter for hyperparameter in declared if hyperparameter.name == name]
        found = [
            {**levels_so_far, **choice}
            for levels_so_far in found
            for choice in choices(name, levels, scopes, levels_so_far)
        ]
    return found


def choices(
    name: str, levels: Sequence[Level], scopes: Sequence[Any], levels_so_far: Configuration
) -> list[Configuration]:
    """What a factor can be, given the factors before it: `{}` alone where it is inactive."""
    if not any(scope.conditions for scope in scopes):
        return [{name: level} for level in levels]
    active = [
        scope for scope in scopes
        if all(condition.is_active(levels_so_far) for condition in scope.conditions)
    ]  # fmt: skip
    possible = [level for level in levels if any(level in grid_levels(scope) for scope in active)]
    return [{name: level} for level in possible] or [{}]


def balanced_subset(listed: Sequence[Configuration], size: int | None, seed: int) -> list[int]:
    """The indices of `size` configurations that meet every level, and pair of levels, evenly.

    Greedy: each next configuration is one whose levels, then pairs of levels, have been met least;
    equals are drawn by the seed. The result is in the order of `listed`.
    """
    if size is None or size >= len(listed):
        return list(range(len(listed)))
    columns = pd.DataFrame(listed).astype(str)
    single = [pd.factorize(columns[name])[0] for name in columns]
    pairs = [
        pd.factorize(columns[first] + "\x00" + columns[second])[0]
        for first, second in itertools.combinations(columns, 2)
    ]
    weights = [1.0] * len(single) + [1.0 / (len(pairs) + 1)] * len(pairs)
    codes = single + pairs
    counts = [np.zeros(code.max() + 1) for code in codes]
    ties = np.random.default_rng(seed).random(len(listed)) * 1e-6
    taken = np.zeros(len(listed))
    for _ in range(size):
        met = sum(w * count[code] for w, count, code in zip(weights, counts, codes, strict=True))
        index = int(np.argmin(met + ties + taken))
        taken[index] = np.inf
        for count, code in zip(counts, codes, strict=True):
            count[code[index]] += 1
    return [int(index) for index in np.flatnonzero(taken)]


def expected_seconds(flops: float | None, images: int, pixels: int) -> float:
    """A rough time of one execution on one thread of a CPU.

    Args:
        flops: forward, of one image; None counts as 10 million.
        images: passed forward in all, a training image counting as three.
        pixels: of one image.
    """
    an_image = SECONDS_AN_IMAGE / 3 * pixels / 1024 + SECONDS_A_FLOP * (flops or 1e7)
    return SECONDS_TO_START + images * an_image
