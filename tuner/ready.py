"""The studies that ship with this package, ready to be asked, and what they say of themselves."""

import itertools
import re
from importlib import resources
from typing import NamedTuple


class Head(NamedTuple):
    """What stands above a ready study: its question, its command, its cost, what it showed."""

    question: str
    command: str
    cost: str
    expected: str


def ready_studies() -> dict[str, str]:
    """The studies that ship with this package: name to YAML text."""
    folder = resources.files("tuner") / "studies"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in files}


def head_of(text: str) -> Head:
    """The head of a ready study's YAML: comments, of which one line is its command.

    Raises:
        ValueError: if one of its parts is missing.
    """
    comments = itertools.takewhile(lambda line: line.startswith("#"), text.splitlines())
    said = "\n".join(line.removeprefix("# ") for line in comments)
    form = r"(.*?[?.])(?=\s).*?\n  (tuner .*?)(?:\s{2,}.*?)?\nCost: (.*)\nExpected: (.*)"
    found = re.fullmatch(form, said, re.DOTALL)
    if found is None:
        raise ValueError(f"expected a question, a command, Cost: and Expected:, got {said!r}")
    return Head(*(" ".join(part.split()) for part in found.groups()))
