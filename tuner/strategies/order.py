"""The order in which strategies that results have no say in propose cells."""

import numpy as np


def drawn_order(num_cells: int, seed: int) -> list[int]:
    """The places of cells, each once, in an order drawn by the seed."""
    return [int(place) for place in np.random.default_rng(seed).permutation(num_cells)]


def num_initial(num_factors: int) -> int:
    """The cells that a Bayesian search draws before it proposes any: 3 for each factor."""
    return max(3 * num_factors, 3)
