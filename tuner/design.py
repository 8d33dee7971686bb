"""The design of a study: its cells, which of them are feasible, and what each would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from tuner.balance import balanced_subset
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
        listed = configurations(study.factors, conditional, study.fixed)
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
    factors: Mapping[str, Sequence[Level]],
    declared: Sequence[Any] = (),
    fixed: Mapping[str, Level] = MappingProxyType({}),
) -> list[Configuration]:
    """The full factorial of the factors' levels, the last factor fastest.

    Args:
        factors: the levels of each factor.
        declared: Keras Tuner hyperparameters in their order. A factor among them is left out of
            the configurations in which none of its conditional scopes is active.
        fixed: the levels that all configurations share; they open scopes too.
    """
    order = {hyperparameter.name: place for place, hyperparameter in enumerate(declared)}
    found: list[Configuration] = [{}]
    for name in sorted(factors, key=lambda name: order.get(name, -1)):  # parents first
        scopes = [hyperparameter for hyperparameter in declared if hyperparameter.name == name]
        found = [
            {**so_far, **choice}
            for so_far in found
            for choice in choices(name, factors[name], scopes, {**fixed, **so_far})
        ]
    return found


def choices(
    name: str, levels: Sequence[Level], scopes: Sequence[Any], values: Configuration
) -> list[Configuration]:
    """What a factor can be, given other values: `{}` alone where it is inactive.

    A level that only an inactive scope of the same name declares is none here.
    """
    if not scopes:
        return [{name: level} for level in levels]
    active: list[Any] = []
    inactive: list[Any] = []
    for scope in scopes:
        is_on = all(condition.is_active(values) for condition in scope.conditions)
        (active if is_on else inactive).append(scope)
    if not active:
        return [{}]
    mine, others = (
        {level for scope in part for level in grid_levels(scope)} for part in (active, inactive)
    )
    return [{name: level} for level in levels if level not in others - mine] or [{}]


def expected_seconds(flops: float | None, images: int, pixels: int) -> float:
    """A rough time of one execution on one thread of a CPU.

    Args:
        flops: forward, of one image; None counts as 10 million.
        images: passed forward in all, a training image counting as three.
        pixels: of one image.
    """
    an_image = SECONDS_AN_IMAGE / 3 * pixels / 1024 + SECONDS_A_FLOP * (flops or 1e7)
    return SECONDS_TO_START + images * an_image
