"""Classifiers of depthwise-separable convolutions: MobileNets for small images.

from search_spaces import Separable
tuner = keras_tuner.GridSearch(Separable(blocks_per_stage=2, width_multiplier=[0.5, 1]), ...)
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from keras import layers

from search_spaces.classifier import Classifier
from search_spaces.contract import Values
from search_spaces.hyperparameter import Hyperparameter
from search_spaces.parts import active
from search_spaces.schedules import filter_counts, staged
from search_spaces.shapes import Maps
from search_spaces.training import TRAINING

NUM_STAGES = 3  # each but the first halves the side and doubles the filters
FILTERS = 32  # of the first convolution and the first stage

HYPERPARAMETERS: Mapping[str, Hyperparameter] = MappingProxyType(
    {
        "blocks_per_stage": Hyperparameter(
            "scientific", (1, 2, 3), 1, "depth: separable convolutions in each of three stages",
            minimum=1, axis="depth", step="block per stage",
        ),
        "width_multiplier": Hyperparameter(
            "scientific", (0.5, 1.0, 2.0), 1.0, "width: times 32, 64, 128 filters",
            minimum=1 / 32, axis="width",
        ),
        **TRAINING,
    }
)  # fmt: skip


class Separable(Classifier):
    """The search space of depthwise-separable convolutions (Howard et al. 2017, table 1).

    A convolution, three stages of separable blocks, the mean of each map. Theirs is of images of
    224 x 224 pixels, which it halves five times; here sides are halved twice.

    Examples:
        >>> import keras_tuner
        >>> from search_spaces import Separable
        >>> space, hp = Separable(input_shape=(8, 8, 1)), keras_tuner.HyperParameters()
        >>> space.build(hp).count_params() == space.cost(hp.values)[0]
        True
    """

    HYPERPARAMETERS: ClassVar[Mapping[str, Hyperparameter]] = HYPERPARAMETERS

    def features(self, maps: Any, values: Values) -> Any:
        """The first convolution, the stages, and the mean of each map."""
        filters = blocks(values)[0][0]
        maps = active(layers.Conv2D(filters, 3, padding="same", use_bias=False)(maps))
        for number in range(1, len(blocks(values)) + 1):
            maps = self.block(maps, number, values)
        return layers.GlobalAveragePooling2D()(maps)

    def count_features(self, maps: Maps, values: Values) -> Maps:
        """The same by arithmetic; every configuration is feasible, whatever the images."""
        maps = maps.convolved(blocks(values)[0][0]).normalized()
        for number in range(1, len(blocks(values)) + 1):
            maps = self.count_block(maps, number, values)
        return maps.averaged()

    def block(self, maps: Any, number: int, values: Values) -> Any:
        """A 3 x 3 convolution of each map by itself, then one of 1 x 1 through all of them.

        Args:
            maps: of shape (images, side, side, channels).
            number: of the block, from 1, through all stages.
            values: the configuration.

        Returns:
            Of shape (images, side / strides, side / strides, filters).
        """
        filters, strides = blocks(values)[number - 1]
        maps = layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False)(maps)
        return active(layers.Conv2D(filters, 1, use_bias=False)(active(maps)))

    def count_block(self, maps: Maps, number: int, values: Values) -> Maps:
        """The same by arithmetic."""
        filters, strides = blocks(values)[number - 1]
        return maps.depthwise(3, strides).normalized().convolved(filters, 1).normalized()


def blocks(values: Values) -> list[tuple[int, int]]:
    """Filters and strides of the blocks of all stages."""
    filters = filter_counts(values["width_multiplier"], 2, NUM_STAGES, FILTERS)
    return staged(filters, values["blocks_per_stage"])
