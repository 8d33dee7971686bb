"""The FLOPs of a network that is built, counted layer by layer."""

import math
from collections.abc import Iterator
from typing import Any

from keras import layers

#: Layers that multiply each pixel of what they give, or all of it, by their kernels.
COUNTED = (
    *(layers.Dense, layers.Conv1D, layers.Conv2D, layers.Conv3D),
    *(layers.DepthwiseConv1D, layers.DepthwiseConv2D),
    *(layers.SeparableConv1D, layers.SeparableConv2D),
)
KERNELS = ("kernel", "depthwise_kernel", "pointwise_kernel")
#: Layers that have weights and count as nothing beside those.
FREE = (
    *(layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization),
    *(layers.Embedding, layers.PReLU),
)


def flops_of(network: Any) -> int | None:
    """FLOPs of a forward pass of one image; a multiply-add counts as two.

    Those of convolutions and dense layers are counted, as is usual; None where a layer of another
    kind has weights, or nobody knows the shape of what a layer gives.
    """
    total = 0
    for layer in leaves(network):
        if isinstance(layer, COUNTED):
            try:
                places = math.prod(layer.output.shape[1:-1])
            except (AttributeError, TypeError, ValueError):  # called twice, or by hand
                return None
            kernels = [getattr(layer, name) for name in KERNELS if hasattr(layer, name)]
            total += sum(2 * math.prod(kernel.shape) * places for kernel in kernels)
        elif layer.weights and not isinstance(layer, FREE):
            return None
    return total


def leaves(network: Any) -> Iterator[Any]:
    """The layers of a network, and in place of a network within it the layers of that."""
    for layer in network.layers:
        if hasattr(layer, "layers"):
            yield from leaves(layer)
        else:
            yield layer
