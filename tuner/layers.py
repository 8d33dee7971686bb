"""The layers of a network, block by block: output shapes, parameters and FLOPs."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

HALVED = 0.6  # of a map's side: a pooling or a stride; what no padding takes is less


def layer_table(network: Any) -> "pd.DataFrame":
    """The layers of a network, those without weights with the one before them.

    Args:
        network: a Keras model that is built.

    Returns:
        One row a layer with weights, or a change from maps to features: block (a number, the next
        where maps are halved; "dense" where there are none), layer, output (pixels and channels),
        params, flops (forward, an image, convolutions and dense layers alone; NA where a layer is
        neither). An output is empty where the network is no graph of layers.
    """
    import pandas as pd

    rows, block, side = [], 0, math.inf
    for group in groups(network):
        shape = output_shape(group[0])
        if len(shape) > 1 and min(shape[:-1]) <= HALVED * side:
            block, side = block + 1, min(shape[:-1])
        counts = [flops(layer) for layer in group]
        rows.append(
            {
                "block": str(block) if len(shape) > 1 else "dense" if shape else "",
                "layer": ", ".join(map(described, group)),
                "output": " × ".join(map(str, output_shape(group[-1]))),
                "params": sum(layer.count_params() for layer in group),
                "flops": None if None in counts else sum(count or 0 for count in counts),
            }
        )
    found = pd.DataFrame(rows, columns=["block", "layer", "output", "params", "flops"])
    return found.astype({"params": "Int64", "flops": "Int64"})


def groups(network: Any) -> list[list[Any]]:
    """The layers in their order: one with a kernel begins a group, and so does another rank."""
    found: list[list[Any]] = []
    rank = 0
    for layer in flat(network):
        shape = output_shape(layer)
        if not found or kernels(layer) or len(shape) != rank:
            found.append([])
        found[-1].append(layer)
        rank = len(shape)
    return found


def flat(network: Any) -> Iterator[Any]:
    """The layers of a network, and those of networks in it; inputs are none."""
    for layer in network.layers:
        if hasattr(layer, "layers"):
            yield from flat(layer)
        elif type(layer).__name__ != "InputLayer":
            yield layer


def output_shape(layer: Any) -> Sequence[int]:
    """The shape of what a layer gives for one image; () where nobody knows."""
    try:
        return [size or 1 for size in layer.output.shape[1:]]
    except (AttributeError, ValueError):  # it is no layer of a graph
        return ()


def kernels(layer: Any) -> list[tuple[int, ...]]:
    """The shapes of a layer's weights that something is multiplied with, and not only scaled."""
    return [tuple(weight.shape) for weight in layer.trainable_weights if len(weight.shape) > 1]


def flops(layer: Any) -> int | None:
    """Forward FLOPs of a layer for one image, two a multiply-add; None where nobody counts them."""
    import keras

    counted = keras.layers
    known = (
        *(counted.Dense, counted.Conv1D, counted.Conv2D, counted.Conv3D),
        *(counted.DepthwiseConv1D, counted.DepthwiseConv2D),
        *(counted.SeparableConv1D, counted.SeparableConv2D),
    )
    if not kernels(layer):
        return 0
    shape = output_shape(layer)
    if not isinstance(layer, known) or not shape:
        return None
    is_first = getattr(layer, "data_format", "") == "channels_first"
    places = math.prod(shape[1:] if is_first else shape[:-1])
    return 2 * places * sum(math.prod(kernel) for kernel in kernels(layer))


def described(layer: Any) -> str:
    """A layer in words: "Conv2D 32 of 3 × 3", "Dense 10 softmax", "relu"."""
    kind, units = type(layer).__name__, getattr(layer, "filters", getattr(layer, "units", ""))
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if kind == "Activation":
        return str(activation)
    sides = getattr(layer, "kernel_size", ())
    words = [kind, str(units or ""), "of" * bool(sides and units), " × ".join(map(str, sides))]
    return " ".join(word for word in [*words, activation * (activation != "linear")] if word)
