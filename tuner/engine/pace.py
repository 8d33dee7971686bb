"""How long the rest of a study takes, from how long its executions have taken."""

import math
import statistics
from collections.abc import Sequence

from tuner.errors import UsageError
from tuner.words import duration


def time_left(
    finished: Sequence[tuple[float, float]], num_left: int, total: float, num_workers: int
) -> str:
    """The time left of a whole study, in words.

    Args:
        finished: the measured and the expected time of each finished execution.
        num_left: the executions that are left.
        total: the expected time of all executions, the finished ones included.
        num_workers: executions at a time.
    """
    if num_left <= 0:
        return "0 s"
    left = max(0.0, total - sum(expected for _, expected in finished))
    seconds, error = remaining_seconds(finished, [left / num_left] * num_left, num_workers)
    return f"{duration(seconds)} ± {duration(error)}"


def remaining_seconds(
    finished: Sequence[tuple[float, float]], to_do: Sequence[float], num_workers: int
) -> tuple[float, float]:
    """The time left and its uncertainty (one standard error), in seconds.

    Args:
        finished: the measured and the expected time of each finished execution.
        to_do: the expected time of each execution that is left.
        num_workers: executions at a time.
    """
    ratios = [measured / expected for measured, expected in finished]
    ratio = statistics.fmean(ratios) if ratios else 1.0
    spread = statistics.stdev(ratios) if len(ratios) > 1 else ratio / 2
    total = sum(to_do)
    own = spread * math.sqrt(sum(seconds**2 for seconds in to_do))
    shared = spread / math.sqrt(max(1, len(ratios))) * total
    return ratio * total / num_workers, math.hypot(own, shared) / num_workers


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
