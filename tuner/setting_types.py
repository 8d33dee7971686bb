"""What a study's settings may be: types that say what was expected, and how each is written."""

from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from tuner.objective import (
    ACCURACIES,
    MEASURED,
    SMALLER_IS_BETTER,
    Objective,
    named,
    tokens,
)
from tuner.words import printable

MOST_BYTES = 100  # of a name
EVERY_FACTOR = "all"
LARGEST = 2**53  # whole numbers up to it are the same as floats


def printed(text: str) -> str:
    """A text that can be shown as it is.

    Raises:
        ValueError: for control characters.
    """
    if printable(text) != text or "\n" in text or "\t" in text:
        raise ValueError("expected text without control characters")
    return text


Text = Annotated[str, AfterValidator(printed)]
Whole = Annotated[StrictInt, Field(ge=-LARGEST, le=LARGEST)]
Number = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Level = StrictBool | Whole | Number | Annotated[StrictStr, AfterValidator(printed)]
Count = Annotated[int, Field(gt=0, le=10**9)]
Replicates = Annotated[int, Field(gt=0, le=1000)]
HalfWidth = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def measured(objective: object) -> Objective:
    """The objective of a study by its name: "val_auc", or "val_my_score:max" with its direction.

    Raises:
        ValueError: for what models do not report, or a direction that nobody knows.
    """
    if isinstance(objective, Objective):
        return objective
    if objective in MEASURED:
        return MEASURED[str(objective)]
    name, _, direction = str(objective).partition(":")
    is_known = bool({*tokens(name)} & (ACCURACIES | SMALLER_IS_BETTER))
    if name.startswith("val_") and (direction in ("max", "min") or (is_known and not direction)):
        return named(name, 0, 1, maximize=None if not direction else direction == "max")
    raise ValueError(
        f"expected {', '.join(MEASURED)} or another metric that the models report, with val_ before"
        " it and its direction where that is not known (val_score:max)"
    )


def names_of(text: object) -> object:
    """The names in a typed "A,B"; what is no text is left as it is."""
    return [name.strip() for name in text.split(",")] if isinstance(text, str) else text


def written(objective: Objective) -> str:
    """An objective as a study's file has it, from which `measured` makes it again."""
    if objective.name in MEASURED or measured_like(objective):
        return objective.name
    return f"{objective.name}:{objective.direction}"


def measured_like(objective: Objective) -> bool:
    """Whether the name alone tells the direction."""
    try:
        return measured(objective.name).maximize == objective.maximize
    except ValueError:
        return False


def file_name(name: str) -> str:
    """The name of a study, which is that of a folder too.

    Raises:
        ValueError: for what is no file's name, or a long one.
    """
    is_told = name.isprintable() and name == name.strip() and name not in ("", ".", "..")
    if not is_told or {"/", "\\"} & set(name) or len(name.encode("utf-8", "replace")) > MOST_BYTES:
        raise ValueError(
            f"expected the name of a folder, without / and control characters, of at most "
            f"{MOST_BYTES} bytes"
        )
    return name


def half_widths(until: object) -> object:
    """One half-width for every factor, where a number stands alone."""
    return {EVERY_FACTOR: until} if isinstance(until, int | float) else until
