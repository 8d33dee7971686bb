"""Parts that the networks of several spaces share."""

from typing import Any

from keras import layers


def augmented(images: Any) -> Any:
    """Random flip, and a crop after padding by an eighth of the side; in training only."""
    flipped = layers.RandomFlip("horizontal")(images)
    # A shift with zeros behind it is that crop. Keras's RandomCrop draws one crop for a whole
    # batch and leaves images padded outside training.
    return layers.RandomTranslation(0.125, 0.125, fill_mode="constant", interpolation="nearest")(
        flipped
    )


def normalized(maps: Any) -> Any:
    """Batch normalization, whose averages keep up with a short training.

    Keras's own momentum of 0.99 lags behind in trainings of under a few thousand steps.
    """
    return layers.BatchNormalization(momentum=0.9)(maps)


def active(maps: Any) -> Any:
    """Normalization and relu."""
    return layers.ReLU()(normalized(maps))
