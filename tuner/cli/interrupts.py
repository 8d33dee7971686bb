"""Ctrl-C and SIGTERM, which end a search cleanly even where what is trained swallows them."""

import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from types import FrameType
from typing import TypeVar

Item = TypeVar("Item")


def hear_interrupts() -> Callable[[], bool]:
    """Makes a KeyboardInterrupt of Ctrl-C and SIGTERM; returns what tells whether one came.

    A Ctrl-C that the shell has this process ignore stays ignored.
    """
    heard: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        signal.default_int_handler(number, frame)

    before = sys.unraisablehook

    def hook(unraisable: "sys.UnraisableHookArgs") -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            before(unraisable)

    # In a destructor it is printed and lost; it was heard, and ends the search all the same.
    sys.unraisablehook = hook
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, interrupt)
    return lambda: bool(heard)


def until_interrupted(
    items: Generator[Item, None, None], was_interrupted: Callable[[], bool]
) -> Iterator[Item]:
    """Yields items until an interrupt has come, also one that somebody's bare `except` has caught.

    Raises:
        KeyboardInterrupt: behind the item in whose making it came.
    """
    with closing(items):
        for item in items:
            yield item
            if was_interrupted():
                raise KeyboardInterrupt
