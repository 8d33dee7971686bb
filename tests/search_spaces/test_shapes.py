import pytest

from search_spaces.shapes import conv_blocks, cost, infeasible

PLAIN = {
    "conv_blocks": 2, "filter_multiplier": 1.0, "kernel_schedule": "3", "dense_depth": 0,
    "filter_growth": 2, "convs_per_block": 1, "normalization": "none", "head": "flatten",
    "last_padding": "same", "dense_units": 64,
}  # fmt: skip


def sides(values, side):
    return [
        [(layer.size_in, layer.size_out) for layer in block]
        for block in conv_blocks({**PLAIN, **values}, (side, side, 3))
    ]


def reason(side, **values):
    return infeasible({**PLAIN, **values}, (side, side, 3))


def params(**values):
    return cost({**PLAIN, **values}, (32, 32, 3), 10)[0]


def test_each_block_halves_the_side_rounding_down():
    assert sides({"conv_blocks": 3}, 15) == [[(15, 15)], [(7, 7)], [(3, 3)]]


def test_only_the_last_convolution_can_be_unpadded():
    values = {"convs_per_block": 2, "last_padding": "valid", "kernel_schedule": "5"}
    assert sides(values, 16) == [[(16, 16), (16, 16)], [(8, 8), (8, 4)]]


def test_filters_become_the_channels_of_the_next_convolution():
    blocks = conv_blocks({**PLAIN, "convs_per_block": 2}, (8, 8, 3))
    channels = [(layer.channels, layer.filters) for block in blocks for layer in block]
    assert channels == [(3, 16), (16, 16), (16, 32), (32, 32)]


@pytest.mark.parametrize(
    ("side", "num_blocks", "feasible"),
    [(32, 5, True), (32, 6, False), (8, 3, True), (8, 4, False), (7, 2, True), (7, 3, False)],
)
def test_a_map_of_one_pixel_cannot_be_pooled(side, num_blocks, feasible):
    found = reason(side, conv_blocks=num_blocks)
    assert found == (None if feasible else f"block {num_blocks}: 1 px map cannot be pooled")


@pytest.mark.parametrize(
    ("side", "found"),
    [
        (8, "block 2: 4 px map is smaller than its 5 px kernel"),
        (10, "block 2: 1 px map cannot be pooled"),
        (12, None),
    ],
)
def test_an_unpadded_last_convolution_needs_a_map_its_kernel_fits_in(side, found):
    assert reason(side, kernel_schedule="5", last_padding="valid") == found


def test_a_padded_kernel_may_be_larger_than_its_map():
    assert reason(4, kernel_schedule="7-5") is None


@pytest.mark.parametrize(
    ("head", "thousands"),
    [("flatten", [263, 137, 90, 131, 410]), ("global_average", [2.2, 7.9, 28, 106, 410])],
)
def test_parameters_with_depth_are_not_monotone_with_a_flatten_head(head, thousands):
    found = [params(conv_blocks=n, dense_depth=1, head=head) / 1000 for n in range(1, 6)]
    assert found == pytest.approx(thousands, rel=0.015)


def test_a_multiply_add_counts_as_two_flops():
    values = {**PLAIN, "conv_blocks": 1, "filter_multiplier": 1 / 16, "head": "global_average"}
    convolution, dense = 3 * 3 * 1 * 1 * 64, 1 * 10
    assert cost(values, (8, 8, 1), 10)[1] == 2 * (convolution + dense)
