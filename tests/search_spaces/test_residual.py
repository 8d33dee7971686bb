"""Residual against the tables of its paper, by arithmetic alone."""

import pytest

from tuner.training.backend import start_tensorflow

start_tensorflow()

import keras  # noqa: E402
import keras_tuner  # noqa: E402

from search_spaces import Residual  # noqa: E402

pytestmark = pytest.mark.trains


@pytest.mark.parametrize(
    ("depth", "widen_factor", "millions"),
    [(40, 2, 2.2), (40, 4, 8.9), (16, 8, 11.0), (28, 10, 36.5)],
)
def test_parameters_are_those_of_the_paper(depth, widen_factor, millions):
    """Zagoruyko and Komodakis 2016, table 4; ours count moving averages, too."""
    values = {"blocks_per_stage": (depth - 4) // 6, "widen_factor": widen_factor}
    assert Residual().cost(values)[0] / 1e6 == pytest.approx(millions, rel=0.03)


def test_n_blocks_per_stage_are_6n_plus_4_convolutions_whose_sides_are_halved_twice():
    hp = keras_tuner.HyperParameters()
    space = Residual((8, 8, 1), blocks_per_stage=2, widen_factor=0.25)
    convolutions = [
        layer for layer in space.build(hp).layers if isinstance(layer, keras.layers.Conv2D)
    ]
    assert len(convolutions) == 6 * 2 + 4
    shapes = [layer.output.shape[1:] for layer in convolutions]
    assert list(dict.fromkeys(shapes)) == [(8, 8, 16), (8, 8, 4), (4, 4, 8), (2, 2, 16)]


@pytest.mark.parametrize("side", [1, 3, 32])
def test_every_configuration_is_feasible_whatever_the_images(side):
    assert Residual((side, side, 1)).infeasible({"blocks_per_stage": 9, "widen_factor": 1}) is None
