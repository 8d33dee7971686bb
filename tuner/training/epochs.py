"""A whole epoch as one TensorFlow function, fed from images that lie in memory."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tuner.training.reported import metrics_of

EVALUATION_BATCH_SIZE = 500


class Scale(NamedTuple):
    """From uint8 pixels to floats, a channel each: less the mean, over the deviation."""

    mean: np.ndarray
    deviation: np.ndarray

    def __call__(self, pixels: Any) -> Any:
        """The pixels, scaled, as a tensor."""
        return scaled(pixels, self.mean, self.deviation)


def scaling(name: str | None, training: np.ndarray) -> Scale:
    """How pixels are scaled: as they are, 0 to 1, or standardized by the training images.

    Standardized is each channel to mean 0 and deviation 1; so it is where nobody has said.
    """
    channels = training.shape[-1]
    mean = np.zeros(channels, np.float32)
    deviation = np.full(channels, 255 if name == "unit" else 1, np.float32)
    if name in ("standardize", None):
        counts = histogram(training)
        levels = np.arange(256)
        exact = counts @ levels / counts.sum(axis=1)
        variance = (counts * (levels - exact[:, None]) ** 2).sum(axis=1) / counts.sum(axis=1)
        mean = exact.astype(np.float32)
        deviation = np.maximum(np.sqrt(variance), 1).astype(np.float32)
    return Scale(mean, deviation)


def histogram(pixels: np.ndarray) -> np.ndarray:
    """How many pixels have each of the 256 values, one row a channel; without copying them all."""
    counts = np.zeros((pixels.shape[-1], 256), np.int64)
    for start in range(0, len(pixels), 512):
        for channel, row in enumerate(np.moveaxis(pixels[start : start + 512], -1, 0)):
            counts[channel] += np.bincount(row.ravel(), minlength=256)
    return counts


def scaled(pixels: Any, mean: Any, deviation: Any) -> Any:
    """Pixels as floats."""
    import tensorflow as tf

    return (tf.cast(pixels, tf.float32) - mean) / deviation


class Images(NamedTuple):
    """Some images with their labels as a model wants them, and how they are scaled."""

    pixels: Any
    labels: Any
    scale: Scale

    def at(self, places: np.ndarray) -> "Images":
        """Those at some places."""
        return self._replace(pixels=self.pixels[places], labels=self.labels[places])

    def in_memory(self) -> "Images":
        """As tensors, which an epoch takes without copying them."""
        import tensorflow as tf

        return self._replace(pixels=tf.constant(self.pixels), labels=tf.constant(self.labels))

    def scaled(self) -> tuple[np.ndarray, np.ndarray]:
        """All of them, scaled, and their labels."""
        return np.asarray(self.scale(self.pixels)), self.labels


#: The images, their order, the batch size, and the learning rate of each step (or None to leave the
#: optimizer alone) -> the epoch's mean metrics.
Epoch = Callable[..., dict[str, float]]


def epoch_function(model: Any, step: Callable[..., Any]) -> Epoch:
    """A whole epoch as one TensorFlow function, which gathers its batches from memory.

    It is traced when it is first called, once for images of one shape and number.
    """
    import tensorflow as tf

    # The images are arguments: TensorFlow does not free what a traced function has captured, and
    # other images, with another mean, are no other function. Without autograph, which writes what
    # it converts to files that a worker would leave behind.
    @tf.function(reduce_retracing=True, autograph=False)  # type: ignore[untyped-decorator]
    def run(
        pixels: Any, labels: Any, mean: Any, deviation: Any, order: Any, batch_size: int, rates: Any
    ) -> None:
        def one_batch(number: Any) -> Any:
            batch = order[number * batch_size : (number + 1) * batch_size]
            if rates is not None:
                model.optimizer.learning_rate.assign(rates[number])
            step((scaled(tf.gather(pixels, batch), mean, deviation), tf.gather(labels, batch)))
            return [number + 1]

        num_batches = tf.cast(tf.math.ceil(tf.size(order) / batch_size), tf.int32)
        tf.while_loop(lambda number: number < num_batches, one_batch, [0])

    def epoch(
        images: Images, order: Any, batch_size: int = EVALUATION_BATCH_SIZE, rates: Any = None
    ) -> dict[str, float]:
        model.reset_metrics()
        scale = map(tf.constant, images.scale)
        run(images.pixels, images.labels, *scale, order, batch_size, rates)
        return metrics_of(model)

    return epoch
