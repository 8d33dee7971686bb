"""How TensorFlow is started: quiet, with its fast CPU kernels, deterministic.

Whatever a user's variables and keras.json say, an execution trains under SETTINGS: they are set
here, stand in environment.json, and a study is not gone on with under others.
"""

import importlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from tuner.errors import UsageError
from tuner.training.lean import lean_import
from tuner.words import reason

#: What numbers depend on beside a study's settings, and we decide.
SETTINGS = {
    "backend": "tensorflow",
    "onednn": True,
    "threads": 1,
    "deterministic": True,
    "floatx": "float32",
    "image_data_format": "channels_last",
    "epsilon": 1e-7,
    "batch_normalization": "fused",
}
# Read when TensorFlow is imported. oneDNN is off by default on CPUs without AVX-512.
ENVIRONMENT = {
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": "tensorflow",
    "OMP_NUM_THREADS": "1",
}
IMPORTED = ("tensorflow", "keras", "keras_tuner")
#: Variables that change kernels, precision or threads; logs and a GPU's memory are the user's.
CHANGES_NUMBERS = re.compile(
    r"TF_(?!CPP_|GPU_|FORCE_GPU_|CUDA_).*|ONEDNN_.*|DNNL_.*|NVIDIA_TF32_OVERRIDE"
)


def start_tensorflow() -> Any:
    """Imports TensorFlow with one thread on the CPU and deterministic ops; returns the module.

    One thread, always: oneDNN's results depend on the number of threads, so that one thread in
    each of several worker processes is what makes an execution independent of where it runs. It is
    also faster on the whole. A process in which TensorFlow runs already keeps its threads.

    Raises:
        UsageError: if Keras is to run on another backend, or cannot be started.
    """
    set_environment()
    with silent_stderr():
        with lean_import():
            tf, *_ = (imported(name) for name in IMPORTED)
        try:
            tf.config.threading.set_intra_op_parallelism_threads(1)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError:  # already running
            pass
        tf.config.list_logical_devices()  # starts the devices, which is when they log
    tf.config.experimental.enable_op_determinism()
    tf.get_logger().setLevel("ERROR")
    start_keras()
    return tf


def import_tensorflow() -> None:
    """Imports TensorFlow, Keras and what trains with them, but runs nothing of theirs.

    Raises:
        UsageError: as `start_tensorflow`.
    """
    set_environment()
    with silent_stderr(), lean_import():
        for name in IMPORTED:
            imported(name)
    start_keras()
    for name in ("tuner.training.execute", "search_spaces", "sklearn.model_selection"):
        importlib.import_module(name)


def imported(name: str) -> Any:
    """TensorFlow or Keras.

    Raises:
        UsageError: if it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except Exception as error:  # they assert what keras.json and their variables say
        raise UsageError(
            f"{name} cannot be started ({type(error).__name__}: {reason(error)}): expected a "
            "working installation, and a keras.json (in ~/.keras or $KERAS_HOME) that it can read"
        ) from error


def set_environment() -> None:
    """Sets the variables that TensorFlow and Keras read, and takes away those that change numbers.

    Raises:
        UsageError: if they ask for another backend.
    """
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend != "tensorflow":
        raise UsageError(
            f"KERAS_BACKEND is {backend!r}: studies are trained with TensorFlow alone, as numbers "
            "of two backends cannot be compared; expected tensorflow, or no such variable"
        )
    for name in [name for name in os.environ if CHANGES_NUMBERS.fullmatch(name)]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)
    # Else the process that plans would take all of a GPU's memory from those that train.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")


@cache
def start_keras() -> None:
    """Imports Keras and sets what keras.json may say otherwise; once, as a space may differ.

    Raises:
        UsageError: if Keras cannot be imported, or runs on another backend.
    """
    keras = imported("keras")
    if keras.config.backend() != "tensorflow":
        raise UsageError(f"Keras runs on {keras.config.backend()} here: expected tensorflow")
    keras.config.set_floatx(SETTINGS["floatx"])
    keras.config.set_dtype_policy(SETTINGS["floatx"])
    keras.config.set_image_data_format(SETTINGS["image_data_format"])
    keras.config.set_epsilon(SETTINGS["epsilon"])


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Sends the process's own stderr to nowhere: TensorFlow logs from C++ before it can be told."""
    try:
        kept = os.dup(2)
    except OSError:  # no stderr at all
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def versions() -> dict[str, str]:
    """The versions that an execution's numbers depend on."""
    from importlib.metadata import version

    return {name: version(name) for name in ("tensorflow", "keras", "keras-tuner", "numpy")}


def gpus() -> list[Any]:
    """The GPUs that TensorFlow sees."""
    return list(start_tensorflow().config.list_physical_devices("GPU"))
