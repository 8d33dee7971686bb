"""From what a user names as a search space to a `HyperModel`: class, instance or function."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from search_spaces import load
from search_spaces.narrowing import Narrowed
from tuner.errors import UsageError, described
from tuner.words import in_one_line, listed

#: What constructors call the shape of an image, and the number of classes.
SHAPES = {
    *("input_shape", "image_shape", "img_shape", "in_shape", "shape", "input_dim", "input_dims"),
    *("img_size", "image_size", "input_size", "imgsize", "img_dims", "image_dims", "dims"),
}
CLASSES = {
    *("num_classes", "classes", "n_classes", "nb_classes", "no_classes", "number_of_classes"),
    *("num_labels", "n_labels", "num_outputs", "n_outputs", "output_dim", "output_units"),
    *("output_size", "out_dim", "num_class", "n_class", "nclasses", "numclasses", "class_count"),
}
SIDES = {"height": 0, "img_height": 0, "width": 1, "img_width": 1, "channels": 2, "num_channels": 2}
ASKED = {"hp", "hps", "hparams", "hyperparameters", "hyper_parameters"}


@contextmanager
def told_as_usage(name: str) -> Iterator[None]:
    """Tells whatever keeps a search space from being made in one line."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise UsageError(f"the space {name} cannot be made: {in_one_line(error)}") from error
    except (Exception, SystemExit) as error:  # whatever its file does when it is imported
        raise UsageError(f"the space {name} cannot be made: {described(error)}") from error


def find(name: str) -> Any:
    """What makes the search space of a name; nothing is made yet.

    Raises:
        UsageError: for a name that leads nowhere, and what cannot be imported or read.
    """
    with told_as_usage(name):
        return load(name)


def make_model(name: str, input_shape: tuple[int, ...], num_classes: int) -> tuple[Any, Any]:
    """The HyperModel of a name, and what it, or the space that its files change, was made by.

    Raises:
        UsageError: for what cannot be found or made, or is no HyperModel.
    """
    import keras_tuner

    found = find(name)
    maker = found.base if isinstance(found, Narrowed) else found
    with told_as_usage(name):
        model = made(maker, guesses(maker, input_shape, num_classes))
        if isinstance(found, Narrowed):
            model = found.of(model)
    if not isinstance(model, keras_tuner.HyperModel):
        raise UsageError(
            f"{name}: expected a keras_tuner.HyperModel or a function build(hp), got "
            f"{type(model).__name__}"
        )
    return model, maker


def made(maker: Any, known: Mapping[str, Any]) -> Any:
    """The HyperModel that something makes or is.

    Raises:
        TypeError: if it wants other arguments than can be guessed.
    """
    import keras_tuner

    if isinstance(maker, keras_tuner.HyperModel):
        return maker
    if not callable(maker):
        raise TypeError(f"expected a class, an instance or a function, got {type(maker).__name__}")
    wanted = required(maker)
    missing = [name for name in wanted if name not in known]
    is_function = not isinstance(maker, type)
    if is_function and len(missing) == 1 and (missing == wanted[:1] or missing[0] in ASKED):
        asked = missing[0]
        build = (lambda hp: maker(**{asked: hp}, **known)) if known else maker
        return hypermodel(build)
    if missing:
        told = listed(f"{key}={value}" for key, value in known.items()) or "nothing by those names"
        raise TypeError(
            f"{getattr(maker, '__name__', maker)} wants {listed(missing)}; what is passed: {told}. "
            "Write a function that takes nothing and returns it, and name that (module:function)"
        )
    model = maker(**known)
    is_build = callable(model) and not isinstance(model, type | keras_tuner.HyperModel)
    return hypermodel(model) if is_build and is_function and required(model) else model


def hypermodel(build: Callable[[Any], Any]) -> Any:
    """A HyperModel of a function that builds, as Keras Tuner makes one."""
    import keras_tuner

    class Built(keras_tuner.HyperModel):  # type: ignore[misc]
        def build(self, hp: Any) -> Any:
            return build(hp)

    Built.__name__ = getattr(build, "__name__", "build")
    found = Built()
    found.made_by = build
    return found


def guesses(maker: Any, input_shape: tuple[int, ...], num_classes: int) -> dict[str, Any]:
    """The arguments that something takes and that are told by their names."""
    found: dict[str, Any] = {}
    for name in accepted(maker):
        plain = name.lower().strip("_")
        if plain in SHAPES:
            found[name] = tuple(input_shape)
        elif plain in CLASSES:
            found[name] = num_classes
        elif plain in SIDES and name in required(maker):
            found[name] = input_shape[SIDES[plain]]
    return found


def accepted(maker: Any) -> list[str]:
    """The names of what something takes; of what a class hands on, those of its bases too."""
    import keras_tuner

    if isinstance(maker, keras_tuner.HyperModel) or not callable(maker):
        return []
    if isinstance(maker, functools.partial):
        return [name for name in accepted(maker.func) if name not in maker.keywords]
    names: list[str] = []
    for part in maker.__mro__ if isinstance(maker, type) else [maker]:
        if part in (object, keras_tuner.HyperModel):
            break
        if isinstance(maker, type) and "__init__" not in vars(part):
            continue
        parameters = inspect.signature(part).parameters.values()
        names += [parameter.name for parameter in parameters if is_named(parameter)]
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            break
    return names


def required(maker: Any) -> list[str]:
    """The names of what something cannot do without."""
    parameters = inspect.signature(maker).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and is_named(p)]


def is_named(parameter: inspect.Parameter) -> bool:
    """Whether a parameter has a name, and no rest of them."""
    return parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
