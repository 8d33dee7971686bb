"""How the layers of a network grow or shrink with its depth: plain integers, no Keras."""

import itertools
from collections.abc import Sequence


def kernel_sizes(schedule: str, num_blocks: int) -> list[int]:
    """Kernel side of each block, in pixels: "7-5-3" in four blocks is [7, 5, 3, 3].

    Kernels shrink from block to block; the last size repeats.

    Raises:
        ValueError: if the schedule is not odd sizes in falling order joined by "-".
    """
    parts = schedule.split("-")
    sizes = [int(part) for part in parts if part.isdigit()]
    falling = all(first > second for first, second in itertools.pairwise(sizes))
    if len(sizes) != len(parts) or not falling or not all(size % 2 for size in sizes):
        raise ValueError(f"expected odd kernel sizes that shrink, as in '7-5-3'; got {schedule!r}")
    return (sizes + [sizes[-1]] * num_blocks)[:num_blocks]


def filter_counts(multiplier: float, growth: int, num_blocks: int, first: int = 16) -> list[int]:
    """Filters of each block: `first` times the multiplier, then times the growth in each block."""
    return [max(1, round(first * multiplier)) * growth**block for block in range(num_blocks)]


def staged(filters: Sequence[int], blocks_per_stage: int) -> list[tuple[int, int]]:
    """Filters and strides of each block, in stages of which each but the first halves the side."""
    return [
        (count, 2 if stage and not place else 1)
        for stage, count in enumerate(filters)
        for place in range(blocks_per_stage)
    ]


def dense_widths(num_layers: int, first: int = 512) -> list[int]:
    """Units of each hidden dense layer, halved each time: 4 from 512 is 512-256-128-64."""
    return [max(1, first // 2**layer) for layer in range(num_layers)]
