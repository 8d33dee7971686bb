"""ConvPool against Keras itself, and unchanged in stock Keras Tuner, on real digits."""

import math
import random

import numpy as np
import pytest

from tuner.training.backend import start_tensorflow
from tuner.training.datasets import load_dataset

tensorflow = start_tensorflow()

import keras  # noqa: E402
import keras_tuner  # noqa: E402

from search_spaces import ConvPool  # noqa: E402
from search_spaces.conv_pool import HYPERPARAMETERS  # noqa: E402
from search_spaces.parts import augmented  # noqa: E402

pytestmark = [
    pytest.mark.trains,
    # Of the pipelines, which are traced all the same:
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions"),
]
SMALL = {
    "conv_blocks": (1, 2, 3, 4), "filter_multiplier": (1 / 16, 0.25), "dense_units": (5, 16),
    "kernel_schedule": ("1", "3", "5-3", "7-5-3"),
}  # fmt: skip
TINY = {
    "conv_blocks": [1, 2], "filter_multiplier": 1 / 16, "kernel_schedule": "3", "dense_depth": 0,
    "normalization": "none",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)  # deterministic ops are refused without


@pytest.fixture(scope="module", autouse=True)
def _untraced():
    """Networks train as they are: tracing one takes longer than its few steps here.

    That traced networks train, too, is in tests/training.
    """
    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def digits():
    """A hundred images to train on and fifty to validate with, from 0 to 1."""
    dataset = load_dataset("digits")
    images = dataset.images.astype("float32") / 255
    return (images[:100], dataset.labels[:100]), (images[100:150], dataset.labels[100:150])


def configurations(count, seed, **held):
    """A seeded sample of configurations of small networks, every hyperparameter varied."""
    draw = random.Random(seed)
    levels = {name: SMALL.get(name, spec.levels) for name, spec in HYPERPARAMETERS.items()}
    for _ in range(count):
        yield {**{name: draw.choice(levels[name]) for name in levels}, **held}


def built(space, values):
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return space.build(hp)


def defaults(space, **values):
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    space.declare_hyperparameters(hp)
    return hp


def test_every_hyperparameter_is_declared_before_anything_is_built():
    hp = defaults(ConvPool())
    assert [declared.name for declared in hp.space] == list(HYPERPARAMETERS)
    assert hp.values == {name: spec.default for name, spec in HYPERPARAMETERS.items()}


def test_width_depth_kernels_dense_depth_and_learning_rate_are_searched_by_default():
    roles = {name: spec.role for name, spec in ConvPool().hyperparameters.items()}
    scientific = [name for name, role in roles.items() if role == "scientific"]
    assert scientific == ["conv_blocks", "filter_multiplier", "kernel_schedule", "dense_depth"]
    assert [name for name, role in roles.items() if role == "nuisance"] == ["learning_rate"]


def test_one_level_fixes_a_hyperparameter_and_several_search_it():
    space = ConvPool(conv_blocks=2, pooling=["max", "average"], learning_rate=[0.1, 0.2])
    declared = {known.name: known for known in defaults(space).space}
    assert isinstance(declared["conv_blocks"], keras_tuner.engine.hyperparameters.Fixed)
    assert list(declared["pooling"].values) == ["max", "average"]
    roles = [space.hyperparameters[name].role for name in ("conv_blocks", "pooling")]
    assert roles == ["fixed", "scientific"]
    assert space.hyperparameters["learning_rate"].role == "nuisance"


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ({"conv_block": 2}, "conv_pool has no hyperparameter 'conv_block'; it has conv_blocks"),
        ({"conv_blocks": 0}, "conv_blocks: expected a number from 1 on, got 0"),
        ({"conv_blocks": True}, "conv_blocks: expected a whole number, got True"),
        ({"conv_blocks": 1.5}, "conv_blocks: expected a whole number, got 1.5"),
        ({"conv_blocks": []}, "conv_blocks: expected one level or more, got none"),
        ({"filter_multiplier": -1}, "filter_multiplier: expected a number from 0.0625 on"),
        ({"learning_rate": math.nan}, "learning_rate: expected a number from 1e-12 on, got nan"),
        ({"activation": "rleu"}, "activation: expected one of relu, linear, elu, gelu, tanh, got"),
        ({"kernel_schedule": "4-2"}, "expected odd kernel sizes that shrink"),
        ({"input_shape": (32, 24, 3)}, "expected square images"),
    ],
)
def test_what_no_network_has_is_refused(levels, message):
    with pytest.raises(ValueError, match=message):
        ConvPool(**levels)


