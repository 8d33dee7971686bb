"""Fused batch normalization is Keras's own within float error, and leaves plain Keras behind."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner.training.fused import fused, fused_class

pytestmark = pytest.mark.trains
layers = keras.layers


def normalizing(shape, **settings):
    """A model that normalizes what it is given, with weights that are not those at the start."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input(shape), layers.BatchNormalization(**settings)])
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.5, 2, weight.shape) for weight in model.get_weights()])
    return model


def passed(model, images, *, training, as_function):
    """What a model gives, its gradients, and its weights (moving averages too) afterwards."""
    images = tf.constant(images)

    def run(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = model(images, training=training)
            loss = tf.reduce_sum(outputs**2 * tf.cos(tf.cumsum(tf.ones_like(outputs))))
        return outputs, tape.gradient(loss, [images, *model.trainable_variables])

    outputs, gradients = (tf.function(run) if as_function else run)(images)
    return [outputs, *gradients, *model.weights]


SHAPES = [(8, 8, 3), (1, 1, 5), (7, 4), (6,), (2, 3, 4, 2)]
SETTINGS = [
    {"momentum": 0.9, "epsilon": 1e-2}, {"scale": False}, {"center": False, "scale": False},
    {"trainable": False},
]  # fmt: skip


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("shape", "settings"),
    [*((shape, {}) for shape in SHAPES), *(((4, 4, 3), settings) for settings in SETTINGS)],
    ids=str,
)
def test_outputs_gradients_and_averages_are_keras_own(shape, training, settings):
    images = np.random.default_rng(1).normal(2, 3, (16, *shape)).astype(np.float32)
    found, expected = normalizing(shape, **settings), normalizing(shape, **settings)
    with fused(found):
        ours = passed(found, images, training=training, as_function=True)
    theirs = passed(expected, images, training=training, as_function=True)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize(
    "settings", [{"axis": 1}, {"epsilon": 1e-6}, {"dtype": "float64"}], ids=str
)
def test_what_the_kernel_cannot_compute_is_keras_own_to_the_bit(settings):
    images = np.random.default_rng(1).normal(2, 3, (16, 4, 4, 3)).astype(np.float32)
    found, expected = normalizing((4, 4, 3), **settings), normalizing((4, 4, 3), **settings)
    with fused(found):
        ours = found(images, training=True)
    assert np.array_equal(ours, expected(images, training=True))


def test_one_image_of_one_pixel_has_no_variance():
    found, expected = normalizing((1, 1, 5)), normalizing((1, 1, 5))
    images = np.ones((1, 1, 1, 5), np.float32)
    with fused(found):
        ours = found(images, training=True)
    np.testing.assert_allclose(ours, expected(images, training=True), atol=1e-5)
    for one, other in zip(found.weights, expected.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_layers_within_layers_are_fused_and_subclasses_are_not():
    class Own(layers.BatchNormalization):
        pass

    inner = keras.Sequential([layers.BatchNormalization(), Own()])
    model = keras.Sequential([keras.Input((4, 4, 1)), inner])
    with fused(model):
        assert [type(layer) for layer in inner.layers] == [fused_class(), Own]
    assert [type(layer) for layer in inner.layers] == [layers.BatchNormalization, Own]


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras's, where it saves
def test_what_is_left_is_plain_keras(tmp_path):
    model = normalizing((4, 4, 3))
    with fused(model):
        model(np.ones((2, 4, 4, 3), np.float32), training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert [type(layer) for layer in loaded.layers] == [layers.BatchNormalization]
    assert "Fused" not in str(model.get_config())


def test_the_same_bits_every_time():
    images = np.random.default_rng(1).normal(2, 3, (16, 8, 8, 3)).astype(np.float32)
    runs = []
    for _ in range(2):
        model = normalizing((8, 8, 3))
        with fused(model):
            runs.append(passed(model, images, training=True, as_function=True))
    assert all(np.array_equal(one, other) for one, other in zip(*runs, strict=True))
