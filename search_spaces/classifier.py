"""What the search spaces that ship share: a table of hyperparameters, images in, classes out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import keras_tuner
from keras import layers

from search_spaces import training
from search_spaces.contract import KnowsFeasibility, Values, nearness
from search_spaces.hyperparameter import Hyperparameter, Level
from search_spaces.parts import augmented
from search_spaces.shapes import InfeasibleError, Maps, Tally

#: What builds a network or a part of it, by what counts the same by arithmetic.
COUNTED_BY = {"build": "count", "features": "count_features", "block": "count_block"}


class Classifier(keras_tuner.HyperModel):  # type: ignore[misc]
    """A search space of classifiers of square images.

    A space of this kind is its table HYPERPARAMETERS and `features`; where it knows its networks
    by arithmetic too, `count_features`. Every hyperparameter is declared before anything is built.
    One given a level is fixed to it, one given several is searched over them; the others are what
    the table says.

    A class that replaces what builds (`features`, `block`, `build`) and not what counts the same
    has None for `cost` and `infeasible`, as it would otherwise tell those of other networks. It
    may define them, or what counts.

    Args:
        input_shape: height and width in pixels, and channels.
        num_classes: the classes; labels are integers from 0.
        **levels: a level, or a sequence of levels, by the name of a hyperparameter.

    Raises:
        ValueError: for an unknown hyperparameter, an impossible level, images not square.
    """

    HYPERPARAMETERS: ClassVar[Mapping[str, Hyperparameter]] = training.TRAINING

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Takes back what a class inherits and does not know."""
        super().__init_subclass__(**kwargs)
        for name in unknown(cls):
            setattr(cls, name, None)

    def __init__(
        self,
        input_shape: tuple[int, int, int] = (32, 32, 3),
        num_classes: int = 10,
        **levels: Level | Sequence[Level],
    ) -> None:
        super().__init__(name=called(type(self)))
        if len(input_shape) != 3 or input_shape[0] != input_shape[1]:
            raise ValueError(f"expected square images (side, side, channels), got {input_shape}")
        self.input_shape = tuple(input_shape)
        self.num_classes = num_classes
        self.hyperparameters = dict(self.HYPERPARAMETERS)
        for name, given in levels.items():
            if name not in self.hyperparameters:
                known = ", ".join(self.hyperparameters)
                raise ValueError(f"{self.name} has no hyperparameter {name!r}; it has {known}")
            self.hyperparameters[name] = self.hyperparameters[name].narrowed(name, given)

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
        values = {name: hp.get(name) for name in self.hyperparameters}
        if isinstance(self, KnowsFeasibility) and (reason := self.infeasible(values)):
            raise ValueError(f"infeasible configuration: {reason}")

        images = keras.Input(self.input_shape)
        maps = augmented(images) if values["augmentation"] == "flip_crop" else images
        features = self.features(maps, values)
        classes = layers.Dense(self.num_classes, activation="softmax")(features)

        model = keras.Model(images, classes, name=self.name)
        model.compile(
            optimizer=training.optimizer(values["optimizer"], values["learning_rate"]),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        return model

    def features(self, maps: Any, values: Values) -> Any:
        """The features of images that their class is read from; in Keras.

        Args:
            maps: of shape (images, side, side, channels).
            values: the configuration.

        Returns:
            Of shape (images, features).
        """
        raise NotImplementedError(f"{type(self).__name__} has no features(maps, values)")

    def count_features(self, maps: Maps, values: Values) -> Maps:
        """The same by arithmetic.

        Raises:
            InfeasibleError: if no network has the configuration.
        """
        raise NotImplementedError(f"{type(self).__name__} has no count_features(maps, values)")

    def count(self, values: Values) -> Tally:
        """What the network of a configuration has; nothing is built.

        Raises:
            InfeasibleError: if there is none.
        """
        side, _, channels = self.input_shape
        return self.count_features(Maps(side, channels), values).dense(self.num_classes).tally

    def infeasible(self, values: Values) -> str | None:
        """Why no network has this configuration, or None; nothing is built."""
        try:
            self.count(values)
        except InfeasibleError as error:
            return str(error)
        return None

    def cost(self, values: Values) -> tuple[int, int]:
        """Parameters and forward FLOPs an image of a configuration; nothing is built."""
        tally = self.count(values)
        return tally.params, tally.flops

    def fit(
        self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any
    ) -> Any:
        """Trains with the configuration's batch size and learning rates; Keras Tuner calls it."""
        images = args[0] if args else kwargs.get("x")
        if hasattr(images, "shape"):  # a dataset brings its own batches
            kwargs.setdefault("batch_size", hp.get("batch_size"))
        schedule = training.LearningRateByProgress(
            lambda progress: self.learning_rate_at(hp.values, progress)
        )
        kwargs["callbacks"] = [*kwargs.get("callbacks", ()), schedule]
        return model.fit(*args, **kwargs)

    @staticmethod
    def learning_rate_at(values: Values, progress: float) -> float:
        """The learning rate after a fraction `progress` of the training's steps."""
        return training.learning_rate_at(values, progress)


def called(space: type) -> str:
    """What a space is called by its class: ConvPool is "conv_pool"."""
    name = space.__name__
    return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(name)).lower()


def unknown(space: type) -> list[str]:
    """What a space no longer says, as its class builds other networks than those that it counts.

    That is so where what builds is nearer than what counts it, unless what it says is as near.
    """
    replaced = [
        nearness(space, built) for built, counting in COUNTED_BY.items()
        if nearness(space, built) < nearness(space, counting)
    ]  # fmt: skip
    said = ("infeasible", "cost") if replaced else ()
    return [name for name in said if nearness(space, name) > min(replaced)]
