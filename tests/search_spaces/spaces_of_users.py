"""Spaces as users write them, of ones that ship, in ten lines each, as docs/spaces.md shows."""

from typing import ClassVar

import keras
from keras import layers

from search_spaces import ConvPool, Hyperparameter


class Gated(ConvPool):
    """Blocks that weigh their maps (Hu et al. 2018); `gate` is a factor."""

    HYPERPARAMETERS: ClassVar = {
        **ConvPool.HYPERPARAMETERS,
        "gate": Hyperparameter("scientific", (4, 8, 16), 4, "units of each gate", minimum=1),
    }

    def block(self, maps, number, values):
        maps = super().block(maps, number, values)
        means = layers.GlobalAveragePooling2D(keepdims=True)(maps)
        units = layers.Dense(values["gate"], activation="relu")(means)
        return maps * layers.Dense(maps.shape[-1], activation="sigmoid")(units)


class Smoothed(ConvPool):
    """Asks for a factor as any HyperModel does, and takes whatever its base takes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)

    def build(self, hp):
        model = super().build(hp)
        smoothing = hp.Choice("smoothing", [0.0, 0.1])
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
        model.compile(model.optimizer, loss, metrics=["accuracy"])
        return model


class Fitted(ConvPool):
    """Trains in a way of its own."""

    def fit(self, hp, model, *args, **kwargs):
        return super().fit(hp, model, *args, **{**kwargs, "shuffle": False})
