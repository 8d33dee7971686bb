"""A search space with other levels, roles and fixed values than its base."""

import copy
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from search_spaces.hyperparameter import Hyperparameter

Kind = Literal["levels", "fixed", "roles"]
SEARCHED = ("scientific", "nuisance")


class Change(NamedTuple):
    """What is said of one hyperparameter, and where: "my.yaml:3"."""

    kind: Kind
    name: str
    value: Any
    where: str


@dataclass(frozen=True)
class SpaceFile:
    """A file that changes a search space: its path, the name of its base, and its changes."""

    path: Path
    base: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Narrowed:
    """What makes a search space that files change; called as what makes its base.

    Attributes:
        base: What makes the space that is changed, or is it.
        files: The files, the one that is applied first in front.
    """

    base: Any
    files: tuple[SpaceFile, ...]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The search space, for a stock tuner.

        Raises:
            ValueError: if a change does not fit the hyperparameters that the space lists.
        """
        model = self.base(*args, **kwargs) if callable(self.base) else self.base
        changed(getattr(model, "hyperparameters", {}), self.files)  # it would not see the others
        return self.of(model)

    def of(self, model: Any) -> Any:
        """The base's HyperModel, changed; it remembers by what. An instance stays as it is.

        What it does not list among its hyperparameters is left to whoever finds what it asks for.

        Raises:
            ValueError: if a change does not fit.
        """
        model = copy.deepcopy(model) if model is self.base else model
        model.narrowed_by = self.files
        if hasattr(model, "hyperparameters"):
            named = {change.name for file in self.files for change in file.changes}
            apart = named - set(model.hyperparameters)
            model.hyperparameters = changed(model.hyperparameters, self.files, apart)
        return model


def changed(
    known: Mapping[str, Hyperparameter], files: Iterable[SpaceFile], apart: Iterable[str] = ()
) -> dict[str, Hyperparameter]:
    """The hyperparameters of a search space, as some files change all but those that are apart.

    Raises:
        ValueError: naming the file, the line, what was expected and received, and the nearest.
    """
    found, left = dict(known), set(apart)
    for change in (change for file in files for change in file.changes):
        if change.name in left:
            continue
        try:
            if change.name not in found:
                hint = nearest(change.name, found)
                raise ValueError(f"no hyperparameter {change.name!r}.{hint} ({', '.join(found)})")
            found[change.name] = CHANGES[change.kind](change.name, found[change.name], change.value)
        except ValueError as error:
            raise ValueError(f"{change.where}: {error}") from error
    return found


def with_levels(name: str, spec: Hyperparameter, value: Any) -> Hyperparameter:
    """A hyperparameter searched over other levels; one level alone is held."""
    levels = value if isinstance(value, list) else [value]
    if not levels:
        raise ValueError(f"{name}: expected levels, got none")
    found = tuple(checked(name, spec, level) for level in levels)
    if len(set(found)) < len(found):
        raise ValueError(f"{name}: expected different levels, got {value}")
    if len(found) == 1:
        return held(name, spec, found[0])
    return replace(
        spec,
        role="nuisance" if spec.role == "nuisance" else "scientific",
        levels=found,
        default=spec.default if spec.default in found else found[0],
    )


def held(name: str, spec: Hyperparameter, value: Any) -> Hyperparameter:
    """A hyperparameter that is held at a level; the others can still be asked for."""
    return replace(spec, role="fixed", default=checked(name, spec, value))


def with_role(name: str, spec: Hyperparameter, value: Any) -> Hyperparameter:
    """A hyperparameter with another role among those that are searched."""
    if value not in SEARCHED:
        hint = nearest(str(value), SEARCHED)
        raise ValueError(
            f"{name}: expected scientific or nuisance, got {value!r}.{hint} "
            f"(to hold it, fixed: {{{name}: LEVEL}})"
        )
    if len(spec.levels) == 1:
        raise ValueError(f"{name} has one level, {spec.levels[0]}: expected levels: {{{name}: …}}")
    return replace(spec, role=value, is_role_said=True)


CHANGES: Mapping[Kind, Callable[[str, Hyperparameter, Any], Hyperparameter]] = MappingProxyType(
    {"levels": with_levels, "fixed": held, "roles": with_role}
)
KINDS: tuple[Kind, ...] = get_args(Kind)


def checked(name: str, spec: Hyperparameter, level: Any) -> Any:
    """A level that the hyperparameter can have.

    Raises:
        ValueError: with the nearest of those that it can have, where these are listed.
    """
    if not isinstance(level, bool | int | float | str):
        raise ValueError(f"{name}: expected a level, got {level!r}")
    try:
        return spec.checked(name, level)
    except ValueError as error:
        hint = nearest(str(level), map(str, spec.levels)) if spec.closed else ""
        raise ValueError(f"{error}{hint and '.'}{hint}") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """Asks whether the nearest of some names was meant: " Did you mean 'x'?", or ""."""
    found = difflib.get_close_matches(name, [*known], n=1, cutoff=0.5)
    return f" Did you mean {found[0]!r}?" if found else ""
