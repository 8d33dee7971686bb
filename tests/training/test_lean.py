"""TensorFlow and Keras as they are imported here, in processes of their own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.trains
IMPORTS = """
import gc, sys
from tuner.training.backend import import_tensorflow

import_tensorflow()
import keras
"""


def told_by(script: str) -> list[str]:
    """What a script prints, after the import."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS + script], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_no_plots_are_imported_even_when_all_modules_are_looked_at():
    """TensorFlow looks at the file of each, whenever it converts a function."""
    assert told_by(
        "[hasattr(module, '__file__') for module in list(sys.modules.values())]\n"
        "print('matplotlib' in sys.modules, gc.isenabled())"
    ) == ["False", "True"]


@pytest.mark.parametrize(
    "use",
    [
        "keras.visualization.plot_image_gallery",
        "keras._tf_keras.keras.visualization.plot_image_gallery",
        "__import__('keras.visualization').visualization.plot_image_gallery",
    ],
)
def test_who_uses_the_plots_of_keras_has_them(use):
    assert told_by(f"print({use}.__globals__['plt'].__name__)") == ["matplotlib.pyplot"]


def test_a_process_that_has_keras_already_is_left_as_it_is():
    script = (
        "from tuner.training.lean import lean_import\n"
        "visualization = keras.visualization\n"
        "with lean_import():\n    print('matplotlib' in sys.modules, gc.isenabled())\n"
        "print(keras.visualization is visualization)"
    )
    assert told_by(script) == ["False", "True", "True"]
