"""Keras imported in two thirds of the time: no garbage is looked for, no plots are made ready.

An import makes a million objects and no garbage. Keras imports matplotlib wherever it is installed,
for one package that no training uses; it is imported when somebody uses that package.
"""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

PLOTS = "visualization"  # the package of Keras's that needs matplotlib
KERAS = ("keras", "keras._tf_keras.keras")  # the second is `tf.keras`


@contextmanager
def lean_import() -> Iterator[None]:
    """TensorFlow, Keras and what uses them are imported within this.

    What they have made is never looked through for garbage again, which Keras asks for each time
    that it forgets a network: there it takes a fifth of a second.
    """
    if "keras" in sys.modules:
        yield
        return
    leaves_plots = "matplotlib" not in sys.modules
    collects = gc.isenabled()
    gc.disable()
    if leaves_plots:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]  # an import is an ImportError
    try:
        yield
    finally:
        if leaves_plots:
            del sys.modules["matplotlib"]
            put_off(PLOTS)
        gc.freeze()
        if collects:
            gc.enable()


class Later(ModuleType):
    """A module that is imported when something of it is asked for.

    It is no entry of `sys.modules`, all of which TensorFlow asks for their file now and then.
    """

    def __getattr__(self, name: str) -> object:
        return getattr(importlib.import_module(self.__name__), name)


def put_off(package: str) -> None:
    """Has a package of Keras's be imported anew, with all it needs, once it is used."""
    for name in [name for name in sys.modules if name.startswith(f"keras.src.{package}")]:
        del sys.modules[name]
    later = Later(f"keras.{package}")
    sys.modules.pop(later.__name__, None)
    for keras in filter(None, map(sys.modules.get, KERAS)):
        setattr(keras, package, later)
