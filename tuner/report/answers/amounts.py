"""How amounts are told: "13 points", "adds about 3.4 points", "validation loss is 0.3 lower"."""

import math
from collections.abc import Iterable

from tuner.objective import Objective


def decimals(values: Iterable[float], objective: Objective) -> int:
    """How many decimals amounts that stand side by side have: two figures of the largest.

    Points have one at most, unless some would read as zero.
    """
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    if not sizes:
        return 0
    places = max(0, 1 - math.floor(math.log10(max(sizes))))
    places = min(places, 1) if objective.is_share else places
    while places < 6 and any(round(size, places) == 0 for size in sizes):
        places += 1
    return places


def amount(value: float, places: int) -> str:
    """The size of a difference, whatever its sign."""
    text = f"{abs(value):,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def points(value: float, objective: Objective, places: int | None = None) -> str:
    """A difference with its unit: "13 points", "1 point", "0.3"."""
    text = amount(value, decimals([value], objective) if places is None else places)
    if not objective.is_share:
        return text
    return f"{text} point{'' if text == '1' else 's'}"


def gain(value: float, objective: Objective, written: str) -> str:
    """What a change does to the objective: "adds 13 points", "lowers validation loss by 0.3".

    Args:
        value: The change; its sign alone counts.
        objective: What changes.
        written: The amount as it is written.
    """
    if objective.maximize:
        return f"{'adds' if value > 0 else 'costs'} {written}"
    return f"{'raises' if value > 0 else 'lowers'} {objective.words} by {written}"


def level(value: float, objective: Objective) -> str:
    """A mean: "98.9%", "0.31"."""
    return f"{value:.1f}%" if objective.is_share else f"{value:.3g}".replace("-", "−")


def round_level(value: float, objective: Objective) -> str:
    """A mean in a few figures, where its change is what is told: "70%"."""
    is_middle = objective.is_share and 1 <= value <= 99
    return f"{value:.0f}%" if is_middle else level(value, objective)


def listed(texts: Iterable[str]) -> str:
    """Texts as people list them: "a, b and c"."""
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last
