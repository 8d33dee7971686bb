"""How the networks of the spaces are trained: what is held of it, optimizers, learning rates."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import keras
import numpy as np

from search_spaces.hyperparameter import Hyperparameter

#: The rows of a space's table that say how its networks are trained.
TRAINING: Mapping[str, Hyperparameter] = MappingProxyType(
    {
        "learning_rate": Hyperparameter(
            "nuisance", (3e-4, 1e-3, 3e-3, 1e-2, 3e-2), 1e-2, "at the start", minimum=1e-12
        ),
        "optimizer": Hyperparameter(
            "fixed", ("adam", "sgd", "momentum"), "adam", "momentum is SGD with 0.9", closed=True
        ),
        "learning_rate_schedule": Hyperparameter(
            "fixed", ("cosine", "constant"), "cosine", "over the epoch budget", closed=True
        ),
        "batch_size": Hyperparameter("fixed", (128,), 128, "images", minimum=1),
        "augmentation": Hyperparameter(
            "fixed", ("none", "flip_crop"), "none", "of the training images", closed=True
        ),
    }
)


def optimizer(name: str, learning_rate: float) -> keras.optimizers.Optimizer:
    """The optimizer of a configuration at its starting learning rate."""
    if name == "adam":
        return keras.optimizers.Adam(learning_rate)
    return keras.optimizers.SGD(learning_rate, momentum=0.9 if name == "momentum" else 0.0)


def learning_rate_at(values: Mapping[str, Any], progress: float) -> float:
    """The learning rate of a configuration after a fraction `progress` of the training's steps.

    The cosine falls to zero without restarts (Loshchilov and Hutter 2017, eq. 5).
    """
    if values["learning_rate_schedule"] == "constant":
        return float(values["learning_rate"])
    return float(values["learning_rate"] * 0.5 * (1 + np.cos(np.pi * progress)))


class LearningRateByProgress(keras.callbacks.Callback):  # type: ignore[misc]
    """Sets the learning rate before each step, from the fraction of the training that is done."""

    def __init__(self, learning_rate_at: Any) -> None:
        super().__init__()
        self.learning_rate_at = learning_rate_at
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Remembers the epoch."""
        self.epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Sets the rate of this step."""
        steps = self.params["steps"] or math.inf  # not known in the first epoch of a dataset
        progress = (self.epoch + batch / steps) / self.params["epochs"]
        self.model.optimizer.learning_rate = self.learning_rate_at(progress)
