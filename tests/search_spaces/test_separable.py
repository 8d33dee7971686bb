"""Separable against the arithmetic of its paper."""

import pytest

from tuner.training.backend import start_tensorflow

start_tensorflow()

from search_spaces import Separable  # noqa: E402
from search_spaces.shapes import Maps  # noqa: E402

pytestmark = pytest.mark.trains


def test_a_block_costs_a_ninth_and_a_filter_of_a_plain_convolution():
    """Howard et al. 2017, section 3.1: 1 / N + 1 / 9 of N filters."""
    values = {"blocks_per_stage": 2, "width_multiplier": 1.0}
    block = Separable().count_block(Maps(16, 32), 2, values).tally
    plain = Maps(16, 32).convolved(32).tally
    assert block.flops / plain.flops == pytest.approx(1 / 32 + 1 / 9)


def test_stages_halve_the_side_and_double_the_filters():
    values, maps = {"blocks_per_stage": 2, "width_multiplier": 0.5}, Maps(32, 16)
    shapes = []
    for number in range(1, 7):
        maps = Separable().count_block(maps, number, values)
        shapes.append((maps.side, maps.channels))
    assert shapes == [(32, 16), (32, 16), (16, 32), (16, 32), (8, 64), (8, 64)]
