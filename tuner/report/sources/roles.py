"""Which columns of a table are the width, the depth, the objective and so on, by their names."""

from collections.abc import Iterable
from difflib import get_close_matches

from tuner.errors import UsageError

WIDTHS = ("filter_multiplier", "width", "width_multiplier", "filters", "num_filters", "channels")
DEPTHS = ("conv_blocks", "depth", "num_blocks", "blocks", "num_layers", "layers")
REPLICATES = ("replicate", "rep", "seed", "random_seed", "fold")
METRICS = (
    "val_accuracy",
    "val_acc",
    "validation_accuracy",
    "test_accuracy",
    "accuracy",
    "acc",
    "score",
    "value",
)
#: How tools that export trials mark a hyperparameter's column: Optuna, W&B, MLflow.
PREFIXES = ("", "params_", "config.", "config/", "params.")


def guess(columns: Iterable[str], candidates: tuple[str, ...]) -> str | None:
    """The column that one of the usual names stands for, or None."""
    exact = {column.casefold(): column for column in map(str, columns)}
    spelled = (prefix + name for name in candidates for prefix in PREFIXES)
    return next((exact[name] for name in spelled if name in exact), None)


def require(columns: Iterable[str], name: str, option: str) -> str:
    """Give the column's name back when the table has it.

    Raises:
        UsageError: no such column; the nearest name and all the columns are told.
    """
    known = [str(column) for column in columns]
    if name in known:
        return name
    nearest = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise UsageError(
        f"{option}: the table has no column {name!r}.{hint} (columns: {listed(known)})"
    )


def listed(names: Iterable[object], most: int = 12) -> str:
    """Names in one line, the tail counted rather than spelled."""
    shown = [str(name) for name in names]
    rest = f", … {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + rest


def report_order(factors: Iterable[str], width: str | None, depth: str | None) -> tuple[str, ...]:
    """The factors with width first and depth second, the others as they came, none twice."""
    named = [name for name in (width, depth) if name is not None]
    return tuple(dict.fromkeys([*named, *factors]))