def test_a_whole_number_is_a_level_of_a_real_hyperparameter():
    levels = ConvPool(filter_multiplier=[1, 2]).hyperparameters["filter_multiplier"].levels
    assert [(level, type(level)) for level in levels] == [(1.0, float), (2.0, float)]


def test_cost_is_the_parameter_count_of_the_network():
    space = ConvPool((16, 16, 3), 7)
    feasible = [v for v in configurations(20, seed=1) if space.infeasible(v) is None]
    assert len(feasible) > 12
    for values in feasible:
        assert space.cost(values)[0] == built(space, values).count_params(), values


@pytest.mark.parametrize(
    ("head", "thousands"),
    [("flatten", [263, 137, 90, 131, 410]), ("global_average", [2.2, 7.9, 28, 106, 410])],
)
def test_parameters_with_depth_are_not_monotone_with_a_flatten_head(head, thousands):
    held = {"dense_depth": 1, "dense_units": 64, "normalization": "none", "head": head}
    values = {**{name: spec.default for name, spec in HYPERPARAMETERS.items()}, **held}
    found = [ConvPool().cost({**values, "conv_blocks": n})[0] / 1000 for n in range(1, 6)]
    assert found == pytest.approx(thousands, rel=0.015)


@pytest.mark.parametrize(
    ("side", "num_blocks", "feasible"),
    [(32, 5, True), (32, 6, False), (8, 3, True), (8, 4, False), (7, 2, True), (7, 3, False)],
)
def test_a_block_needs_a_map_of_two_pixels(side, num_blocks, feasible):
    space = ConvPool((side, side, 3), conv_blocks=num_blocks)
    found = space.infeasible(defaults(space).values)
    assert found == (None if feasible else f"block {num_blocks}: 1 px map cannot be pooled")


class Unchecked(ConvPool):
    """Leaves it to Keras to refuse a network."""

    def infeasible(self, values):
        return None


def test_infeasible_says_what_keras_cannot_build():
    reasons = []
    for side in range(3, 13):
        shape = (side, side, 1)
        for values in configurations(5, seed=side, last_padding="valid", augmentation="none"):
            reasons.append(ConvPool(shape, 2).infeasible(values) or "none")
            can = can_be_built(Unchecked(shape, 2), values)
            assert can == (reasons[-1] == "none"), (side, values)
    assert reasons.count("none") > 10
    assert sum("cannot be pooled" in reason for reason in reasons) > 5
    assert sum("smaller than its" in reason for reason in reasons) > 5


def can_be_built(space, values):
    try:
        model = built(space, values)
    except ValueError:
        return False
    return all(0 not in layer.output.shape for layer in model.layers)


def test_an_infeasible_configuration_is_not_built():
    space = ConvPool((8, 8, 1), 10, conv_blocks=4)
    with pytest.raises(ValueError, match="infeasible configuration: block 4: 1 px map"):
        space.build(keras_tuner.HyperParameters())


