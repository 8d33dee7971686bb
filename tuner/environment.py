"""What a study was begun in, as its environment.json says; the file may have been edited."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from tuner.execution import Whole
from tuner.reading import from_json
from tuner.words import in_one_line


class Data(TypedDict, total=False):
    """What environment.json says of the images."""

    sha256: str
    num_images: Whole
    image_shape: tuple[Whole, Whole, Whole]


class Environment(TypedDict, total=False):
    """What this package reads of environment.json, which holds more."""

    versions: dict[str, str]
    begun: str
    cpu: str
    git_commit: str | None
    data: Data
    space: dict[str, str] | str
    settings: dict[str, bool | int | float | str]


def environment_from(content: bytes) -> dict[str, Any]:
    """The environment that a file holds, as Environment has it.

    Raises:
        ValueError: with what it is not.
    """
    try:
        found: dict[str, Any] = from_json(content)
    except ValueError as error:
        raise ValueError(f"JSON: {error}") from error
    try:
        TypeAdapter(Environment).validate_python(found, extra="allow")
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(map(str, wrong["loc"])) or "all of it"
        raise ValueError(f"what a search writes: {where}: {in_one_line(wrong['msg'])}") from error
    return found
