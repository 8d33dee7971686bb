"""The design of a study: its cells, which of them are feasible, and what each would cost."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from tuner.balance import balanced_subset
from tuner.errors import UsageError
from tuner.fraction import choose_fraction
from tuner.levels import grid_levels
from tuner.setting_types import Level
from tuner.space import Space
from tuner.study import Study

Configuration = dict[str, Level]
State = Literal["planned", "infeasible", "left out"]
#: From a configuration to why no network has it, and to the parameters of its network.
Check = Callable[[Mapping[str, Level]], tuple[str | None, int | None]]

MOST_LISTED = 5000  # of more cells, those that are trained are drawn; the others are counted
MOST_PARENTS = 20_000  # configurations of what others depend on: of more, cells are only bounded
DRAWS_A_CELL = 50  # of a small or much constrained space one is often drawn again

# One thread of a 2020s CPU with oneDNN: seconds to trace a network, to pass one 32 x 32 image
# through its layers, and for a FLOP. Measured ratios correct the estimate as a study goes.
SECONDS_TO_START = 0.5
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
    num_possible: float | None = None  # where these cells are drawn from more; infinite if sampled

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
        return self._indices[frozenset((k, v) for k, v in values.items() if k in self._factors)]

    @cached_property
    def _factors(self) -> set[str]:
        return {name for cell in self.cells for name in cell.levels}

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


def make_design(
    study: Study,
    space: Space,
    size: int | None = None,
    num_drawn: int | None = None,
    check: Check | None = None,
) -> Design:
    """The cells of a resolved study; of a space too large to be listed, cells drawn by its seed.

    Args:
        study: resolved.
        space: of the study.
        size: how many of the feasible cells are planned, chosen so that main effects and
            two-factor terms can be estimated, or balanced where so few tell no effects; None for
            all.
        num_drawn: how many cells are drawn from a large space; None where its strategy needs all.
        check: tells the infeasible cells and the parameters of the others, where the space cannot.

    Raises:
        UsageError: if no cell is feasible, or a large space is to be trained whole.
    """
    num_possible = num_cells(study, space)
    if study.cells is not None:
        listed = [dict(cell) for cell in study.cells]
    elif num_possible <= MOST_LISTED:
        listed = configurations(study.factors, space.conditional, study.fixed)
    else:
        listed = drawn(study, space, num_possible, num_drawn)
    is_drawn = study.cells is None and num_possible > MOST_LISTED
    check = check or (lambda values: told_by(space, values))
    checked = [check({**study.held, **levels}) for levels in listed]
    feasible = [index for index, (reason, _) in enumerate(checked) if reason is None]
    if not feasible:
        raise UsageError(f"no cell of this study is feasible: {checked[0][0]}")
    chosen = choose_cells([listed[index] for index in feasible], size, study)
    planned = {feasible[index] for index in chosen}
    cells: list[Cell] = []
    for index, (levels, (reason, params)) in enumerate(zip(listed, checked, strict=True)):
        flops = None if reason else space.cost({**study.held, **levels})[1]
        state: State = "infeasible" if reason else "planned" if index in planned else "left out"
        if is_drawn and state != "planned":
            continue
        place = len(cells) if is_drawn else index
        cells.append(Cell(place, levels, params, flops, state, reason or ""))
    return Design(tuple(cells), dict(study.fixed), num_possible if is_drawn else None)


def told_by(space: Space, values: Mapping[str, Level]) -> tuple[str | None, int | None]:
    """What a space says of a configuration: why no network has it, or its parameters."""
    reason = space.infeasible(values)
    return reason, None if reason else space.cost(values)[0]


def num_cells(study: Study, space: Space) -> float:
    """How many cells a resolved study has, by counting; infinite where a factor is continuous.

    An upper bound where too many hyperparameters decide which others there are.
    """
    if study.cells is not None:
        return len(study.cells)
    if study.sampled:
        return math.inf
    declared = space.conditional
    parents = {condition.name for found in declared for condition in found.conditions}
    needed = {name: levels for name, levels in study.factors.items() if name in parents}
    others = {name: levels for name, levels in study.factors.items() if name not in parents}
    if math.prod(map(len, needed.values())) > MOST_PARENTS:
        return math.prod(map(len, study.factors.values()))
    scopes = {name: [found for found in declared if found.name == name] for name in others}
    return sum(
        math.prod(
            len(choices(name, levels, scopes[name], {**study.fixed, **values}))
            for name, levels in others.items()
        )
        for values in configurations(needed, declared, study.fixed)
    )


def drawn(study: Study, space: Space, num_possible: float, size: int | None) -> list[Configuration]:
    """Different configurations of a space that is too large to be listed, drawn by the seed.

    Each hyperparameter is drawn by itself, as Keras Tuner does it.

    Raises:
        UsageError: if the strategy needs all of them.
    """
    if size is None:
        many = "endlessly many" if math.isinf(num_possible) else f"{num_possible:,.0f}"
        raise UsageError(
            f"{study.space} has {many} cells, too many for --strategy {study.strategy} to train "
            "all: expected fewer levels (--set NAME=V1,V2, --only A,B, --fix NAME=V), or some of "
            "them: --max-trials 30, --cells 64, --strategy random, bayesian or hyperband"
        )
    rng = np.random.default_rng([study.seed, 1])
    found: dict[frozenset[tuple[str, Level]], Configuration] = {}
    for _ in range(DRAWS_A_CELL * size):
        values = drawn_configuration(study, space, rng)
        if space.infeasible({**study.held, **values}) is None:
            found.setdefault(frozenset(values.items()), values)
        if len(found) == size:
            break
    return list(found.values())


def drawn_configuration(study: Study, space: Space, rng: np.random.Generator) -> Configuration:
    """One configuration, drawn name by name."""
    declared = space.conditional
    order = {hyperparameter.name: place for place, hyperparameter in enumerate(declared)}
    values: Configuration = {}
    for name in sorted(study.factor_names, key=lambda name: order.get(name, -1)):
        scopes = [hyperparameter for hyperparameter in declared if hyperparameter.name == name]
        so_far = {**study.fixed, **values}
        sample = space.hyperparameters[name].sample if name in study.sampled else None
        if sample is None:
            possible = choices(name, study.factors[name], scopes, so_far)
            values |= possible[int(rng.integers(len(possible)))]
        elif any(all(c.is_active(so_far) for c in scope.conditions) for scope in scopes):
            values[name] = sample(float(rng.random()))
    return values


def choose_cells(listed: list[Configuration], size: int | None, study: Study) -> list[int]:
    """The indices of the cells that are planned.

    Raises:
        UsageError: if a fraction was asked for whose cells cannot tell the main effects apart.
    """
    try:
        return choose_fraction(listed, size, study.seed)
    except UsageError:
        if study.fraction is not None:
            raise
        return balanced_subset(listed, size, study.seed)


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


def execution_seconds(
    study: Study, image_shape: Sequence[int], num_images: int, flops: float | None, epochs: int
) -> float:
    """A rough time of one execution on one thread of a CPU, in seconds.

    Args:
        study: resolved; it says how many images are passed.
        image_shape: height and width in pixels, and channels.
        num_images: of the dataset.
        flops: forward, of one image; None counts as 10 million.
        epochs: that are trained.
    """
    training, validation = study.train_size or 0, study.validation_size or 0
    scored = num_images - training if study.score_on == "idle" else 0
    images = epochs * (3 * training + validation) + scored  # passed forward; training counts thrice
    pixels = image_shape[0] * image_shape[1]
    an_image = SECONDS_AN_IMAGE / 3 * pixels / 1024 + SECONDS_A_FLOP * (flops or 1e7)
    return SECONDS_TO_START + images * an_image
