"""Classifiers without convolutions: dense layers alone.

from search_spaces import Mlp
tuner = keras_tuner.GridSearch(Mlp(dense_depth=[1, 2, 3], dense_units=64), ...)
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from keras import layers

from search_spaces.classifier import Classifier
from search_spaces.contract import Values
from search_spaces.hyperparameter import Hyperparameter
from search_spaces.shapes import Maps
from search_spaces.training import TRAINING

HYPERPARAMETERS: Mapping[str, Hyperparameter] = MappingProxyType(
    {
        "dense_depth": Hyperparameter(
            "scientific", (1, 2, 3, 4), 2, "depth: the number of hidden dense layers", minimum=1,
            axis="depth", step="dense layer",
        ),
        "dense_units": Hyperparameter(
            "scientific", (32, 64, 128), 64, "width: units of each hidden layer", minimum=1,
            axis="width",
        ),
        "dropout": Hyperparameter(
            "fixed", (0.0, 0.2, 0.5), 0.0, "behind each hidden layer", minimum=0, maximum=0.99
        ),
        **TRAINING,
        "learning_rate": replace(TRAINING["learning_rate"], default=1e-3),  # nothing is normalized
    }
)  # fmt: skip


class Mlp(Classifier):
    """The search space of dense networks: hidden layers of equal width, with relu.

    Examples:
        >>> import keras_tuner
        >>> from search_spaces import Mlp
        >>> space, hp = Mlp(input_shape=(8, 8, 1)), keras_tuner.HyperParameters()
        >>> space.build(hp).count_params() == space.cost(hp.values)[0]
        True
    """

    HYPERPARAMETERS: ClassVar[Mapping[str, Hyperparameter]] = HYPERPARAMETERS

    def features(self, maps: Any, values: Values) -> Any:
        """The pixels, and the hidden layers."""
        features = layers.Flatten()(maps)
        for _ in range(values["dense_depth"]):
            features = layers.Dense(values["dense_units"], activation="relu")(features)
            if values["dropout"]:
                features = layers.Dropout(values["dropout"])(features)
        return features

    def count_features(self, maps: Maps, values: Values) -> Maps:
        """The same by arithmetic; every configuration is feasible, whatever the images."""
        features = maps.flattened()
        for _ in range(values["dense_depth"]):
            features = features.dense(values["dense_units"])
        return features
