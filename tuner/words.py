"""How counts and lists are put in words."""

from collections.abc import Sequence


def counted(number: float, noun: str) -> str:
    """Write a count with its noun, "1 epoch" or "12 epochs"."""
    return f"{number:g} {noun}" if number == 1 else f"{number:g} {noun}s"


def name_some(names: Sequence[str], at_most: int = 5) -> str:
    """List a few names, and say how many more there are."""
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return "; ".join(names[:at_most]) + more
