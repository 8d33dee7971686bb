"""From the name of a search space to what makes it."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from search_spaces.narrowing import Narrowed, nearest
from search_spaces.packages import load_offered, offered
from search_spaces.yaml_files import ENDINGS, read_files

SEARCH_SPACES = {
    "conv_pool": "search_spaces.conv_pool:ConvPool",
    "residual": "search_spaces.residual:Residual",
    "separable": "search_spaces.separable:Separable",
    "mlp": "search_spaces.mlp:Mlp",
}


def names() -> list[str]:
    """The names of search spaces: of those that ship, and of those that packages offer.

    Examples:
        >>> from search_spaces import names
        >>> names()[:4]
        ['conv_pool', 'residual', 'separable', 'mlp']
    """
    return [*dict.fromkeys([*SEARCH_SPACES, *offered()])]


def load(name: str) -> Callable[..., Any]:
    """What makes a search space: one of `names()`, "module:Class", or "file.yaml".

    Modules are looked for in the working directory too. A YAML file changes another space:
    `space: conv_pool`, with `levels: {conv_blocks: [1, 2]}`, `fixed: {activation: linear}` and
    `roles: {dense_depth: nuisance}`. A name that ships is never another package's.

    Raises:
        ValueError: for a name that leads nowhere, with what was expected.

    Examples:
        >>> from search_spaces import load
        >>> load("conv_pool")(input_shape=(8, 8, 1), num_classes=10).name
        'conv_pool'
    """
    if name.endswith(ENDINGS):
        files = read_files(Path(name))
        return Narrowed(load(files[0].base), files)
    if name in SEARCH_SPACES or ":" in name:
        return load_class(name, SEARCH_SPACES.get(name, name))
    if entries := offered().get(name):
        return load_offered(name, entries)  # type: ignore[no-any-return]
    known = names()
    raise ValueError(
        f"no search space {name!r}.{nearest(name, known)} (spaces: {', '.join(known)}; or "
        "module:Class, or file.yaml)"
    )


def load_class(name: str, target: str) -> Callable[..., Any]:
    """What "module:Class" names.

    Raises:
        ValueError: if there is no such module, or no such class in it.
        ImportError: if the module cannot be imported.
    """
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
