"""From the name of a search space to what makes it."""

import difflib
import functools
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

SEARCH_SPACES = {
    "conv_pool": "search_spaces.conv_pool:ConvPool",
    "residual": "search_spaces.residual:Residual",
    "separable": "search_spaces.separable:Separable",
    "mlp": "search_spaces.mlp:Mlp",
}


def load(name: str) -> Callable[..., Any]:
    """What makes a search space: a name of SEARCH_SPACES, "module:Class", or "file.yaml".

    Modules are looked for in the working directory too. A YAML file narrows another space:
    `space: conv_pool` and `levels: {conv_blocks: [1, 2], activation: linear}`.

    Raises:
        ValueError: for a name that leads nowhere, with what was expected.

    Examples:
        >>> from search_spaces import load
        >>> load("conv_pool")(input_shape=(8, 8, 1), num_classes=10).name
        'conv_pool'
    """
    if name.endswith((".yaml", ".yml")):
        return load_yaml(Path(name))
    target = SEARCH_SPACES.get(name, name)
    if ":" not in target:
        near = difflib.get_close_matches(name, SEARCH_SPACES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        known = ", ".join(SEARCH_SPACES)
        raise ValueError(
            f"no search space {name!r}.{hint} (spaces: {known}; or module:Class, or file.yaml)"
        )
    module_name, class_name = target.split(":", 1)
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # last: a file there may be called as a library is
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise ValueError(f"no module {error.name!r} for the search space {name!r}") from error
    except ImportError as error:
        raise ImportError(f"{error}{shadowed_hint()}") from error
    if not hasattr(module, class_name):
        raise ValueError(
            f"the module {module_name!r} has no class {class_name!r}{shadowed_hint(module_name)}"
        )
    return getattr(module, class_name)  # type: ignore[no-any-return]


def shadowed_hint(*more: str) -> str:
    """Names files of the working directory that are not imported, as modules have their names."""
    for name in ("tuner", "search_spaces", *more):
        file = Path.cwd() / f"{name.split('.')[0]}.py"
        module = sys.modules.get(file.stem)
        found = getattr(module, "__file__", None)
        if file.is_file() and found and Path(found).resolve() != file.resolve():
            return f"; {file.name} here is shadowed by {found}: give it another name"
    return ""


def load_yaml(path: Path) -> Callable[..., Any]:
    """A search space narrowed to the levels that a YAML file gives."""
    try:
        if not path.is_file():  # a FIFO would be waited for
            raise FileNotFoundError("no such file")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except Exception as error:  # PyYAML raises RecursionError, AttributeError … for foreign files
        raise ValueError(f"cannot read the search space {path}: {error}") from error
    if (
        not isinstance(content, dict)
        or set(content) - {"space", "levels"}
        or "space" not in content
    ):
        raise ValueError(f"{path}: expected the keys space and levels")
    return functools.partial(load(content["space"]), **(content.get("levels") or {}))
