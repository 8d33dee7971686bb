"""Which configurations will go on to the next rung, as far as anything tells."""

import math
import statistics
from collections.abc import Mapping

Chances = Mapping[int, float]  # that a configuration is in a rung, by its number from 0


def promoted(
    chances: Chances, merits: Mapping[int, float], size: int, trust: float
) -> dict[int, float]:
    """The chances of being in the next rung: of the best by merit as far as that is trusted.

    Args:
        chances: of being in this one.
        merits: higher is better.
        size: of the next.
        trust: from 0, where all have the same chance, to 1.
    """
    room, whole, found = float(size), sum(chances.values()) or 1.0, {}
    for number in sorted(chances, key=lambda number: -merits[number]):
        best = min(chances[number], room)
        room -= best
        found[number] = trust * best + (1 - trust) * chances[number] * size / whole
    return found


def placed(scores: Mapping[int, float], merits: Mapping[int, float]) -> dict[int, float]:
    """Scores on the scale of the merits that their configurations had, to be ranked with others."""
    had = [merits[number] for number in scores if math.isfinite(merits[number])]
    mean, spread = (statistics.fmean(had), statistics.pstdev(had)) if had else (0.0, 1.0)
    return {n: mean + (spread or 1.0) * score for n, score in standardized(scores).items()}


def standardized(values: Mapping[int, float]) -> dict[int, float]:
    """Values less their mean, in standard deviations; 0 where all are equal."""
    if not values:
        return {}
    mean, spread = statistics.fmean(values.values()), statistics.pstdev(values.values())
    return {number: (value - mean) / (spread or 1.0) for number, value in values.items()}
