"""TensorFlow and Keras as they are imported here, in a process of its own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.trains
SCRIPT = """
import gc, sys
from tuner.training.backend import start_tensorflow
from tuner.training.lean import lean_import

start_tensorflow()
import keras, keras_tuner, tensorflow

[hasattr(module, "__file__") for module in list(sys.modules.values())]
left_out = {"matplotlib", "scipy", "sklearn"}
print(*left_out & {name.partition(".")[0] for name in sys.modules}, gc.isenabled())
with lean_import():
    print(*left_out & set(sys.modules), gc.isenabled())
for found in (keras.visualization, tensorflow.keras.visualization):
    print(found.plot_image_gallery.__globals__["plt"].__name__)
from keras.visualization import plot_image_gallery
print(plot_image_gallery.__globals__["plt"].__name__)
for found in (keras.wrappers, tensorflow.keras.wrappers):
    print(*(base.__module__ for base in found.SKLearnClassifier.__mro__[:3]))
from keras_tuner.src.tuners import bayesian, sklearn_tuner
for module, names in ((bayesian, "scipy sklearn"), (sklearn_tuner, "sklearn")):
    print(*(vars(module)[name].__version__.count(".") > 0 for name in names.split()))
print(bayesian.sklearn.gaussian_process.kernels.Matern(), bayesian.scipy.optimize.minimize.__name__)
print(sklearn_tuner.sklearn.model_selection.KFold(2).n_splits)
print(hasattr(bayesian.sklearn, "nothing_of_this_name"))
"""


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What the process prints."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_neither_plots_nor_statistics_are_imported_even_when_all_modules_are_looked_at(told):
    """TensorFlow looks at the file of each, whenever it converts a function."""
    assert told[0] == "True"


def test_where_keras_is_imported_already_nothing_changes(told):
    assert told[1] == "True"


def test_who_uses_the_plots_of_keras_has_them(told):
    assert told[2:5] == ["matplotlib.pyplot"] * 3


def test_who_uses_the_wrappers_of_keras_has_those_of_scikit_learn(told):
    assert told[5:7] == ["keras.src.wrappers.sklearn_wrapper sklearn.base "
                         "keras.src.wrappers.sklearn_wrapper"] * 2  # fmt: skip


def test_keras_tuner_finds_what_it_was_imported_without(told):
    assert told[7:] == [
        "True True",
        "True",
        "Matern(length_scale=1, nu=1.5) minimize",
        "2",
        "False",
    ]
