"""What the spaces that ship share: costs that are Keras's own, and subclasses of ten lines."""

import random
from typing import ClassVar

import pytest

from tuner.training.backend import start_tensorflow

tensorflow = start_tensorflow()

import keras  # noqa: E402
import keras_tuner  # noqa: E402
from keras import layers  # noqa: E402

from search_spaces import SEARCH_SPACES, ConvPool, Hyperparameter, load  # noqa: E402
from search_spaces.flops import flops_of  # noqa: E402
from search_spaces.testing import check_space  # noqa: E402
from tests.search_spaces.spaces_of_users import Gated, Smoothed  # noqa: E402

pytestmark = [
    pytest.mark.trains,
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions"),
]


@pytest.fixture(scope="module", autouse=True)
def _untraced():
    """Networks train as they are: tracing one takes longer than its one step here."""
    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


def built(space, values):
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return space.build(hp)


def configurations(space, count):
    """A seeded sample of configurations over all levels of a table."""
    draw = random.Random(0)
    for _ in range(count):
        yield {name: draw.choice(spec.levels) for name, spec in space.hyperparameters.items()}


@pytest.mark.parametrize("name", SEARCH_SPACES)
def test_costs_are_the_parameters_and_flops_of_the_layers_of_the_network(name):
    space = load(name)((12, 12, 3), 7)
    for values in configurations(space, 6):
        if space.infeasible(values) is None:
            network = built(space, values)
            counted = network.count_params(), flops_of(network)
            assert space.cost(values) == counted, values
            keras.backend.clear_session()


@pytest.mark.parametrize("name", SEARCH_SPACES)
def test_a_space_has_a_width_and_a_depth_whose_middle_is_not_its_end(name):
    table = load(name).HYPERPARAMETERS
    for axis in ("width", "depth"):
        (spec,) = [spec for spec in table.values() if spec.axis == axis]
        assert spec.role == "scientific"
        assert len(spec.levels) >= 3
        assert sorted(spec.levels) == list(spec.levels)
        assert spec.default != spec.levels[-1]


def test_a_subclass_that_adds_a_factor_says_its_costs_as_before():
    class Dropped(ConvPool):
        HYPERPARAMETERS: ClassVar = {
            **ConvPool.HYPERPARAMETERS,
            "noise": Hyperparameter("scientific", (0.0, 0.1), 0.0, "of the images", minimum=0),
        }

    space = Dropped((8, 8, 1), noise=[0.0, 0.1])
    assert space.name == "dropped"
    assert list(space.hyperparameters) == [*ConvPool.HYPERPARAMETERS, "noise"]
    values = {name: spec.default for name, spec in space.hyperparameters.items()}
    assert space.cost(values) == ConvPool((8, 8, 1)).cost(values)
    assert space.infeasible({**values, "conv_blocks": 4}) == "block 4: 1 px map cannot be pooled"


def says(space):
    """Which of what it may say of costs a class says."""
    return [name for name in ("infeasible", "cost") if getattr(space, name) is not None]


def test_a_subclass_that_replaces_a_block_says_no_costs_of_another():
    assert says(Gated) == []
    assert says(type("Deeper", (Gated,), {})) == []
    assert says(ConvPool) == ["infeasible", "cost"]
    built_otherwise = {"build": lambda self, hp: None}
    assert says(type("Built", (ConvPool,), built_otherwise)) == []
    assert says(type("Mixed", (type("Mixin", (), {"block": None}), ConvPool), {})) == []
    assert check_space(Gated((8, 8, 1), conv_blocks=[1, 2], gate=[2, 3]), (8, 8, 1), draws=2)


def test_what_it_says_itself_it_says():
    own = {"features": None, "cost": lambda self, values: (1, 2)}
    assert says(type("Costed", (ConvPool,), own)) == ["cost"]
    kept = {"build": None, "cost": ConvPool.cost, "infeasible": ConvPool.infeasible}
    assert says(type("Kept", (ConvPool,), kept)) == ["infeasible", "cost"]


def test_the_costs_of_a_block_that_is_counted_follow():
    class Doubled(ConvPool):
        def block(self, maps, number, values):
            maps = super().block(maps, number, values)
            return layers.Conv2D(maps.shape[-1], 1, use_bias=False)(maps)

        def count_block(self, maps, number, values):
            maps = super().count_block(maps, number, values)
            return maps.convolved(maps.channels, kernel=1)

    space = Doubled((8, 8, 1), conv_blocks=2)
    assert says(Doubled) == ["infeasible", "cost"]
    network = built(space, {})
    values = {name: spec.default for name, spec in space.hyperparameters.items()}
    assert space.cost(values) == (network.count_params(), flops_of(network))


def test_a_space_with_a_table_may_ask_for_more_in_plain_keras_tuner():
    hp = keras_tuner.HyperParameters()
    Smoothed((8, 8, 1)).build(hp)
    assert hp.space[-1].name == "smoothing"


def test_flops_are_counted_in_networks_within_and_not_guessed():
    inner = keras.Sequential([layers.Conv2D(2, 3), layers.LayerNormalization()])
    images = keras.Input((8, 8, 1))
    network = keras.Model(images, layers.Dense(3)(layers.Flatten()(inner(images))))
    assert flops_of(network) == 2 * (9 * 2 * 36 + 72 * 3)
    recurrent = keras.Model(images, layers.LSTM(2)(layers.Reshape((8, 8))(images)))
    assert flops_of(recurrent) is None
