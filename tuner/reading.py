"""Files that anybody may have written: opened without waiting, read strictly, never run.

Whatever such a file holds ends in a value, an `OSError` or a `ValueError`; each reader makes an
error of this package of these, with what it expected.
"""

import errno
import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pydantic_core
import yaml

Parsed = TypeVar("Parsed")

LARGEST_YAML = 2**20  # characters; the longest list of cells has some 300,000
LONGEST_SCALAR = 10_000
DEEPEST = 50
YAML_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C is ten times as fast
HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair: in a text, the byte of no UTF-8


def regular(path: str, flags: int) -> int:
    """Opens a regular file, as the `opener` of `open`: a FIFO or a device would be waited for.

    Raises:
        OSError: for whatever is no regular file.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        code = errno.EISDIR if os.path.isdir(path) else errno.EINVAL
        reason = os.strerror(code) if code == errno.EISDIR else "it is not a regular file"
        raise OSError(code, reason, str(path))
    # Nor is it waited for if it became one a moment ago.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_bytes(path: Path) -> bytes:
    """The content of a regular file.

    Raises:
        OSError: if there is none.
    """
    with open(path, "rb", opener=regular) as file:
        return file.read()


def from_yaml(content: bytes) -> Any:
    """Plain YAML: text, numbers, lists and mappings, without anchors.

    What an anchor repeats takes no room in a file, and all there is where it is told.

    Raises:
        ValueError: for whatever else it is.
    """
    try:
        text = content.decode("utf-8")
        if len(text) > LARGEST_YAML:
            raise ValueError(f"expected {LARGEST_YAML:,} characters at most, got {len(text):,}")
        depth = 0
        for event in yaml.parse(text, Loader=YAML_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise ValueError(f"expected {DEEPEST} levels at most, each in the one before")
            if isinstance(event, yaml.AliasEvent):
                raise ValueError(f"expected no anchors, got *{event.anchor}")
            if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_SCALAR:
                raise ValueError(f"expected texts of {LONGEST_SCALAR:,} characters at most")
        return yaml.load(text, Loader=YAML_LOADER)
    except ValueError:
        raise
    except Exception as error:  # PyYAML lets KeyError, AttributeError … out for a wrong `!!tag`
        raise ValueError(str(error)) from error


def from_json(
    content: bytes,
    parse: Callable[[bytes], Parsed] = lambda content: pydantic_core.from_json(
        content, allow_inf_nan=False
    ),
) -> Parsed:
    """JSON, without NaN and Infinity, 200 levels deep at most.

    Half a surrogate pair, as Python's own writer leaves it of a path that is no UTF-8, is spelled
    out, so that it can be told and written again.

    Args:
        content: UTF-8.
        parse: what is made of it; it raises a ValueError for what it cannot take.

    Raises:
        ValueError: for whatever else it is.
    """
    try:
        return parse(content)
    except ValueError:
        if not re.search(rb"\\ud[89a-f]", content, re.IGNORECASE):
            raise
    try:
        text = json.dumps(json.loads(content.decode("utf-8")), ensure_ascii=False)
    except RecursionError as error:
        raise ValueError("too many levels, each in the one before") from error
    return parse(HALF.sub(lambda half: rf"\\u{ord(half[0]):x}", text).encode())
