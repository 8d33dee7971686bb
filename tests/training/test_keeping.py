"""A kept network: the same numbers from raw pixels, in plain Keras, or a reason why not."""

import keras
import numpy as np
import pytest

from tuner.training.backend import start_tensorflow

start_tensorflow()

from tests import hypermodels  # noqa: E402
from tuner.errors import UsageError  # noqa: E402
from tuner.space import make_space  # noqa: E402
from tuner.training import keeping  # noqa: E402
from tuner.training.epochs import scaling  # noqa: E402
from tuner.training.fused import fused  # noqa: E402

pytestmark = [
    pytest.mark.trains,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # Keras's own
]
PIXELS = np.random.default_rng(0).integers(0, 256, (300, 8, 8, 3), np.uint8)
SHAPE = PIXELS.shape[1:]
VALUES = {"conv_blocks": 2, "filter_multiplier": 0.5, "dropout": 0.5, "augmentation": "flip_crop"}


@pytest.fixture(scope="module")
def trained():
    """A network with all that a trained one may have, its weights moved away from their start."""
    model = make_space("conv_pool", SHAPE, 10).build(VALUES)
    with fused(model):
        model.train_on_batch(PIXELS / 255.0, np.arange(300) % 10)
    return model


@pytest.mark.parametrize("name", ["standardize", "unit", "none"])
def test_raw_pixels_give_the_numbers_of_scaled_ones_to_the_last_bit(name, trained, tmp_path):
    scale = scaling(name, PIXELS)
    path = tmp_path / "model.keras"
    path.write_bytes(keeping.written(keeping.plain(trained, scale, SHAPE)))
    loaded = keras.saving.load_model(path)
    expected = trained(scale(PIXELS), training=False)
    assert np.array_equal(loaded(PIXELS, training=False), expected)
    assert loaded.inputs[0].dtype == "uint8"
    assert not loaded.compiled
    assert not loaded.layers[-1].compiled
    assert trained.compiled
    assert keeping.is_plain_keras(loaded)


def test_an_onnx_file_gives_the_same_numbers_within_float_error(trained):
    onnxruntime = pytest.importorskip("onnxruntime")
    kept = keeping.plain(trained, scaling("standardize", PIXELS), SHAPE)
    session = onnxruntime.InferenceSession(
        keeping.written_onnx(kept), providers=["CPUExecutionProvider"]
    )
    (pixels,) = session.get_inputs()
    assert pixels.type == "tensor(uint8)"
    (found,) = session.run(None, {pixels.name: PIXELS})
    np.testing.assert_allclose(found, kept.predict(PIXELS, verbose=0), atol=1e-4)


def test_images_of_one_channel_may_go_into_a_network_without_it():
    network = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten(), keras.layers.Dense(2)])
    gray = PIXELS[..., :1]
    kept = keeping.plain(network, scaling("unit", gray), (8, 8, 1))
    assert np.array_equal(kept(gray), network(scaling("unit", gray)(gray)))


def test_a_network_that_keras_cannot_write_is_refused_before_it_is_trained():
    model = make_space("tests.hypermodels:Subclassed", (8, 8, 1), 10)
    with pytest.raises(
        UsageError, match=r"cannot be kept as a \.keras file.*expected a Sequential"
    ):
        keeping.check_keepable(model.build({"units": 4}), (8, 8, 1))


def test_a_loss_of_ones_own_is_in_nobodys_way():
    model = make_space("tests.hypermodels:OwnLoss", (8, 8, 1), 10).build({"units": 16})
    keeping.check_keepable(model, (8, 8, 1))
    assert model.compiled


def test_what_is_somebodys_own_is_no_plain_keras():
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), hypermodels.Shifted(2)]
    kept = keeping.plain(keras.Sequential(layers), scaling("unit", PIXELS[..., :1]), (8, 8, 1))
    assert not keeping.is_plain_keras(kept)


def test_without_its_packages_onnx_is_refused_with_the_way_to_get_them(monkeypatch):
    monkeypatch.setattr(keeping, "ONNX", ("onnx", "no_such_package"))
    with pytest.raises(UsageError, match=r"needs no_such_package .*pip install .*\[onnx\]"):
        keeping.check_onnx()
