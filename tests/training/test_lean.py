"""TensorFlow and Keras as they are imported here, in a process of its own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.trains
SCRIPT = """
import gc, sys
from tuner.training.backend import import_tensorflow
from tuner.training.lean import lean_import

import_tensorflow()
import keras, tensorflow

[hasattr(module, "__file__") for module in list(sys.modules.values())]
print(any(name.startswith("matplotlib") for name in sys.modules), gc.isenabled())
with lean_import():
    print("matplotlib" in sys.modules, gc.isenabled())
for found in (keras.visualization, tensorflow.keras.visualization):
    print(found.plot_image_gallery.__globals__["plt"].__name__)
from keras.visualization import plot_image_gallery
print(plot_image_gallery.__globals__["plt"].__name__)
"""


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What the process prints."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_no_plots_are_imported_even_when_all_modules_are_looked_at(told):
    """TensorFlow looks at the file of each, whenever it converts a function."""
    assert told[0] == "False True"


def test_where_keras_is_imported_already_nothing_changes(told):
    assert told[1] == "False True"


def test_who_uses_the_plots_of_keras_has_them(told):
    assert told[2:] == ["matplotlib.pyplot"] * 3
