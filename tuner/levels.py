"""The levels of a Keras Tuner hyperparameter: in full, for a grid, and as they are drawn."""

import math
from collections.abc import Sequence
from typing import Any

from tuner.setting_types import Level

MOST_LEVELS = 1000  # of more, no grid is made: a number is then sampled as a continuous one is


def grid_levels(declared: Any) -> list[Level]:
    """The levels of a Keras Tuner hyperparameter, both ends included; none if it is continuous.

    Keras Tuner's own `values` leave out the end of a stepped range and sample a continuous one.
    """
    if type(declared).__name__ == "Boolean":
        return [False, True]
    if not hasattr(declared, "step"):
        return list(declared.values)
    if declared.step is None or num_steps(declared) > MOST_LEVELS:
        return []
    levels: list[Level] = []
    while True:
        if declared.sampling == "linear":
            level = declared.min_value + len(levels) * declared.step
        else:
            level = declared.min_value * declared.step ** len(levels)
        if isinstance(level, float):
            level = float(f"{level:.12g}")  # 0.3, not 0.30000000000000004
        if level > declared.max_value:
            return levels
        levels.append(level)


def num_steps(declared: Any) -> float:
    """About how many levels a stepped range has."""
    if declared.sampling == "linear":
        return float((declared.max_value - declared.min_value) / declared.step)
    return math.log(declared.max_value / declared.min_value) / math.log(declared.step)


def probed_levels(declared: Any) -> Sequence[Level]:
    """The levels at which a hyperparameter may reveal others: the ends of what is continuous."""
    levels = grid_levels(declared)
    return levels or [declared.min_value, declared.max_value]


def sampled(declared: Any, share: float) -> Level:
    """The level at a share, from 0 to 1, of the range of a hyperparameter, as its author scaled it.

    Six digits of a number tell it apart, and are what anybody would type.
    """
    level = declared.prob_to_value(min(share, 1 - 1e-9))
    return float(f"{level:.6g}") if isinstance(level, float) else level
