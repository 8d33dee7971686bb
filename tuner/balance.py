"""A part of a design that meets its levels, and its pairs of levels, as evenly as it can."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

NUM_STARTS = 10  # exchanges end in a local optimum; small designs are begun anew so often
MOST_COMPARISONS = 200_000  # of a chosen with another configuration, for more than one start


def balanced_subset(
    listed: Sequence[Mapping[str, object]], size: int | None, seed: int
) -> list[int]:
    """The indices of `size` configurations that meet every level, and pair of levels, evenly.

    From random parts, configurations are exchanged while that lowers the sum of squared counts of
    levels and of pairs (Fedorov's exchange; Cook and Nachtsheim 1980). The result is in the
    order of `listed`; the seed decides between parts that are equally good.
    """
    if size is None or size >= len(listed):
        return list(range(len(listed)))
    columns = pd.DataFrame(listed).astype(str)
    pairs = [columns[a] + "\x00" + columns[b] for a, b in itertools.combinations(columns, 2)]
    codes = [pd.factorize(values)[0] for values in (*(columns[name] for name in columns), *pairs)]
    # A level counts more than a pair: no gain among pairs may cost the balance of a factor.
    weights = [1.0 + len(pairs)] * len(columns.columns) + [1.0] * len(pairs)
    rng = np.random.default_rng(seed)
    num_starts = NUM_STARTS if size * len(listed) <= MOST_COMPARISONS else 1
    parts = [
        exchanged(codes, weights, rng.choice(len(listed), size, replace=False))
        for _ in range(num_starts)
    ]
    chosen = min(parts, key=lambda part: imbalance(codes, weights, part))
    return sorted(int(index) for index in chosen)


def exchanged(
    codes: Sequence[npt.NDArray[np.intp]], weights: Sequence[float], start: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """A part that no exchange of one configuration makes more even."""
    chosen = start.copy()
    counts = [np.bincount(code[chosen], minlength=code.max() + 1) for code in codes]
    is_taken = np.zeros(len(codes[0]), bool)
    is_taken[chosen] = True
    changed = True
    while changed:
        changed = False
        for place, index in enumerate(chosen):
            for count, code in zip(counts, codes, strict=True):
                count[code[index]] -= 1
            met = np.zeros(len(is_taken))
            for weight, count, code in zip(weights, counts, codes, strict=True):
                met += weight * count[code]
            best = int(np.argmin(np.where(is_taken, np.inf, met)))
            if met[best] < met[index]:
                is_taken[index], is_taken[best] = False, True
                chosen[place] = index = best
                changed = True
            for count, code in zip(counts, codes, strict=True):
                count[code[index]] += 1
    return chosen


def imbalance(
    codes: Sequence[npt.NDArray[np.intp]], weights: Sequence[float], chosen: npt.NDArray[np.intp]
) -> float:
    """The weighted sum of squared counts of levels and pairs in a part."""
    squares = [float((np.bincount(code[chosen]) ** 2).sum()) for code in codes]
    return sum(weight * square for weight, square in zip(weights, squares, strict=True))
