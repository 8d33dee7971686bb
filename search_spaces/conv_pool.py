"""Plain convolutional classifiers: conv-pool blocks, then dense layers.

from search_spaces import ConvPool
tuner = keras_tuner.GridSearch(ConvPool(conv_blocks=[1, 2, 3], learning_rate=3e-3), ...)
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import keras
import keras_tuner
import numpy as np
from keras import layers

from search_spaces import shapes
from search_spaces.hyperparameter import Hyperparameter, Level, Role
from search_spaces.schedules import dense_widths, kernel_sizes

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
        "learning_rate": Hyperparameter(
            "nuisance", (3e-4, 1e-3, 3e-3, 1e-2, 3e-2), 1e-2, "at the start", minimum=1e-12
        ),
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
)  # fmt: skip


class ConvPool(keras_tuner.HyperModel):  # type: ignore[misc]
    """The search space of plain convolutional classifiers of square images.

    Every hyperparameter is declared before anything is built. A hyperparameter given one level is
    fixed to it, one given several is searched over them; of those not given, the scientific
    ones and the learning rate are searched and the rest stay at their defaults.

    Args:
        input_shape: height and width in pixels, and channels.
        num_classes: the classes; labels are integers from 0.
        **levels: a level, or a sequence of levels, by the name of a hyperparameter.

    Raises:
        ValueError: for an unknown hyperparameter, an impossible level, images not square.

    Examples:
        >>> import keras_tuner
        >>> from search_spaces import ConvPool
        >>> space, hp = ConvPool(input_shape=(8, 8, 1)), keras_tuner.HyperParameters()
        >>> space.declare_hyperparameters(hp)
        >>> space.infeasible({**hp.values, "conv_blocks": 4})
        'block 4: 1 px map cannot be pooled'
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int] = (32, 32, 3),
        num_classes: int = 10,
        **levels: Level | Sequence[Level],
    ) -> None:
        super().__init__(name="conv_pool")
        if len(input_shape) != 3 or input_shape[0] != input_shape[1]:
            raise ValueError(f"expected square images (side, side, channels), got {input_shape}")
        self.input_shape = tuple(input_shape)
        self.num_classes = num_classes
        given = {name: checked_levels(name, value) for name, value in levels.items()}
        self.hyperparameters = {
            name: narrowed(spec, given[name]) if name in given else spec
            for name, spec in HYPERPARAMETERS.items()
        }

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Declares every hyperparameter, fixed ones included."""
        for name, spec in self.hyperparameters.items():
            if spec.role == "fixed":
                hp.Fixed(name, spec.default)
            else:
                hp.Choice(name, list(spec.levels), default=spec.default)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Builds and compiles the network of one configuration; labels are integers.

        Raises:
            ValueError: if the configuration is infeasible, with the reason.
        """
        self.declare_hyperparameters(hp)
        values = {name: hp.get(name) for name in HYPERPARAMETERS}
        if reason := self.infeasible(values):
            raise ValueError(f"infeasible configuration: {reason}")

        images = keras.Input(self.input_shape)
        maps = augmented(images) if values["augmentation"] == "flip_crop" else images
        for convolutions in shapes.conv_blocks(values, self.input_shape):
            maps = block(maps, convolutions, values)
        features = head(maps, values["head"])
        if values["dropout"]:
            features = layers.Dropout(values["dropout"])(features)
        for units in dense_widths(values["dense_depth"], values["dense_units"]):
            features = layers.Dense(units, activation="relu")(features)
        classes = layers.Dense(self.num_classes, activation="softmax")(features)

        model = keras.Model(images, classes, name="conv_pool")
        model.compile(
            optimizer=optimizer(values["optimizer"], values["learning_rate"]),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        return model

    def fit(
        self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any
    ) -> Any:
        """Trains with the configuration's batch size and learning rates; Keras Tuner calls it."""
        images = args[0] if args else kwargs.get("x")
        if hasattr(images, "shape"):  # a dataset brings its own batches
            kwargs.setdefault("batch_size", hp.get("batch_size"))
        schedule = LearningRateByProgress(
            lambda progress: self.learning_rate_at(hp.values, progress)
        )
        kwargs["callbacks"] = [*kwargs.get("callbacks", ()), schedule]
        return model.fit(*args, **kwargs)

    @staticmethod
    def learning_rate_at(values: Mapping[str, Any], progress: float) -> float:
        """The learning rate after a fraction `progress` of the training's steps.

        The cosine falls to zero without restarts (Loshchilov and Hutter 2017, eq. 5).
        """
        if values["learning_rate_schedule"] == "constant":
            return float(values["learning_rate"])
        return float(values["learning_rate"] * 0.5 * (1 + np.cos(np.pi * progress)))

    def infeasible(self, values: Mapping[str, Any]) -> str | None:
        """Why no network has this configuration, or None; nothing is built."""
        return shapes.infeasible(values, self.input_shape)

    def cost(self, values: Mapping[str, Any]) -> tuple[int, int]:
        """Parameters and forward FLOPs an image of a configuration; nothing is built."""
        return shapes.cost(values, self.input_shape, self.num_classes)


def block(maps: Any, convolutions: Sequence[shapes.Convolution], values: Mapping[str, Any]) -> Any:
    """Convolutions, each with its normalization and activation, and a pooling.

    A maximum is pooled before the last relu: the numbers are the same, for a quarter of its work.
    """
    commutes = values["pooling"] == "max" and values["activation"] == "relu"
    for number, convolution in enumerate(convolutions, start=1):
        maps = conv_layer(maps, convolution, values)
        if commutes and number == len(convolutions):
            maps = pooled(maps, values["pooling"])
        if values["activation"] != "linear":
            maps = layers.Activation(values["activation"])(maps)
    return maps if commutes else pooled(maps, values["pooling"])


def conv_layer(maps: Any, convolution: shapes.Convolution, values: Mapping[str, Any]) -> Any:
    """Convolution and normalization."""
    normalized = values["normalization"] == "batch"
    maps = layers.Conv2D(
        convolution.filters,
        convolution.kernel,
        padding=convolution.padding,
        use_bias=not normalized,
    )(maps)
    if normalized:
        # Keras's own momentum of 0.99 lags behind in trainings of under a few thousand steps.
        maps = layers.BatchNormalization(momentum=0.9)(maps)
    return maps


def pooled(maps: Any, pooling: str) -> Any:
    """Half the side, by 2 x 2 pooling."""
    return layers.MaxPooling2D(2)(maps) if pooling == "max" else layers.AveragePooling2D(2)(maps)


def head(maps: Any, kind: str) -> Any:
    """Feature maps to a vector of features."""
    return layers.Flatten()(maps) if kind == "flatten" else layers.GlobalAveragePooling2D()(maps)


def augmented(images: Any) -> Any:
    """Random flip, and a crop after padding by an eighth of the side; in training only."""
    flipped = layers.RandomFlip("horizontal")(images)
    # A shift with zeros behind it is that crop. Keras's RandomCrop draws one crop for a whole
    # batch and leaves images padded outside training.
    return layers.RandomTranslation(0.125, 0.125, fill_mode="constant", interpolation="nearest")(
        flipped
    )


def optimizer(name: str, learning_rate: float) -> keras.optimizers.Optimizer:
    """The optimizer of a configuration at its starting learning rate."""
    if name == "adam":
        return keras.optimizers.Adam(learning_rate)
    return keras.optimizers.SGD(learning_rate, momentum=0.9 if name == "momentum" else 0.0)


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


def checked_levels(name: str, given: Level | Sequence[Level]) -> tuple[Level, ...]:
    """The levels of one hyperparameter, each found possible."""
    if name not in HYPERPARAMETERS:
        known = ", ".join(HYPERPARAMETERS)
        raise ValueError(f"conv_pool has no hyperparameter {name!r}; it has {known}")
    if isinstance(given, bool | int | float | str):
        given = (given,)
    if not given:
        raise ValueError(f"{name}: expected one level or more, got none")
    return tuple(HYPERPARAMETERS[name].checked(name, level) for level in given)


def narrowed(spec: Hyperparameter, levels: tuple[Level, ...]) -> Hyperparameter:
    """A hyperparameter with other levels: one level fixes it, several make it searched."""
    role: Role = (
        "fixed" if len(levels) == 1 else "nuisance" if spec.role == "nuisance" else "scientific"
    )
    default = spec.default if spec.default in levels else levels[0]
    return replace(spec, role=role, levels=levels, default=default)
