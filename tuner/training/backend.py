"""How TensorFlow is started: quiet, with its fast CPU kernels, deterministic."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# Read when TensorFlow is imported. oneDNN is off by default on CPUs without AVX-512.
ENVIRONMENT = {
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": "tensorflow",
}


def start_tensorflow() -> ModuleType:
    """Imports TensorFlow with one thread on the CPU and deterministic ops; returns the module.

    One thread, always: oneDNN's results depend on the number of threads, so that one thread in
    each of several worker processes is what makes an execution independent of where it runs. It is
    also faster on the whole. A process in which TensorFlow runs already keeps its threads.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with silent_stderr():
        import tensorflow as tf

        try:
            tf.config.threading.set_intra_op_parallelism_threads(1)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError:  # already running
            pass
        tf.config.list_logical_devices()  # starts the devices, which is when they log
    tf.config.experimental.enable_op_determinism()
    tf.get_logger().setLevel("ERROR")
    return tf  # type: ignore[no-any-return]


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
