"""Residual classifiers of two sizes, width and depth: Wide ResNets.

from search_spaces import Residual
tuner = keras_tuner.GridSearch(Residual(blocks_per_stage=[1, 2], widen_factor=[1, 2]), ...)
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
STEM = 16  # filters of the first convolution

HYPERPARAMETERS: Mapping[str, Hyperparameter] = MappingProxyType(
    {
        "blocks_per_stage": Hyperparameter(
            "scientific", (1, 2, 3), 1, "depth: n of 6n + 4 layers", minimum=1,
            axis="depth", step="block per stage",
        ),
        "widen_factor": Hyperparameter(
            "scientific", (0.5, 1.0, 2.0), 1.0, "width: times 16, 32, 64 filters", minimum=1 / 16,
            axis="width",
        ),
        **TRAINING,
    }
)  # fmt: skip


class Residual(Classifier):
    """The search space of Wide ResNets (Zagoruyko and Komodakis 2016, table 1).

    A convolution of 16 filters, three stages of residual blocks with 16k, 32k and 64k filters, the
    mean of each map: 6n + 4 layers for n blocks per stage. The blocks are theirs, "basic" and
    without dropout: normalization and relu before each of two 3 x 3 convolutions. Theirs start at
    k = 1 and are trained by momentum with weight decay for 200 epochs.

    Examples:
        >>> import keras_tuner
        >>> from search_spaces import Residual
        >>> space, hp = Residual(input_shape=(8, 8, 1)), keras_tuner.HyperParameters()
        >>> space.build(hp).count_params() == space.cost(hp.values)[0]
        True
    """

    HYPERPARAMETERS: ClassVar[Mapping[str, Hyperparameter]] = HYPERPARAMETERS

    def features(self, maps: Any, values: Values) -> Any:
        """The first convolution, the stages, and the mean of each map."""
        maps = layers.Conv2D(STEM, 3, padding="same", use_bias=False)(maps)
        for number in range(1, len(blocks(values)) + 1):
            maps = self.block(maps, number, values)
        return layers.GlobalAveragePooling2D()(active(maps))

    def count_features(self, maps: Maps, values: Values) -> Maps:
        """The same by arithmetic; every configuration is feasible, whatever the images."""
        maps = maps.convolved(STEM)
        for number in range(1, len(blocks(values)) + 1):
            maps = self.count_block(maps, number, values)
        return maps.normalized().averaged()

    def block(self, maps: Any, number: int, values: Values) -> Any:
        """Two convolutions, and what they add to: the maps, by 1 x 1 where their shape changes.

        Args:
            maps: of shape (images, side, side, channels).
            number: of the block, from 1, through all stages.
            values: the configuration.

        Returns:
            Of shape (images, side / strides, side / strides, filters).
        """
        filters, strides = blocks(values)[number - 1]
        before = active(maps)
        if strides > 1 or maps.shape[-1] != filters:
            maps = layers.Conv2D(filters, 1, strides, padding="same", use_bias=False)(before)
        added = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(before)
        added = layers.Conv2D(filters, 3, padding="same", use_bias=False)(active(added))
        return layers.Add()([maps, added])

    def count_block(self, maps: Maps, number: int, values: Values) -> Maps:
        """The same by arithmetic."""
        filters, strides = blocks(values)[number - 1]
        before = maps.normalized()
        if strides > 1 or maps.channels != filters:
            before.convolved(filters, 1, strides)
        return before.convolved(filters, 3, strides).normalized().convolved(filters, 3)


def blocks(values: Values) -> list[tuple[int, int]]:
    """Filters and strides of the blocks of all stages."""
    filters = filter_counts(values["widen_factor"], 2, NUM_STAGES, STEM)
    return staged(filters, values["blocks_per_stage"])
