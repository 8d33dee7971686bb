"""The source files that a class is made by, so that a change in any of them is noticed."""

import ast
import hashlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

INSTALLED = {"site-packages", "dist-packages"}


def source_hashes(made: Any) -> dict[str, str]:
    """The SHA-256 of each source file of a class or function, by its path from its imports' root.

    That is the file of its module, and what this imports from beside it, and so on: from its own
    package or, where it is in none, from its folder. Empty where the class has no file.
    """
    try:
        start = Path(inspect.getfile(made)).resolve()
    except (TypeError, OSError):
        return {}
    root = start.parent
    while (root / "__init__.py").exists():
        root = root.parent
    beside = root if root.name not in INSTALLED else start.parent
    found, waiting = set[Path](), [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for file in imported(path, root) if file.is_relative_to(beside)]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(found)
    }


def imported(path: Path, root: Path) -> Iterator[Path]:
    """The source files below a folder that a file imports, wherever in the file."""
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:  # imported somewhere in a function, if at all
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = path.parents[node.level - 1].relative_to(root).parts if node.level else ()
            module = [*above, *(node.module.split(".") if node.module else ())]
            names = [[*module, alias.name] for alias in node.names]
        else:
            continue
        for parts in names:
            for length in range(1, len(parts) + 1):
                file = root.joinpath(*parts[:length])
                for candidate in (file.with_name(f"{file.name}.py"), file / "__init__.py"):
                    if candidate.is_file():
                        yield candidate
