"""Keras imported in half of the time: no garbage is looked for, and nothing that is not used.

An import makes a million objects and no garbage. Keras and Keras Tuner import matplotlib, scipy and
scikit-learn wherever they are installed, for parts that no training uses: what is left out here is
imported when somebody uses such a part.
"""

import gc
import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType

LEFT_OUT = ("matplotlib", "scipy", "sklearn")
PUT_OFF = {"visualization": "matplotlib", "wrappers": "sklearn"}  # Keras's, and what they need
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
    left_out = [name for name in LEFT_OUT if name not in sys.modules]
    collects = gc.isenabled()
    gc.disable()
    for name in left_out:
        sys.modules[name] = None  # type: ignore[assignment]  # an import is an ImportError
    try:
        yield
    finally:
        for name in left_out:
            del sys.modules[name]
        for package, needed in PUT_OFF.items():
            if needed in left_out:
                put_off(package)
        fill_in(left_out)
        gc.freeze()
        if collects:
            gc.enable()


class Later(ModuleType):
    """A module that is imported when something of it is asked for.

    It is no entry of `sys.modules`, all of which TensorFlow asks for their file now and then.
    """

    def __getattr__(self, name: str) -> object:
        try:
            return getattr(importlib.import_module(self.__name__), name)
        except AttributeError:
            with suppress(ModuleNotFoundError):
                return importlib.import_module(f"{self.__name__}.{name}")
            raise


def put_off(package: str) -> None:
    """Has a package of Keras's be imported anew, with all it needs, once it is used."""
    for name in [name for name in sys.modules if name.startswith(f"keras.src.{package}")]:
        del sys.modules[name]
    later = Later(f"keras.{package}")
    for keras in KERAS:
        sys.modules.pop(f"{keras}.{package}", None)
        if keras in sys.modules:
            setattr(sys.modules[keras], package, later)


def fill_in(left_out: Sequence[str]) -> None:
    """Has Keras Tuner, which holds None for what was not found, import it when it is used."""
    for module in [one for name, one in sys.modules.items() if name.startswith("keras_tuner.src")]:
        for name in left_out:
            if vars(module).get(name, module) is None:
                setattr(module, name, Later(name))
