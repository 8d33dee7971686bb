"""The spaces in stock Keras Tuner under other backends of Keras, where TensorFlow is not there."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APART = Path(sys.prefix) / "backends"  # `make elsewhere` installs it, for TensorFlow not to find
pytestmark = [pytest.mark.elsewhere, pytest.mark.trains, pytest.mark.slow]
SEARCH = """
import math
import sys

sys.modules["tensorflow"] = None  # as if it were not installed

import keras
import keras_tuner
import numpy as np
from sklearn.datasets import load_digits

from search_spaces import ConvPool, Mlp, Residual, Separable
from search_spaces.flops import flops_of

assert keras.backend.backend() == sys.argv[1]
images, labels = load_digits(return_X_y=True)
images = (images / 16).astype("float32").reshape(-1, 8, 8, 1)
small = {"conv_blocks": [1, 2], "filter_multiplier": 1 / 16, "kernel_schedule": "3",
         "dense_depth": 0, "learning_rate": 0.01, "batch_size": 50, "normalization": "none"}
search = keras_tuner.GridSearch(
    ConvPool((8, 8, 1), **small), objective="val_accuracy", directory=".", project_name="grid",
    max_consecutive_failed_trials=1,
)
search.search(images[:100], labels[:100], validation_data=(images[100:150], labels[100:150]),
              epochs=1, verbose=0)
trials = search.oracle.trials.values()
assert {trial.hyperparameters["conv_blocks"] for trial in trials} == {1, 2}
assert all(0 <= trial.score <= 1 for trial in trials)

for space in (Residual((8, 8, 1), widen_factor=1 / 16), Separable((8, 8, 1))):
    hp = keras_tuner.HyperParameters()
    network = space.build(hp)
    assert space.cost(hp.values) == (network.count_params(), flops_of(network))

# A weight whose gradient is 1 goes down by the sum of the learning rates.
space, hp = Mlp((8, 8, 1), batch_size=50, learning_rate=0.1), keras_tuner.HyperParameters()
space.declare_hyperparameters(hp)
weight = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
network = keras.Sequential([keras.Input((1,)), weight])
network.compile(keras.optimizers.SGD(0.1), lambda truth, found: keras.ops.mean(found))
ones = np.ones((100, 1), "float32")
space.fit(hp, network, ones, ones, epochs=2, verbose=0)
expected = -sum(0.05 * (1 + math.cos(math.pi * step / 4)) for step in range(4))
assert np.allclose(weight.get_weights()[0], expected), (weight.get_weights(), expected)
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_they_are_built_searched_and_follow_the_cosine(backend, tmp_path):
    if not (APART / backend).exists() and importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: make elsewhere brings JAX; PyTorch takes 3 GB")
    environment = {
        **os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": f"{ROOT}{os.pathsep}{APART}",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # compiling takes longer than all else
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", SEARCH, backend], cwd=tmp_path, env=environment,
        capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
