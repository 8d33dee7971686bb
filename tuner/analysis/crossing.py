"""Whether a factor is crossed with the others over its range, and which part of it is."""

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np

from tuner.analysis.arrangement import Arranged
from tuner.analysis.least_squares import Codes, Floats

MIN_CROSSED = 0.5  # of the cells that the levels and the combinations of a slope would make
MAX_LEVERAGE = 0.9
MAX_SETS = 200  # of levels that occur together; of more, pairs of sets are not tried


def is_crossed(kept: Arranged) -> bool:
    """Tell whether at least half the cells of these levels and combinations are there.

    Else the ends of the range are seen in a few combinations, and a slope is a slope of those.

    Args:
        kept: the cells of combinations with two levels or more.
    """
    whole = len(np.unique(kept.level)) * len(np.unique(kept.combination))
    return len(kept) >= MIN_CROSSED * whole


def crossed_part(kept: Arranged) -> Arranged:
    """Find the most cells that are levels crossed with combinations, without a hole.

    The levels tried are those of one combination, and those that two have in common. A part of one
    combination is taken only where there is no other; of two of one size, that of more of them.
    """
    found = defaultdict(set)
    for combination, level in zip(kept.combination.tolist(), kept.level.tolist(), strict=True):
        found[combination].add(level)
    sets = {combination: frozenset(levels) for combination, levels in found.items()}
    num = Counter(sets.values())
    tried = {*num}
    if len(tried) <= MAX_SETS:
        tried |= {one & other for one, other in combinations(tried, 2)}
    candidates = sorted((levels for levels in tried if len(levels) > 1), key=sorted)
    held = {part: sum(num[levels] for levels in num if part <= levels) for part in candidates}
    levels = max(held, key=lambda part: (held[part] > 1, held[part] * len(part), held[part]))
    holders = [combination for combination, known in sets.items() if levels <= known]
    is_part = np.isin(kept.level, [*levels]) & np.isin(kept.combination, holders)
    return kept.take(is_part)


def decisive_level(level: Codes, centred: Floats) -> tuple[int, float]:
    """Find the level that bears most on a line, and its leverage.

    Of three levels or more: a line through two bears on both alike, and nothing else is there. In
    a full factorial it is the leverage of a marginal mean (Draper and Smith 1998, section 8.1).

    Args:
        level: the position of each cell's level.
        centred: its place on the axis, within its combination.
    """
    sums = np.bincount(level, centred**2)
    num_levels = len(np.unique(level))
    if num_levels < 3:
        return int(sums.argmax()), 0.0
    return int(sums.argmax()), float(1 / num_levels + sums.max() / sums.sum())
