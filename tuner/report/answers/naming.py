"""How a factor and its levels are called in a sentence: "depth", "1 block", "8 filters"."""

import re
from dataclasses import dataclass

from search_spaces.units import UNITS
from tuner.analysis.question import Question
from tuner.objective import tokens
from tuner.words import level_text, short

ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
#: Names that say by themselves what their numbers count.
COUNTED = {"filters", "channels", "units", "neurons", "features", "blocks", "layers", "stages"}
PREFIX = re.compile(r"^(params_|config[./]|params\.|values_|num_|n_)+")
LONGEST = 40  # of a factor's name in a sentence


@dataclass(frozen=True)
class Unit:
    """What a level counts: a level of 1 is `scale` of these."""

    scale: float
    many: str

    @property
    def one(self) -> str:
        """One of them: "block", "block per stage"."""
        return re.sub(r"s\b", "", self.many, count=1)


@dataclass(frozen=True)
class Naming:
    """How one factor is called.

    Attributes:
        name: As the code has it.
        spoken: As people say it: "depth", "kernel schedule".
        role: "width", "depth" or "".
        unit: What its levels count; None where nobody says.
    """

    name: str
    spoken: str
    role: str = ""
    unit: Unit | None = None

    @property
    def one_more(self) -> str:
        """What one step of it is: "block", "dense layer"; "step" where nobody says."""
        return self.unit.one if self.unit else "step"

    def number(self, text: str) -> str:
        """A level without its unit: "8" of 0.5 where 1 is 16 filters; a name as itself."""
        if self.unit is None:
            return text
        try:
            return f"{float(text) * self.unit.scale:,.10g}"
        except ValueError:
            return text

    def level(self, text: str) -> str:
        """A level with its unit: "8 filters", "1 block", "kernel schedule 5-3"."""
        number = self.number(text)
        if self.unit is None or not number[:1].isdigit():
            return f"{self.spoken} {number}"
        return f"{number} {self.unit.one if number == '1' else self.unit.many}"

    def ordinal(self, low: str, high: str) -> str | None:
        """The thing that a step adds, "second block"; None where it adds none or several."""
        if self.unit is None or self.unit.scale != 1:
            return None
        try:
            before, after = float(low), float(high)
        except ValueError:
            return None
        is_next = after - before == 1 and after.is_integer()
        if is_next and after == 1:
            return f"first {self.unit.one}"
        return (
            f"{ORDINALS[int(after) - 2]} {self.unit.one}" if is_next and 2 <= after <= 10 else None
        )


def naming_of(factor: str, question: Question, space: str | None = None) -> Naming:
    """How a factor is called.

    Args:
        factor: Its name.
        question: What is asked: its width and depth.
        space: The search space's name, which may say what levels count.
    """
    role = question.role(factor)
    bare = PREFIX.sub("", factor)
    parts = tokens(bare)
    plain = re.fullmatch(r"[\w\s.\-/]+", bare) is not None and bool(parts)
    spoken = role or (" ".join(parts) if plain else short(factor, LONGEST))
    known = UNITS.get(space or "", {}).get(factor)
    if known is not None:
        scale, _, many = known.partition(" ")
        return Naming(factor, spoken, role, Unit(float(scale), many))
    if plain and parts[-1] in COUNTED:
        return Naming(factor, spoken, role, Unit(1, parts[-1]))
    if role == "depth":
        return Naming(
            factor, spoken, role, Unit(1, re.sub(r"(?= per )|$", "s", question.step, count=1))
        )
    return Naming(factor, spoken, role)


def configuration(names: dict[str, Naming], levels: dict[str, object]) -> str:
    """A configuration in words: "3 blocks, 16 filters"."""
    return ", ".join(names[name].level(level_text(level)) for name, level in levels.items())


def given_in_words(given: str, names: dict[str, Naming]) -> str:
    """Of which cells something is said: "depth=3, width=2" as "3 blocks, 32 filters"."""
    parts = []
    for part in given.split(", "):
        name, is_level, text = part.partition("=")
        if not is_level or name not in names:
            return given
        parts.append(names[name].level(text))
    return ", ".join(parts)
