"""Networks by arithmetic: shapes, what cannot be, and what is counted."""

import pytest

from search_spaces.shapes import InfeasibleError, Maps


def reason(call):
    with pytest.raises(InfeasibleError) as raised:
        call()
    return str(raised.value)


def test_a_pooling_halves_the_side_rounding_down():
    assert [Maps(side, 3).pooled().side for side in (15, 8, 3, 2)] == [7, 4, 1, 1]


def test_a_map_of_one_pixel_cannot_be_pooled():
    assert reason(Maps(1, 3).at("block 4").pooled) == "block 4: 1 px map cannot be pooled"


def test_a_padded_convolution_keeps_the_side_or_divides_it_rounding_up():
    assert [Maps(7, 3).convolved(5, 3, strides).side for strides in (1, 2, 3)] == [7, 4, 3]
    assert Maps(2, 3).convolved(5, kernel=7).side == 2, "its kernel may be larger than its map"


def test_an_unpadded_convolution_loses_what_its_kernel_does_not_fit_on():
    assert [Maps(7, 3).convolved(5, 3, strides, "valid").side for strides in (1, 2)] == [5, 3]
    found = reason(lambda: Maps(4, 3).at("block 2").convolved(5, 5, padding="valid"))
    assert found == "block 2: 4 px map is smaller than its 5 px kernel"


def test_filters_become_the_channels_of_what_follows():
    maps = Maps(8, 3).convolved(16)
    assert (maps.channels, maps.pooled().channels, maps.depthwise().channels) == (16, 16, 16)
    assert (maps.averaged().channels, maps.flattened().channels) == (16, 16 * 64)


def test_a_multiply_add_counts_as_two_flops_and_biases_as_none():
    tally = Maps(8, 1).convolved(1, bias=True).averaged().dense(10).tally
    assert tally.flops == 2 * (3 * 3 * 64 + 10)
    assert tally.params == 3 * 3 + 1 + 10 + 10


def test_a_depthwise_convolution_has_a_kernel_for_each_map():
    tally = Maps(8, 4).depthwise(3, strides=2).normalized().tally
    assert (tally.params, tally.flops) == (9 * 4 + 4 * 4, 2 * 9 * 4 * 16)


def test_all_maps_of_a_network_are_on_one_bill():
    maps = Maps(8, 2)
    maps.convolved(4, kernel=1)
    assert maps.convolved(4, kernel=1).tally.params == 2 * (2 * 4)
