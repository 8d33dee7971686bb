"""What a search space says of one of its hyperparameters."""

from dataclasses import dataclass
from typing import Literal

Level = bool | int | float | str
Role = Literal["scientific", "nuisance", "fixed"]


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter: its role in a study, its usual levels, and the one it has by default.

    `closed` means that no level but the listed ones exists; otherwise a number from `minimum` on
    is a level too. A hyperparameter without levels is continuous: its levels must be given.
    """

    role: Role
    levels: tuple[Level, ...]
    default: Level
    meaning: str = ""
    closed: bool = False
    minimum: float | None = None

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
        elif self.minimum is not None and not level >= self.minimum:  # type: ignore[operator]
            expected = f"a number from {self.minimum:g} on"
        else:
            return level
        raise ValueError(f"{name}: expected {expected}, got {level!r}")
