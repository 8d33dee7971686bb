"""Plain convolutional classifiers: conv-pool blocks, then dense layers.

from search_spaces import ConvPool
tuner = keras_tuner.GridSearch(ConvPool(conv_blocks=[1, 2, 3], learning_rate=3e-3), ...)
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from keras import layers

from search_spaces.classifier import Classifier
from search_spaces.contract import Values
from search_spaces.hyperparameter import Hyperparameter
from search_spaces.parts import normalized
from search_spaces.schedules import dense_widths, filter_counts, kernel_sizes
from search_spaces.shapes import Maps
from search_spaces.training import TRAINING

HYPERPARAMETERS: Mapping[str, Hyperparameter] = MappingProxyType(
    {
        "conv_blocks": Hyperparameter(
            "scientific", (1, 2, 3, 4, 5), 3, "depth: the number of conv-pool blocks", minimum=1,
            axis="depth", step="block",
        ),
        "filter_multiplier": Hyperparameter(
            "scientific", (0.5, 1.0, 2.0, 4.0), 1.0, "width: times 16 filters", minimum=1 / 16,
            axis="width",
        ),
        "kernel_schedule": Hyperparameter(
            "scientific", ("3", "5-3", "7-5-3"), "3", "kernel sides from block to block",
            check=lambda level: kernel_sizes(str(level), 1),
        ),
        "dense_depth": Hyperparameter(
            "scientific", (0, 1, 2, 3, 4), 0, "the number of hidden dense layers", minimum=0
        ),
        "learning_rate": TRAINING["learning_rate"],
        "filter_growth": Hyperparameter(
            "fixed", (1, 2), 2, "times the filters in each further block", closed=True
        ),
        "convs_per_block": Hyperparameter("fixed", (1, 2), 1, "before each pooling", minimum=1),
        "activation": Hyperparameter(
            "fixed", ("relu", "linear", "elu", "gelu", "tanh"), "relu",
            "after each convolution; the dense layers have relu", closed=True,
        ),
        "normalization": Hyperparameter(
            "fixed", ("batch", "none"), "batch", "before each activation", closed=True
        ),
        "pooling": Hyperparameter("fixed", ("max", "average"), "max", "2 x 2", closed=True),
        "head": Hyperparameter(
            "fixed", ("global_average", "flatten"), "global_average",
            "from feature maps to features", closed=True,
        ),
        "last_padding": Hyperparameter(
            "fixed", ("same", "valid"), "same", "of the last convolution", closed=True
        ),
        "dense_units": Hyperparameter(
            "fixed", (512,), 512, "of the first hidden dense layer; the next have half", minimum=1
        ),
        "dropout": Hyperparameter(
            "fixed", (0.0, 0.2, 0.5), 0.0, "of the features", minimum=0, maximum=0.99
        ),
        **TRAINING,
    }
)  # fmt: skip


class ConvPool(Classifier):
    """The search space of plain convolutional classifiers: conv-pool blocks, then dense layers.

    Of the hyperparameters that are not given, the scientific ones and the learning rate are
    searched and the rest stay at their defaults.

    Examples:
        >>> import keras_tuner
        >>> from search_spaces import ConvPool
        >>> space, hp = ConvPool(input_shape=(8, 8, 1)), keras_tuner.HyperParameters()
        >>> space.declare_hyperparameters(hp)
        >>> space.infeasible({**hp.values, "conv_blocks": 4})
        'block 4: 1 px map cannot be pooled'
    """

    HYPERPARAMETERS: ClassVar[Mapping[str, Hyperparameter]] = HYPERPARAMETERS

    def features(self, maps: Any, values: Values) -> Any:
        """The blocks, the head, and the hidden dense layers."""
        for number in range(1, values["conv_blocks"] + 1):
            maps = self.block(maps, number, values)
        features = head(maps, values["head"])
        if values["dropout"]:
            features = layers.Dropout(values["dropout"])(features)
        for units in dense_widths(values["dense_depth"], values["dense_units"]):
            features = layers.Dense(units, activation="relu")(features)
        return features

    def count_features(self, maps: Maps, values: Values) -> Maps:
        """The same by arithmetic.

        Raises:
            InfeasibleError: where a feature map is smaller than its kernel or pool.
        """
        for number in range(1, values["conv_blocks"] + 1):
            maps = self.count_block(maps.at(f"block {number}"), number, values)
        features = maps.flattened() if values["head"] == "flatten" else maps.averaged()
        for units in dense_widths(values["dense_depth"], values["dense_units"]):
            features = features.dense(units)
        return features

    def block(self, maps: Any, number: int, values: Values) -> Any:
        """Convolutions, each with its normalization and activation, and a pooling.

        A maximum is pooled before the last relu: the numbers are the same, for a quarter of its
        work.

        Args:
            maps: of shape (images, side, side, channels).
            number: of the block, from 1.
            values: the configuration.

        Returns:
            Of shape (images, side // 2, side // 2, filters).
        """
        commutes = values["pooling"] == "max" and values["activation"] == "relu"
        normalizes = values["normalization"] == "batch"
        for filters, kernel, padding, is_last in convolutions(number, values):
            maps = layers.Conv2D(filters, kernel, padding=padding, use_bias=not normalizes)(maps)
            if normalizes:
                maps = normalized(maps)
            if commutes and is_last:
                maps = pooled(maps, values["pooling"])
            if values["activation"] != "linear":
                maps = layers.Activation(values["activation"])(maps)
        return maps if commutes else pooled(maps, values["pooling"])

    def count_block(self, maps: Maps, number: int, values: Values) -> Maps:
        """The same by arithmetic.

        Raises:
            InfeasibleError: where a feature map is smaller than its kernel or pool.
        """
        normalizes = values["normalization"] == "batch"
        for filters, kernel, padding, _ in convolutions(number, values):
            maps = maps.convolved(filters, kernel, padding=padding, bias=not normalizes)
            if normalizes:
                maps = maps.normalized()
        return maps.pooled()


def convolutions(number: int, values: Values) -> Iterator[tuple[int, int, str, bool]]:
    """Filters, kernel side, padding, and whether it is its last, of each convolution of a block."""
    num_blocks, num_convs = values["conv_blocks"], values["convs_per_block"]
    kernel = kernel_sizes(values["kernel_schedule"], num_blocks)[number - 1]
    counts = filter_counts(values["filter_multiplier"], values["filter_growth"], num_blocks)
    for convolution in range(1, num_convs + 1):
        is_last = convolution == num_convs
        ends = is_last and number == num_blocks
        yield counts[number - 1], kernel, values["last_padding"] if ends else "same", is_last


def pooled(maps: Any, pooling: str) -> Any:
    """Half the side, by 2 x 2 pooling."""
    return layers.MaxPooling2D(2)(maps) if pooling == "max" else layers.AveragePooling2D(2)(maps)


def head(maps: Any, kind: str) -> Any:
    """Feature maps to a vector of features."""
    return layers.Flatten()(maps) if kind == "flatten" else layers.GlobalAveragePooling2D()(maps)