def test_a_maximum_that_is_pooled_before_relu_gives_the_same_numbers_to_the_bit():
    maps = tensorflow.random.stateless_normal((4, 9, 9, 3), (0, 1))
    found = []
    for order in ([keras.layers.ReLU(), keras.layers.MaxPooling2D(2)],
                  [keras.layers.MaxPooling2D(2), keras.layers.ReLU()]):  # fmt: skip
        with tensorflow.GradientTape() as tape:
            tape.watch(maps)
            passed = keras.Sequential(order)(maps)
        found.append((passed, tape.gradient(passed, maps, tensorflow.cos(1 + passed))))
    assert all(np.array_equal(one, other) for one, other in zip(*found, strict=True))
    kinds = [type(layer).__name__ for layer in built(ConvPool(), {"conv_blocks": 1}).layers]
    assert kinds.index("MaxPooling2D") < kinds.index("Activation")


@pytest.mark.parametrize(
    ("name", "level", "layer", "kinds"),
    [
        ("pooling", "average", keras.layers.AveragePooling2D, 3),
        ("pooling", "max", keras.layers.MaxPooling2D, 3),
        ("convs_per_block", 2, keras.layers.Conv2D, 6),
        ("normalization", "none", keras.layers.BatchNormalization, 0),
        ("normalization", "batch", keras.layers.BatchNormalization, 3),
        ("activation", "linear", keras.layers.Activation, 0),
        ("activation", "elu", keras.layers.Activation, 3),
        ("head", "flatten", keras.layers.Flatten, 1),
        ("head", "global_average", keras.layers.GlobalAveragePooling2D, 1),
        ("dropout", 0.5, keras.layers.Dropout, 1),
        ("dropout", 0.0, keras.layers.Dropout, 0),
        ("dense_depth", 2, keras.layers.Dense, 3),
        ("augmentation", "flip_crop", keras.layers.RandomFlip, 1),
        ("augmentation", "none", keras.layers.RandomFlip, 0),
    ],
)
def test_each_hyperparameter_changes_the_network_as_it_says(name, level, layer, kinds):
    space = ConvPool(filter_multiplier=1 / 16, conv_blocks=3, dense_units=4)
    model = built(space, {name: level})
    assert sum(isinstance(found, layer) for found in model.layers) == kinds


@pytest.mark.parametrize(
    ("name", "kind", "momentum"),
    [
        ("adam", keras.optimizers.Adam, None),
        ("sgd", keras.optimizers.SGD, 0),
        ("momentum", keras.optimizers.SGD, 0.9),
    ],
)
def test_the_optimizer_starts_at_the_learning_rate(name, kind, momentum):
    space = ConvPool(filter_multiplier=1 / 16, optimizer=name, learning_rate=0.125)
    optimizer = built(space, {}).optimizer
    assert isinstance(optimizer, kind)
    assert float(optimizer.learning_rate) == 0.125
    assert getattr(optimizer, "momentum", None) == momentum


@pytest.fixture(scope="module")
def augmenting():
    images = keras.Input((8, 8, 1))
    return keras.Model(images, augmented(images))


def test_augmentation_leaves_images_alone_outside_training(augmenting, digits):
    (images, _), _ = digits
    assert np.array_equal(augmenting(images[:20], training=False), images[:20])


def test_augmentation_moves_each_image_of_a_batch_on_its_own(augmenting, digits):
    (images, _), _ = digits
    batch = np.repeat(images[:1], 50, axis=0)
    found = np.asarray(augmenting(batch, training=True))
    assert found.shape == batch.shape
    assert len(np.unique(found.reshape(50, -1), axis=0)) > 3


@pytest.mark.parametrize("head", ["flatten", "global_average"])
def test_an_augmented_network_predicts(digits, head):
    (images, _), _ = digits
    space = fast(augmentation="flip_crop", head=head)
    assert built(space, {})(images[:5], training=False).shape == (5, 10)


@pytest.mark.parametrize(
    ("schedule", "progress", "rate"),
    [
        ("cosine", 0, 0.2), ("cosine", 1 / 3, 0.15), ("cosine", 0.5, 0.1), ("cosine", 1, 0),
        ("constant", 0, 0.2), ("constant", 0.5, 0.2), ("constant", 1, 0.2),
    ],
)  # fmt: skip
def test_the_cosine_falls_from_the_learning_rate_to_zero(schedule, progress, rate):
    values = {"learning_rate": 0.2, "learning_rate_schedule": schedule}
    assert ConvPool.learning_rate_at(values, progress) == pytest.approx(rate)


