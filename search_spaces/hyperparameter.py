"""What a search space says of one of its hyperparameters."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Level = bool | int | float | str
LARGEST = sys.float_info.max
Role = Literal["scientific", "nuisance", "fixed"]
Axis = Literal["width", "depth"]


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter: its role in a study, its usual levels, and the one it has by default.

    `closed` means that no level but the listed ones exists; otherwise a finite number from
    `minimum` to `maximum` is a level too, as is what `check` raises no ValueError for. A
    hyperparameter without levels is continuous: its levels must be given. `axis` says that it is
    the width or the depth of the network, and `step` what one step of it is called: "block".
    `sample` gives the level at a share of a continuous range, from 0 to 1. `is_role_said` is False
    where the role is only supposed.

    Examples:
        >>> from search_spaces import Hyperparameter
        >>> units = Hyperparameter("scientific", (16, 32, 64), 32, minimum=1, axis="width")
        >>> units.checked("units", 0)
        Traceback (most recent call last):
        ValueError: units: expected a number from 1 on, got 0
    """

    role: Role
    levels: tuple[Level, ...]
    default: Level
    meaning: str = ""
    closed: bool = False
    minimum: float | None = None
    maximum: float = LARGEST
    check: Callable[[Level], object] | None = None
    axis: Axis | None = None
    step: str = ""
    sample: Callable[[float], Level] | None = None
    is_role_said: bool = True

    def checked(self, name: str, level: Level) -> Level:
        """The level, as the type of the default where nothing is lost by it.

        Raises:
            ValueError: for what cannot be a level, saying what was expected and received.
        """
        if isinstance(self.default, float) and type(level) is int:
            level = float(level)
        if self.closed and level not in self.levels:
            expected = "one of " + ", ".join(str(known) for known in self.levels)
        elif type(level) is not type(self.default):
            kinds = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
            expected = kinds[type(self.default)]
        elif self.minimum is not None and not self.minimum <= float(level) <= self.maximum:
            most = "on" if self.maximum == LARGEST else f"to {self.maximum:g}"
            expected = f"a number from {self.minimum:g} {most}"
        else:
            return self._accepted(name, level)
        raise ValueError(f"{name}: expected {expected}, got {level!r}")

    def narrowed(self, name: str, given: Level | Sequence[Level]) -> "Hyperparameter":
        """The same with other levels: one level fixes it, several have it searched.

        Raises:
            ValueError: for none, or for what cannot be a level.
        """
        if isinstance(given, bool | int | float | str):
            given = (given,)
        if not given:
            raise ValueError(f"{name}: expected one level or more, got none")
        levels = tuple(self.checked(name, level) for level in given)
        is_nuisance = self.role == "nuisance"
        role: Role = "fixed" if len(levels) == 1 else "nuisance" if is_nuisance else "scientific"
        default = self.default if self.default in levels else levels[0]
        return replace(self, role=role, levels=levels, default=default)

    def _accepted(self, name: str, level: Level) -> Level:
        if self.check is not None:
            try:
                self.check(level)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        return level
