"""How long the rest of a study takes, from how long its executions have taken."""

import math
import statistics
from collections.abc import Sequence


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


def duration(seconds: float) -> str:
    """A time as people say it: "45 s", "12 min", "3.5 h"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
