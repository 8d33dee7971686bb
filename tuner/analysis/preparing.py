"""Which executions may be analysed together: one budget, finished, an unselected set of cells."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from tuner.analysis.levels import ordered_levels, tidy_levels
from tuner.analysis.question import Question
from tuner.errors import DataError
from tuner.frames import AnyFrame, as_pandas
from tuner.words import counted, level_text, listed, nearest, short

# What Keras Tuner, Optuna and W&B call an execution whose objective is not that of its budget.
UNFINISHED = {"failed", "fail", "diverged", "pruned", "running", "crashed", "killed", "invalid"}
LARGEST = 1e100  # what is larger has no square, and no meaning as an objective
MAX_BLOCKS = 2000  # of cells or of replicates, whichever are fewer: the system to solve
MAX_CROSSED = 20_000_000  # cells x replicates: 160 MB
RESERVED = {
    *("cell", "replicate", "value", "n", "mean", "sd", "half_width", "state", "reason", "status"),
    *("params", "flops", "seconds", "epoch", "low", "high", "key", "cost"),
}


@dataclass(frozen=True)
class Sample:
    """The executions that effects may be estimated from.

    `executions` has one row a (cell, replicate): cell (int code from 0), <factors>, replicate,
    value (the objective in reported units). `design` has one row a cell, in cell order:
    <factors>, n. Both hold the levels as `levels` does: floats or texts.

    Examples:
        >>> import pandas
        >>> from tuner.analysis import Question, prepare
        >>> executions = pandas.DataFrame(
        ...     {
        ...         "depth": [1, 1, 2, 2, 3, 3],
        ...         "replicate": [0, 1, 0, 1, 0, 1],
        ...         "val_accuracy": [0.50, 0.52, 0.60, 0.61, 0.65, 0.67],
        ...     }
        ... )
        >>> question = Question(("depth",), depth="depth")
        >>> sample = prepare(executions, question)
        >>> sample.levels, sample.blocked
        ({'depth': (1.0, 2.0, 3.0)}, True)
    """

    question: Question  # with the factors that vary in these executions
    executions: DataFrame
    design: DataFrame
    levels: dict[str, tuple[Any, ...]]  # factor -> its levels, in report order
    budget: int | None  # the epochs of every execution; None where the table does not say
    blocked: bool  # whether replicates are shared between cells, so that cells can be paired
    notes: tuple[str, ...]  # what was left out or merged, in words


def prepare(executions: AnyFrame, question: Question, cells: AnyFrame | None = None) -> Sample:
    """Choose the executions of one budget that are no biased selection, and order their levels.

    Args:
        executions: one row an execution, as for `analyse`.
        question: which columns are the factors, and which the objective.
        cells: the cells as planned, one row each, for the order of their levels; or None.

    Raises:
        DataError: a column is missing, nothing is left, no factor varies, or only survivors of a
            selection (Hyperband's later rungs) share a budget.

    Examples:
        >>> import pandas
        >>> from tuner.analysis import Question, prepare
        >>> executions = pandas.DataFrame(
        ...     {
        ...         "depth": [1, 1, 2, 2, 3, 3],
        ...         "replicate": [0, 1, 0, 1, 0, 1],
        ...         "val_accuracy": [0.50, 0.52, 0.60, 0.61, 0.65, 0.67],
        ...     }
        ... )
        >>> question = Question(("depth",), depth="depth")
        >>> prepare(executions, question).executions.head(2)
           cell  depth  replicate  value
        0     0    1.0          0   50.0
        1     0    1.0          1   52.0
    """
    refuse_question(question)
    executions, cells = as_pandas(executions), cells if cells is None else as_pandas(cells)
    for column in (*question.factors, question.objective.name):
        require_column(executions, column)
    executions = executions.reset_index(drop=True)
    notes: list[str] = []
    rows = drop_repeated_rows(executions, question, notes)
    rows = keep_finished(rows, question, notes)
    rows, budget = keep_one_budget(rows, question, notes)

    frames = [rows] if cells is None else [cells, rows]
    levels = {
        factor: ordered_levels([tidy_levels(f[factor]) for f in frames if factor in f])
        for factor in question.factors
    }
    # A level that only the plan has was never trained: it has no effect to estimate.
    trained = {factor: set(rows[factor]) for factor in question.factors}
    levels = {
        factor: tuple(level for level in known if level in trained[factor])
        for factor, known in levels.items()
    }
    question = keep_varying(question, levels)
    levels = {factor: levels[factor] for factor in question.factors}
    rows = number_cells(rows, levels)
    blocked = shares_replicates(rows, notes)
    rows = average_repeats(rows, question, notes)
    design = rows.groupby("cell")[list(question.factors)].first()
    design["n"] = rows.groupby("cell").size()
    return Sample(question, rows, design, levels, budget, blocked, tuple(notes))


def require_column(frame: DataFrame, column: str) -> None:
    """Refuse a table without this column, naming the nearest one it has."""
    if (frame.columns == column).sum() == 1:
        return
    if column in frame.columns:
        raise DataError(f"the table has several columns '{column}': keep one of them")
    names = [str(name) for name in frame.columns]
    hint = nearest(column, names)
    raise DataError(f"the table has no column {column!r}.{hint} (columns: {listed(names)})")


def refuse_question(question: Question) -> None:
    """Refuse a question without factors, or with names that an analysis cannot tell apart."""
    if not question.factors:
        raise DataError("no factor was named: say which columns are the width, the depth, others")
    if len(set(question.factors)) < len(question.factors):
        raise DataError(f"a factor is named twice: {', '.join(question.factors)}")
    taken = [factor for factor in question.factors if factor in RESERVED]
    if taken:
        raise DataError(
            f"a factor cannot be named '{taken[0]}': the analysis has a column of that name. "
            "Rename the column of the table"
        )
    if question.objective.name in question.factors:
        raise DataError(f"'{question.objective.name}' cannot be both a factor and the objective")


def drop_repeated_rows(executions: DataFrame, question: Question, notes: list[str]) -> DataFrame:
    """Keep one of the rows that agree in every column, where two executions would not.

    Two executions of one cell can have equal accuracies; they are told apart only by a column
    that varies within a cell (a seed, a loss, a time). Without one, all rows are kept.
    """
    known = [*question.factors, question.objective.name]
    others = executions.columns.difference(known, sort=False)
    texts = comparable(executions)
    varying = (texts.groupby(list(question.factors))[list(others)].nunique() > 1).any()
    repeated = texts.duplicated()
    if not varying.any() or not repeated.any():
        return executions
    notes.append(f"{repeated.sum()} rows repeat another row in every column: counted once")
    return executions[~repeated]


def comparable(rows: DataFrame) -> DataFrame:
    """Turn objects, of which some cannot be compared, into texts."""
    return rows.astype({name: str for name, kind in rows.dtypes.items() if kind == "O"})


def keep_finished(executions: DataFrame, question: Question, notes: list[str]) -> DataFrame:
    """Keep the executions with a level for each factor and a finite objective.

    Returns:
        The executions with <factors> tidied, replicate and value (in reported units).

    Raises:
        DataError: none is left.
    """
    rows = executions.assign(
        **{factor: tidy_levels(executions[factor]) for factor in question.factors},
        value=reported(executions, question),
    )
    if "replicate" not in rows:
        rows["replicate"] = np.arange(len(rows))
    unfinished = is_unfinished(rows)
    unusable = ~(rows["value"].abs() < LARGEST) & ~unfinished
    no_level = rows[[*question.factors, "replicate"]].isna().any(axis=1) & ~unfinished & ~unusable
    for left_out, why in (
        (unfinished, "did not finish"),
        (unusable, f"have no finite number as {question.objective.name}"),
        (no_level, "lack a factor's level or a replicate"),
    ):
        if left_out.any():
            notes.append(f"{left_out.sum()} of {len(rows)} executions {why}: left out")
            if left_out is unusable:
                value = executions.loc[left_out, question.objective.name].iloc[0]
                notes[-1] = f"{notes[-1]} (for instance {short(str(value))})"
    finished: DataFrame = rows[~(unfinished | unusable | no_level)]
    if finished.empty:
        raise DataError(f"no execution can be analysed: {'; '.join(notes) or 'the table is empty'}")
    return finished


def reported(rows: DataFrame, question: Question) -> "pd.Series[float]":
    """Read the objective in reported units; NaN for what is no number."""
    values = pd.to_numeric(rows[question.objective.name], errors="coerce").astype(float)
    return values * question.objective.scale


def is_unfinished(executions: DataFrame) -> "pd.Series[bool]":
    """Tell which executions failed, diverged or were cut short, by their status or state."""
    unfinished = pd.Series(False, index=executions.index)
    for column in {"status", "state", "State"} & set(executions.columns):
        states = executions[column].dropna().unique()
        lost = [state for state in states if str(state).lower().split(".")[-1] in UNFINISHED]
        unfinished |= executions[column].isin(lost)
    return unfinished


def keep_one_budget(
    rows: DataFrame, question: Question, notes: list[str]
) -> tuple[DataFrame, int | None]:
    """Keep the largest budget that all configurations reached, or the first rung.

    Raises:
        DataError: every budget but a selection's later ones is missing.
    """
    if "epochs" not in rows or "epochs" in question.factors or rows["epochs"].isna().all():
        return rows, None
    factors = list(question.factors)
    num_cells = rows.groupby("epochs")[factors].apply(lambda at: len(at.drop_duplicates()))
    budgets = ", ".join(level_text(epochs) for epochs in num_cells.index)
    num_all = len(rows[factors].drop_duplicates())
    complete = num_cells.index[num_cells == num_all]
    if len(complete):
        budget, kept = complete.max(), rows
    elif "rung" in rows and (first_rung := rows["rung"] == 0).any():
        kept = rows[first_rung]
        budget = kept.groupby("epochs").size().idxmax()
        notes.append("only the first rung is used: what reached the later ones was selected")
    else:
        raise DataError(
            f"the executions had {budgets} epochs and no budget holds all {num_all} configurations "
            f"(the largest holds {num_cells.iloc[-1]}): what went further may have been selected, "
            "so no effect is estimated. Train every configuration for the same number of epochs"
        )
    kept = kept[kept["epochs"] == budget]
    if len(kept) < len(rows):
        notes.append(f"{len(kept)} of {len(rows)} executions had {counted(budget, 'epoch')}")
    return kept, int(budget)


def keep_varying(question: Question, levels: dict[str, tuple[Any, ...]]) -> Question:
    """Ask only about the factors that have two levels or more."""
    factors = tuple(factor for factor in question.factors if len(levels[factor]) > 1)
    if not factors:
        single = ", ".join(f"{name}={level_text(known[0])}" for name, known in levels.items())
        raise DataError(
            f"nothing to compare: every factor has one level ({single or 'no factor was named'}). "
            "An effect needs a factor with two levels or more"
        )
    return replace(
        question,
        factors=factors,
        width=question.width if question.width in factors else None,
        depth=question.depth if question.depth in factors else None,
    )


def number_cells(rows: DataFrame, levels: dict[str, tuple[Any, ...]]) -> DataFrame:
    """Number the cells that occur in the order of their levels, the first factor slowest."""
    coded = [pd.Categorical(rows[factor], known).codes for factor, known in levels.items()]
    shape = [len(known) for known in levels.values()]
    if np.prod([float(size) for size in shape]) >= 2**62:
        raise DataError(f"{len(shape)} factors are too many to cross: name fewer of them")
    position = np.ravel_multi_index(coded, shape)
    return rows.assign(cell=np.unique(position, return_inverse=True)[1])


def shares_replicates(rows: DataFrame, notes: list[str]) -> bool:
    """Tell whether replicates are shared between cells, and few enough to solve for."""
    if rows.groupby("replicate")["cell"].nunique().max() < 2:
        return False
    shape = rows["cell"].nunique(), rows["replicate"].nunique()
    if min(shape) > MAX_BLOCKS or shape[0] * shape[1] > MAX_CROSSED:
        notes.append(f"{shape[0]} cells x {shape[1]} replicates: too many to pair, so unpaired")
        return False
    return True


def average_repeats(rows: DataFrame, question: Question, notes: list[str]) -> DataFrame:
    """Make several executions of one cell in one replicate one: they share what a replicate is."""
    columns = ["cell", *question.factors, "replicate", "value"]
    repeats = int(rows.duplicated(["cell", "replicate"]).sum())
    if not repeats:
        return rows[columns].sort_values("cell", kind="stable").reset_index(drop=True)
    notes.append(f"{repeats} executions repeat a cell in one replicate: averaged with the first")
    means = rows.groupby(["cell", "replicate"], as_index=False)["value"].mean()
    design = rows.drop_duplicates("cell")[["cell", *question.factors]]
    averaged: DataFrame = means.merge(design, on="cell")[columns]
    return averaged
