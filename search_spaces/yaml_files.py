"""Search spaces as YAML files: what a file changes of its base, read and written; never run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from search_spaces.hyperparameter import Hyperparameter
from search_spaces.narrowing import KINDS, Change, SpaceFile, nearest

SECTIONS = ("space", *KINDS)
ENDINGS = (".yaml", ".yml")
EMPTY = "tag:yaml.org,2002:null"


def read_files(path: Path) -> tuple[SpaceFile, ...]:
    """A file and those that it is based on, the last of these in front.

    Raises:
        ValueError: for what is no file of a search space, with its line, or a circle of files.
    """
    files: list[SpaceFile] = []
    while True:
        if path.resolve() in [file.path.resolve() for file in files]:
            circle = " → ".join(str(file.path) for file in reversed(files))
            raise ValueError(f"{circle} → {path}: a space cannot be its own base")
        files.insert(0, read_file(path))
        base = files[0].base
        if not base.endswith(ENDINGS):
            return tuple(files)
        path = path.parent / base


def read_file(path: Path) -> SpaceFile:
    """What one file says.

    Raises:
        ValueError: naming its line, what was expected and received, and the nearest.
    """
    try:
        if not path.is_file():  # a FIFO would be waited for
            raise ValueError(f"cannot read the search space {path}: no such file")
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        return file_of(loader, loader.get_single_node(), path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"{path}:{line}: expected plain YAML: {error.problem}") from error
    except (OSError, UnicodeError, yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"cannot read the search space {path}: {error}") from error


def file_of(loader: Any, root: Any, path: Path) -> SpaceFile:
    """What a file says, from its YAML."""
    sections = {}
    for name, where, node in entries(loader, root, path, f"the keys {', '.join(SECTIONS)}"):
        if name not in SECTIONS:
            hint = nearest(name, SECTIONS)
            raise ValueError(f"{where}: no key {name!r}.{hint} (keys: {', '.join(SECTIONS)})")
        sections[name] = node
    base = loader.construct_document(sections["space"]) if "space" in sections else None
    if not isinstance(base, str):
        where = place(path, sections.get("space"))
        raise ValueError(f"{where}: expected space: NAME, the space that is changed, got {base!r}")
    changes: list[Change] = []
    for kind in KINDS:
        node = sections.get(kind)
        if node is None or node.tag == EMPTY:
            continue
        for name, where, value in entries(loader, node, path, "hyperparameters by name"):
            if any(name == said.name and "fixed" in (kind, said.kind) for said in changes):
                raise ValueError(
                    f"{where}: {name} is both searched and fixed: expected one of them"
                )
            changes.append(Change(kind, name, loader.construct_document(value), where))
    return SpaceFile(path, base, tuple(changes))


def entries(loader: Any, node: Any, path: Path, what: str) -> Iterator[tuple[str, str, Any]]:
    """The keys of a mapping, each once: where it stands, and the node of its value."""
    if not isinstance(node, yaml.MappingNode):
        raise ValueError(f"{place(path, node)}: expected {what}")
    known = set()
    for key, value in node.value:
        name = loader.construct_document(key)
        if not isinstance(name, str) or name in known:
            wanted = "a name" if not isinstance(name, str) else "each name once"
            raise ValueError(f"{place(path, key)}: expected {wanted}, got {name!r}")
        known.add(name)
        yield name, place(path, key), value


def place(path: Path, node: yaml.Node | None) -> str:
    """Where something stands: "my.yaml:3"."""
    return f"{path}:{node.start_mark.line + 1 if node else 1}"


def as_yaml(name: str, hyperparameters: Mapping[str, Hyperparameter]) -> str:
    """A file that is the search space of a name, to be changed; it says what each part does."""
    searched = {key: spec for key, spec in hyperparameters.items() if spec.role != "fixed"}
    levels = [
        line(key, list(spec.levels), spec.meaning)
        if spec.levels
        else f"  # {key}: continuous; give it levels to search them in a grid"
        for key, spec in searched.items()
    ]
    roles = [line(key, spec.role, "") for key, spec in searched.items() if spec.is_role_said]
    fixed = [
        line(key, spec.default, held_comment(spec))
        for key, spec in hyperparameters.items()
        if spec.role == "fixed"
    ]
    parts = [
        f"# The search space {name}. Change what you like; what is left out stays as it is.",
        "#   tuner search --space FILE.yaml",
        f"space: {written(name)}",
    ]
    for head, rows in (
        ("# What is searched, at which levels; one level alone is held.\nlevels:", levels),
        ("# scientific: its effect is the question; nuisance: --tune chooses it.\nroles:", roles),
        ("# What is held. Moved to levels, with several of them, it is searched.\nfixed:", fixed),
    ):
        if rows:
            parts += ["", head, *rows]
    return "\n".join(parts) + "\n"


def held_comment(spec: Hyperparameter) -> str:
    """What a hyperparameter that is held means, and which other levels it could have."""
    others = ", ".join(str(level) for level in spec.levels if level != spec.default)
    return "; ".join(part for part in (spec.meaning, others and f"or {others}") if part)


def line(name: str, value: Any, comment: str) -> str:
    """A line of a file, with its comment."""
    said = " ".join(comment.split())
    return f"  {written(name)}: {written(value)}" + (f"  # {said}" if said else "")


def written(value: Any) -> str:
    """A name, a level or a list of levels as YAML, in one line."""
    listed = yaml.safe_dump([value], default_flow_style=True, width=10**6, allow_unicode=True)
    return listed.strip()[1:-1]
