"""Batch normalization in one kernel while a model is trained; before and after it is plain Keras.

Keras 3 composes it of a dozen operations on TensorFlow, which is some 40% of an execution.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MIN_EPSILON = 1.001e-5  # cuDNN takes no smaller one


@contextmanager
def fused(model: Any) -> Iterator[None]:
    """Has a model's batch normalizations computed by `FusedBatchNormV3` within.

    Their outputs, gradients and moving averages are those of Keras within float error. What was
    traced within stays fused. Subclasses of Keras's layer are left alone.
    """
    import keras

    plain = keras.layers.BatchNormalization
    layers = [layer for layer in model._flatten_layers() if type(layer) is plain]
    for layer in layers:
        layer.__class__ = fused_class()
    try:
        yield
    finally:
        for layer in layers:
            layer.__class__ = plain


@functools.cache
def fused_class() -> type:
    """Keras's layer with a `call` of one kernel, where that computes the same."""
    import keras
    import tensorflow as tf

    class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            """Normalizes each channel over all else."""
            inputs = tf.convert_to_tensor(inputs)
            if not is_fusible(self, inputs, training, mask):
                return super().call(inputs, training=training, mask=mask)
            channels = inputs.shape[-1]
            learns = bool(training) and self.trainable
            outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
                x=tf.reshape(inputs, (-1, 1, 1, channels)),
                scale=self.gamma if self.scale else tf.ones(channels),
                offset=self.beta if self.center else tf.zeros(channels),
                mean=tf.zeros(0) if learns else self.moving_mean,
                variance=tf.zeros(0) if learns else self.moving_variance,
                epsilon=self.epsilon,
                is_training=learns,
            )
            if learns:
                count = tf.cast(tf.size(inputs) / channels, tf.float32)
                variance = variance * (count - 1) / count  # the kernel's is of a sample
                for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
                    moving.assign(moving * self.momentum + now * (1 - self.momentum))
            return tf.reshape(outputs, tf.shape(inputs))

    return FusedBatchNormalization


def is_fusible(layer: Any, inputs: Any, training: Any, mask: Any) -> bool:
    """Whether the kernel computes what the layer would."""
    is_plain = not getattr(layer, "renorm", False) and not layer.synchronized
    return (
        is_plain
        and mask is None
        and isinstance(training, bool | int | None)
        and layer.compute_dtype == "float32"
        and inputs.dtype == "float32"
        and layer.axis in (-1, len(inputs.shape) - 1)
        and inputs.shape[-1] is not None
        and layer.epsilon >= MIN_EPSILON
    )
