"""The order in which strategies that results have no say in propose cells."""

import numpy as np


def drawn_order(num_cells: int, seed: int) -> list[int]:
    """The places of cells, each once, in an order drawn by the seed."""
    return [int(place) for place in np.random.default_rng(seed).permutation(num_cells)]
