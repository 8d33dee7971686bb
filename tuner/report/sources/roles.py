"""Which columns of a table are the width, the depth, the objective and so on, by their names."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tuner.errors import UsageError
from tuner.objective import tokens
from tuner.words import listed, nearest

#: The words that name an axis, the plainest first; a column is one of them or has one in its name.
WIDTHS = ("width", "filters", "channels", "units", "neurons", "hidden", "multiplier", "features")
DEPTHS = ("depth", "blocks", "layers", "stages")
STEPS = ("block", "layer", "stage")
REPLICATES = ("replicate", "rep", "seed", "random_seed", "fold")
#: How tools that export trials mark a hyperparameter's column: Optuna, W&B, MLflow.
PREFIXES = ("", "params_", "config.", "config/", "params.", "metrics.", "values_")


class Axes(NamedTuple):
    """The factors that are the width and the depth, what a step of the depth is called.

    `guessed` names the axes of which nothing but a column's name was known.
    """

    width: str | None
    depth: str | None
    step: str
    guessed: dict[str, str]


def find_axes(
    columns: Sequence[str], width: str | None, depth: str | None, step: str | None = None
) -> Axes:
    """Tell width and depth: as they were named, and by the columns' names where they were not.

    Args:
        columns: Those that may be one, numbers as they are.
        width: The width, if it is known.
        depth: The depth, if it is known.
        step: What one step of the depth is called, if it is known.
    """
    known = {"width": width, "depth": depth}
    guessed = {}
    for axis, words in (("width", WIDTHS), ("depth", DEPTHS)):
        free = [column for column in columns if column not in known.values()]
        if known[axis] is None and (found := guess_axis(free, words)):
            known[axis] = guessed[axis] = found
    return Axes(known["width"], known["depth"], step or step_word(known["depth"]), guessed)


def guess_axis(columns: Iterable[str], words: Sequence[str]) -> str | None:
    """The column that is named by one of the words, or the only one with it in its name."""
    parts = {column: tokens(_bare(column)) for column in columns}
    for wanted in ([[word], ["num", word], ["n", word]] for word in words):
        if exact := [column for column, part in parts.items() if part in wanted]:
            return exact[0]
    for word in words:
        found = [
            column for column, part in parts.items() if word in part and not part[-1].isdigit()
        ]
        if len(found) == 1:
            return found[0]
    return None


def _bare(column: str) -> str:
    """A column's name without what a tool puts before it."""
    marks = "|".join(re.escape(prefix) for prefix in PREFIXES if prefix)
    return re.sub(f"^({marks})", "", column)


def step_word(depth: str | None) -> str:
    """What one step of a depth is called, by its name: "num_blocks" has blocks."""
    parts = {*tokens(depth or "")}
    return next((word for word in STEPS if parts & {word, f"{word}s"}), "layer")


def guess(columns: Iterable[str], candidates: tuple[str, ...]) -> str | None:
    """The column that one of the usual names stands for, or None."""
    exact = {column.casefold(): column for column in map(str, columns)}
    spelled = (prefix + name for name in candidates for prefix in PREFIXES)
    return next((exact[name] for name in spelled if name in exact), None)


def require(columns: Iterable[str], name: str, option: str) -> str:
    """Give a name back when it is that of a column or a factor.

    Raises:
        UsageError: it is not; the nearest name and all there are are told.
    """
    known = [str(column) for column in columns]
    if name in known:
        return name
    hint = nearest(name, known)
    raise UsageError(f"{option}: there is no {name!r}.{hint} (there are: {listed(known)})")


def report_order(factors: Iterable[str], width: str | None, depth: str | None) -> tuple[str, ...]:
    """The factors with width first and depth second, the others as they came, none twice."""
    named = [name for name in (width, depth) if name is not None]
    return tuple(dict.fromkeys([*named, *factors]))