def fitted(space, digits, **kwargs):
    """The learning rate of each step, and how many images the first had, in fit()."""
    (images, labels), validation = digits
    rates = []
    hp = defaults(space)
    model = space.build(hp)
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: rates.append(float(model.optimizer.learning_rate))
    )
    given = {"x": images, "y": labels, "validation_data": validation, "verbose": 0, **kwargs}
    space.fit(hp, model, callbacks=[watch], **given)
    return rates


def fast(**levels):
    return ConvPool((8, 8, 1), conv_blocks=1, filter_multiplier=1 / 16, **levels)


@pytest.mark.parametrize(("batch_size", "num_steps"), [(30, 4), (100, 1)])
def test_fit_honours_the_batch_size(digits, batch_size, num_steps):
    assert len(fitted(fast(batch_size=batch_size), digits, epochs=1)) == num_steps


def test_a_batch_size_given_to_fit_is_kept(digits):
    assert len(fitted(fast(batch_size=25), digits, epochs=1, batch_size=50)) == 2


def test_fit_follows_the_cosine_over_all_steps_of_the_budget(digits):
    rates = fitted(fast(batch_size=50, learning_rate=0.1), digits, epochs=2)
    expected = [0.05 * (1 + math.cos(math.pi * step / 4)) for step in range(4)]
    assert rates == pytest.approx(expected)


def test_fit_keeps_a_constant_learning_rate(digits):
    space = fast(batch_size=50, learning_rate=0.1, learning_rate_schedule="constant")
    assert fitted(space, digits, epochs=2) == pytest.approx([0.1] * 4)


def test_a_training_that_goes_on_is_where_the_cosine_was(digits):
    space = fast(batch_size=50, learning_rate=0.1)
    whole = fitted(space, digits, epochs=4)
    assert fitted(space, digits, epochs=4, initial_epoch=2) == pytest.approx(whole[4:])


@pytest.mark.filterwarnings("ignore:Your input ran out of data:UserWarning")  # where unknown
@pytest.mark.parametrize("length", ["known", "unknown"])
def test_fit_takes_a_dataset_with_its_own_batches(digits, length):
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices(digits[0]).batch(20)
    if length == "unknown":
        dataset = dataset.filter(lambda images, labels: True)
    assert len(fitted(fast(), digits, x=dataset, y=None, epochs=1, shuffle=False)) == 5


# Keras saves weights with an old numpy protocol; Hyperband leaves the optimizer's weights out.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer:UserWarning")
@pytest.mark.parametrize(
    ("tuner_class", "settings"),
    [
        (keras_tuner.GridSearch, {"max_trials": 2}),
        (keras_tuner.RandomSearch, {"max_trials": 2, "seed": 1}),
        (keras_tuner.BayesianOptimization, {"max_trials": 2, "seed": 1, "num_initial_points": 1}),
        (keras_tuner.Hyperband, {"max_epochs": 2, "factor": 2, "seed": 1}),
    ],
)
def test_it_runs_unchanged_in_stock_keras_tuner(tmp_path, digits, tuner_class, settings):
    training, validation = digits
    search = tuner_class(
        ConvPool((8, 8, 1), **TINY, learning_rate=0.01),
        objective="val_accuracy",
        directory=tmp_path,
        max_consecutive_failed_trials=1,
        **settings,
    )
    search.search(*training, validation_data=validation, epochs=1, verbose=0)
    trials = search.oracle.trials.values()
    assert {trial.hyperparameters["conv_blocks"] for trial in trials} == {1, 2}
    assert {trial.status for trial in trials} == {"COMPLETED"}
    assert all(0 <= trial.score <= 1 for trial in trials)
