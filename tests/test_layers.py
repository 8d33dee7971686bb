"""The layers of a network, block by block."""

import keras
import keras_tuner
import pytest
from keras import layers

from search_spaces import ConvPool
from tuner.layers import flops, layer_table
from tuner.space import make_space

pytestmark = pytest.mark.trains


def table(**levels):
    return layer_table(ConvPool(**levels).build(keras_tuner.HyperParameters()))


def test_a_block_ends_where_maps_are_halved():
    found = table(conv_blocks=2, convs_per_block=2, dense_depth=1)
    assert found["block"].tolist() == ["1", "1", "2", "2", "dense", "dense", "dense"]
    assert found["output"].tolist() == [
        "32 × 32 × 16", "16 × 16 × 16", "16 × 16 × 32", "8 × 8 × 32", "32", "512", "10"
    ]  # fmt: skip
    assert found["layer"][1] == "Conv2D 16 of 3 × 3, BatchNormalization, MaxPooling2D, relu"
    assert found["layer"].iloc[-1] == "Dense 10 softmax"


@pytest.mark.parametrize(
    "levels",
    [
        {"conv_blocks": 3, "kernel_schedule": "7-5-3"},
        {"conv_blocks": 4, "convs_per_block": 2, "dense_depth": 3, "head": "flatten"},
        {"conv_blocks": 2, "normalization": "none", "last_padding": "valid"},
        {"conv_blocks": 1, "augmentation": "flip_crop", "dropout": 0.5},
    ],
)
def test_its_sums_are_what_the_space_says_a_configuration_costs(levels):
    space = make_space("conv_pool", (32, 32, 3), 10)
    values = {name: spec.default for name, spec in space.hyperparameters.items()} | levels
    found = layer_table(space.build(values))
    assert (found["params"].sum(), found["flops"].sum()) == space.cost(values)


@pytest.mark.parametrize(
    ("layer", "shape", "count"),
    [
        (layers.Conv2D(8, 3, strides=2, padding="same"), (8, 8, 4), 2 * 16 * 9 * 4 * 8),
        (layers.Conv2D(8, 3, groups=2, padding="same"), (8, 8, 4), 2 * 64 * 9 * 2 * 8),
        (layers.DepthwiseConv2D(3, padding="same"), (8, 8, 4), 2 * 64 * 9 * 4),
        (layers.SeparableConv2D(8, 3, padding="same"), (8, 8, 4), 2 * 64 * (9 * 4 + 4 * 8)),
        (layers.Dense(5), (8, 4), 2 * 8 * 4 * 5),
        (layers.BatchNormalization(), (8, 8, 4), 0),
        (layers.LSTM(5), (8, 4), None),
    ],
)
def test_a_multiply_add_is_two_flops_and_what_nobody_counts_is_none(layer, shape, count):
    keras.Sequential([keras.Input(shape), layer])
    assert flops(layer) == count


def test_a_network_in_a_network_is_drawn_with_its_layers():
    inner = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3), layers.ReLU()])
    outer = keras.Sequential([keras.Input((8, 8, 1)), inner, layers.Flatten()])
    assert layer_table(outer)["layer"].tolist() == ["Conv2D 4 of 3 × 3, ReLU", "Flatten"]


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, images):
        return self.dense(images)


def test_of_a_network_that_is_no_graph_the_parameters_are_known():
    network = Subclassed()
    network(keras.Input((4,)))
    (row,) = layer_table(network).to_dict("records")
    assert (row["block"], row["output"], row["params"]) == ("", "", 15)
