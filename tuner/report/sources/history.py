"""Whether a table has one row an epoch or one an execution: what varies within executions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tuner.errors import DataError, UsageError

#: What counts within an execution, by its usual names; in the plural it may be a budget as well.
COUNTERS = (
    *("epoch", "round", "step", "_step", "global_step", "iteration", "iter", "training_iteration"),
    *("epochs", "rounds", "steps", "iterations"),
)
BUDGETS = ("num_epochs", "n_epochs", "max_epochs", "total_epochs")
#: What names an execution, beside its factors and its replicate.
EXECUTIONS = ("trial", "trial_id", "run", "run_id", "execution", "execution_id", "id", "name")


def keys_of(rows: pd.DataFrame, factors: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Name the columns that tell executions apart."""
    named = [str(name) for name in rows.columns if str(name).casefold() in EXECUTIONS]
    further = ["replicate"] if "replicate" in rows.columns else []
    return list(dict.fromkeys([*factors, *further, *(n for n in named if n not in taken)]))


def find_counter(
    rows: pd.DataFrame, keys: Sequence[str], taken: Sequence[str], is_paired: bool
) -> str | None:
    """Find the column that counts epochs within executions; None where a row is an execution.

    Args:
        rows: The table.
        keys: What tells executions apart.
        taken: Columns that have another part.
        is_paired: Whether the table says which rows share a replicate, so that an execution has one
            row.

    Raises:
        UsageError: a column without a usual name counts within executions: it may be another part.
    """
    free = [str(name) for name in rows.columns if name not in {*keys, *taken}]
    usual = [name for name in free if name.casefold() in COUNTERS]
    for name in usual:
        if counts(rows, keys, name, is_singular=not name.endswith("s")):
            return name
    if not is_paired or not rows.duplicated(list(keys)).any():
        return None
    for name in free:
        whole = pd.api.types.is_integer_dtype(rows[name])
        if whole and name not in usual and counts(rows, keys, name, is_singular=False):
            last = rows[name].max()
            raise UsageError(
                f"rows repeat a configuration in one replicate, and {name} counts to {last} in "
                f"them: say --epoch {name} if it counts epochs, --factor {name} if it is a factor"
            )
    return None


def counts(rows: pd.DataFrame, keys: Sequence[str], name: str, *, is_singular: bool) -> bool:
    """Tell whether a column counts within executions.

    In the singular it is enough that it varies in them and repeats in none; else it must go up by
    equal steps, three or more: budgets that were tried (3, 9, 27 epochs) do not.
    """
    numbers = pd.to_numeric(rows[name], errors="coerce")
    if numbers.isna().any():
        return False
    table = rows[list(keys)].assign(counter=numbers).sort_values("counter", kind="stable")
    grouped = table.groupby(list(keys), observed=True, dropna=False)["counter"]
    sizes = grouped.size()
    if sizes.max() < 2 or (grouped.nunique() < sizes).any():
        return False
    if is_singular:
        return True
    steps = grouped.diff().dropna()
    return bool(sizes.max() >= 3 and steps.nunique() == 1 and steps.iloc[0] > 0)


def find_budget(rows: pd.DataFrame, taken: Sequence[str]) -> str | None:
    """Find the column of an execution's budget, where a row is an execution."""
    free = [str(name) for name in rows.columns if name not in taken]
    usual = (name for wanted in (*COUNTERS, *BUDGETS) for name in free if name.casefold() == wanted)
    return next(usual, None)


def last_common(rows: pd.DataFrame, keys: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Part a table with one row an epoch into its history and its executions.

    All executions are taken at the last epoch that every one of them reached.

    Args:
        rows: With a column epoch.
        keys: What tells executions apart.

    Returns:
        The history (epoch from 1), the executions (epochs), and where some ended before others a
        phrase that says so.

    Raises:
        DataError: the epochs are no numbers.
    """
    epochs = pd.to_numeric(rows["epoch"], errors="coerce")
    wrong = epochs.isna() | np.isinf(epochs)
    if wrong.any():
        raise DataError(f"the epoch column holds {rows['epoch'][wrong].iloc[0]!r}, no number.")
    history = rows.assign(epoch=epochs.astype("int64") + int(epochs.min() == 0))
    ends = history.groupby(list(keys), observed=True, dropna=False)["epoch"].max()
    common = int(ends.min())
    executions = history[history["epoch"] == common].rename(columns={"epoch": "epochs"})
    executions = executions.loc[:, ~executions.columns.duplicated()].reset_index(drop=True)
    if ends.min() == ends.max():
        return history, executions, ""
    told = (
        f"executions ended after {common} to {int(ends.max())} epochs: all are compared at epoch "
        f"{common}, the last that every one of them reached"
    )
    return history, executions, told
