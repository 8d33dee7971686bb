"""The shapes of a convolutional network by arithmetic: its blocks, cost and feasibility."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from search_spaces.schedules import dense_widths, filter_counts, kernel_sizes


class Convolution(NamedTuple):
    """One convolution: sides in pixels, channels in, filters out."""

    channels: int
    filters: int
    kernel: int
    padding: str
    size_in: int
    size_out: int


def conv_blocks(values: Mapping[str, Any], input_shape: Sequence[int]) -> list[list[Convolution]]:
    """The convolutions of each conv-pool block of a configuration, by arithmetic alone."""
    num_blocks, num_convs = values["conv_blocks"], values["convs_per_block"]
    size, channels = min(input_shape[:2]), input_shape[2]
    kernels = kernel_sizes(values["kernel_schedule"], num_blocks)
    filters = filter_counts(values["filter_multiplier"], values["filter_growth"], num_blocks)
    blocks = []
    for block in range(num_blocks):
        convolutions = []
        for number in range(num_convs):
            is_last = block == num_blocks - 1 and number == num_convs - 1
            padding = values["last_padding"] if is_last else "same"
            size_out = size - kernels[block] + 1 if padding == "valid" else size
            convolutions.append(
                Convolution(channels, filters[block], kernels[block], padding, size, size_out)
            )
            size, channels = size_out, filters[block]
        blocks.append(convolutions)
        size //= 2
    return blocks


def infeasible(values: Mapping[str, Any], input_shape: Sequence[int]) -> str | None:
    """Why no network has this configuration, or None; by shape arithmetic, nothing is built."""
    for number, block in enumerate(conv_blocks(values, input_shape), start=1):
        for convolution in block:
            if convolution.padding == "valid" and convolution.kernel > convolution.size_in:
                return (
                    f"block {number}: {convolution.size_in} px map is smaller than its "
                    f"{convolution.kernel} px kernel"
                )
        if block[-1].size_out < 2:
            return f"block {number}: {block[-1].size_out} px map cannot be pooled"
    return None


def cost(
    values: Mapping[str, Any], input_shape: Sequence[int], num_classes: int
) -> tuple[int, int]:
    """Parameters (moving averages included) and forward FLOPs an image of a configuration.

    A multiply-add counts as two FLOPs; those of convolutions and dense layers are counted.
    """
    bias, normalization = (0, 4) if values["normalization"] == "batch" else (1, 0)
    blocks = conv_blocks(values, input_shape)
    params = flops = 0
    for convolution in (convolution for block in blocks for convolution in block):
        weights = convolution.kernel**2 * convolution.channels * convolution.filters
        params += weights + (bias + normalization) * convolution.filters
        flops += 2 * weights * convolution.size_out**2
    last = blocks[-1][-1]
    positions = (last.size_out // 2) ** 2 if values["head"] == "flatten" else 1
    widths = [
        last.filters * positions,
        *dense_widths(values["dense_depth"], values["dense_units"]),
        num_classes,
    ]
    for units_in, units_out in itertools.pairwise(widths):
        params += (units_in + 1) * units_out
        flops += 2 * units_in * units_out
    return params, flops
