"""Any tidy table as a report's source: one row a trial or an epoch."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tuner.analysis.facts import Facts
from tuner.analysis.levels import tidy_levels
from tuner.analysis.preparing import is_unfinished
from tuner.analysis.question import Question
from tuner.errors import DataError, UsageError
from tuner.objective import USUAL, Objective, named
from tuner.report.sources import roles
from tuner.report.sources.history import find_budget, find_counter, keys_of, last_common
from tuner.report.sources.loading import Table, load
from tuner.report.sources.long_form import long_form, metric_of, numbered_columns
from tuner.report.sources.roles import Axes
from tuner.report.sources.searched import best_of_each
from tuner.report.sources.source import Source
from tuner.report.sources.spelling import mean_with_spread, spelled
from tuner.report.sources.unfolding import unfolded
from tuner.words import listed

#: Costs and budgets of executions, which the page tells where a table has them.
MEASURES = ("seconds", "params", "flops", "epochs")


def read_table(
    table: Path | Table,
    *,
    width: str | None = None,
    depth: str | None = None,
    replicate: str | None = None,
    metric: str | None = None,
    factors: Sequence[str] = (),
    epoch: str | None = None,
    maximize: bool | None = None,
) -> Source:
    """Read a table and name the parts of the question asked of it.

    Names that are not given are guessed from the usual ones (see roles.py).

    Args:
        table: A .csv, .tsv or .parquet file, or rows that were read from elsewhere.
        width: The column of the width: numbers above zero.
        depth: The column of the depth: numbers.
        replicate: The column that says which rows share a seed or a split.
        metric: The column of the objective, in fractions, percent or units of its own; of a table
            with one column a replicate (seed0, seed1), what they have in common (seed).
        factors: Columns of further factors.
        epoch: The column of the epoch, when the table has one row an epoch.
        maximize: Whether more of the objective is better; by default its name tells.

    Raises:
        UsageError: a column that the table does not have, or none that can be guessed.
        DataError: the file cannot be read, is empty, or its columns cannot be analysed.
    """
    found = table if isinstance(table, Table) else Table(table.stem, load(table))
    rows, unfolding = unfolded(found.rows)
    written = spelled(rows)
    rows, metric, notes = _long(written.rows, metric)
    parts = _parts(rows, found, Axes(width, depth, "", {}), replicate, metric, factors, epoch)
    asked, metric = parts.factors, parts.metric
    _refuse_means(rows[metric])
    if parts.replicate is not None:
        rows = _renamed(rows, parts.replicate, "replicate")
    rows, unusable = _usable(rows, {*asked, metric})
    is_paired = parts.replicate is not None
    history, rows, cut_short = _by_epoch(rows, asked, metric, epoch, is_paired)
    maximize = found.maximize.get(metric) if maximize is None else maximize
    question = _question(rows, asked, metric, parts.axes, maximize)
    rows, history, tuning = _tuned_away(rows, history, found, parts, question)
    if metric in written.percent:
        objective = replace(question.objective, is_share=True, scale=1.0)
        question = replace(question, objective=objective)
    told = (_reading(question.objective), *unfolding, *written.notes, *found.notes, *notes, *tuning)
    facts = Facts(
        fixed={name: rows[name].iloc[0] for name in asked if name not in question.factors},
        guessed=parts.axes.guessed,
        cut_short=cut_short,
        undesigned=found.undesigned,
        notes=(*told, *unusable),
    )
    return Source(found.name, rows, history, None, question, facts)


class Parts(NamedTuple):
    """Which columns play which part; `factors` are all, the axes among them."""

    axes: Axes
    metric: str
    replicate: str | None
    epoch: str | None
    factors: tuple[str, ...]


def _parts(
    rows: pd.DataFrame,
    found: Table,
    named: Axes,
    replicate: str | None,
    metric: str | None,
    factors: Sequence[str],
    epoch: str | None,
) -> Parts:
    """The parts that columns play, as they were named, and as guessed where they were not.

    Raises:
        UsageError: a column that the table does not have, or none that can be guessed.
    """
    columns = rows.columns
    axes = _axes(rows, named.width, named.depth, {replicate, metric, epoch, *factors})
    replicate = _named(columns, replicate, "--replicate", roles.REPLICATES)
    metric = _metric(columns, metric)
    if epoch is not None:
        roles.require(columns, epoch, "--epoch")
    further = [roles.require(columns, name, "--factor") for name in factors]
    if not further:
        further = [name for name in found.factors if name not in (metric, replicate, epoch)]
    asked = roles.report_order(further, axes.width, axes.depth)
    _refuse_double_use(asked, metric, replicate, epoch)
    return Parts(axes, metric, replicate, epoch, asked)


def _long(rows: pd.DataFrame, metric: str | None) -> tuple[pd.DataFrame, str | None, list[str]]:
    """The rows, the metric and notes, of a table whose replicates were columns too.

    Raises:
        UsageError: if there is no objective, but columns that look like replicates.
    """
    names = list(map(str, rows.columns))
    if metric is not None and metric not in names:
        columns = numbered_columns(names, metric)
        if columns:
            told = f"{listed(columns)} were read as the scores of one replicate each."
            return long_form(rows, columns, name := metric_of(metric)), name, [told]
    if (
        metric is None
        and roles.guess(names, USUAL) is None
        and (columns := numbered_columns(names))
    ):
        stem = columns[0].rstrip("0123456789").rstrip(" _.-")
        raise UsageError(
            f"expected one row an execution, got {listed(columns)}, which look like one column a "
            f"replicate: say --metric {stem or repr('')} to read them so, or --metric {columns[0]} "
            "for one"
        )
    return rows, metric, []


def _tuned_away(
    rows: pd.DataFrame,
    history: pd.DataFrame | None,
    found: Table,
    parts: Parts,
    question: Question,
) -> tuple[pd.DataFrame, pd.DataFrame | None, list[str]]:
    """The best of the executions that differ in nuisances alone, without these, and a note."""
    taken = {parts.metric, parts.replicate, parts.epoch, *parts.factors}
    nuisances = [name for name in found.nuisances if name not in taken]
    if not nuisances:
        return rows, history, []
    also = [name for name in ("replicate", "epochs") if name in rows.columns]
    best, told = best_of_each(
        rows[~is_unfinished(rows)],
        [*question.factors, *also],
        nuisances,
        question.objective.name,
        maximize=question.objective.maximize,
    )
    if history is not None and "trial_id" in best.columns:
        history = history[history["trial_id"].isin(best["trial_id"])]
    return best, history, [told]


def _refuse_means(values: "pd.Series[Any]") -> None:
    """Refuses means with their spread: they are no executions.

    Raises:
        DataError: with one of them.
    """
    if value := mean_with_spread(values):
        raise DataError(
            f"column {values.name!r} holds means with their spread ({value!r}), not executions: "
            "expected one row an execution, with its own value; means and spreads do not tell how "
            "replicates go together"
        )


def _by_epoch(
    rows: pd.DataFrame, asked: tuple[str, ...], metric: str, epoch: str | None, is_paired: bool
) -> tuple[pd.DataFrame | None, pd.DataFrame, str]:
    """The history of a table with one row an epoch, its executions, and whether some ended early.

    Of a table with one row an execution: no history, its rows with their budget as epochs.
    """
    keys = keys_of(rows, asked, [metric])
    taken = [*asked, metric, "replicate"]
    counter = epoch or find_counter(rows, keys, taken, is_paired)
    if counter is not None:
        rows = _renamed(rows, counter, "epoch")
        return last_common(rows[~is_unfinished(rows)], [key for key in keys if key != counter])
    budget = find_budget(rows, taken)
    if budget is not None and pd.api.types.is_numeric_dtype(rows[budget]):
        rows = _renamed(rows, budget, "epochs")
    return None, rows, ""


def _question(
    rows: pd.DataFrame, factors: tuple[str, ...], metric: str, axes: Axes, maximize: bool | None
) -> Question:
    """What the table is asked."""
    varied = tuple(name for name in factors if rows[name].nunique() > 1)
    numbers = pd.to_numeric(rows[metric], errors="coerce").replace([np.inf, -np.inf], np.nan)
    return Question(
        factors=varied or factors,
        objective=named(metric, numbers.min(), numbers.max(), maximize),
        width=axes.width if axes.width in varied else None,
        depth=axes.depth if axes.depth in varied else None,
        step=axes.step,
    )


def _reading(objective: Objective) -> str:
    """How the values of the objective were read."""
    better = "more" if objective.maximize else "less"
    if not objective.is_share:
        return f"Values of {objective.name} are shown in their own unit; {better} is better."
    form = "fractions" if objective.scale == 100 else "percent"
    return f"Values of {objective.name} were read as {form}; {better} is better."


def _usable(rows: pd.DataFrame, asked: set[str]) -> tuple[pd.DataFrame, list[str]]:
    """The rows without costs and budgets that are none; and a note of each."""
    notes = []
    for name in [name for name in MEASURES if name in rows.columns and name not in asked]:
        present = rows[name].dropna()
        numbers = pd.to_numeric(present, errors="coerce").astype("float64")
        wrong = present[~(np.isfinite(numbers) & (numbers >= 0))]
        if len(wrong) or not (numbers > 0).any():
            held = f"it holds {wrong.iloc[0]}" if len(wrong) else "it holds no number above zero"
            notes.append(f"The column {name} is left out: {held}.")
            rows = rows.drop(columns=name)
    return rows, notes


def _named(columns: pd.Index, name: str | None, option: str, usual: tuple[str, ...]) -> str | None:
    """The column that was asked for, or the one with a usual name."""
    return roles.guess(columns, usual) if name is None else roles.require(columns, name, option)


def _axes(rows: pd.DataFrame, width: str | None, depth: str | None, taken: set[str | None]) -> Axes:
    """The width's and the depth's column; those that are only guessed fit their part."""
    for name, option, is_width in ((width, "--width", True), (depth, "--depth", False)):
        if name is not None:
            roles.require(rows.columns, name, option)
            if refusal := _refusal(rows, name, is_width=is_width):
                raise DataError(refusal)
    free = [name for name in rows.columns if name not in taken]
    fitting = [name for name in free if not _refusal(rows, name, is_width=False)]
    found = roles.find_axes(fitting, width, depth)
    if "width" in found.guessed and _refusal(rows, found.guessed["width"], is_width=True):
        guessed = {axis: name for axis, name in found.guessed.items() if axis != "width"}
        return found._replace(width=None, guessed=guessed)
    return found


def _metric(columns: pd.Index, name: str | None) -> str:
    """The objective's column."""
    metric = _named(columns, name, "--metric", USUAL)
    if metric is None:
        raise UsageError(
            "which column is the objective? None has a usual name; say --metric NAME "
            f"(columns: {listed(columns)})"
        )
    return metric


def _refuse_double_use(
    factors: Sequence[str], metric: str, replicate: str | None, epoch: str | None
) -> None:
    """One column cannot play two parts."""
    parts = [*factors, metric, *(name for name in (replicate, epoch) if name is not None)]
    twice = next((name for name in parts if parts.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            f"column {twice!r} is given two parts: factor, metric, replicate or epoch."
        )
    if not factors:
        raise UsageError("which columns are the factors? Say --width, --depth or --factor NAME.")


def _refusal(rows: pd.DataFrame, name: str, *, is_width: bool) -> str:
    """Why a column cannot be a depth (numbers) or a width (numbers above zero); "" if it can."""
    levels = tidy_levels(rows[name]).dropna().unique().tolist()
    wrong = [level for level in levels if isinstance(level, str)]
    if wrong := [text for text in wrong if pd.isna(pd.to_numeric(text, errors="coerce"))]:
        return (
            f"column {name!r} is given as a width or a depth, so it should hold numbers, but it "
            f"holds {wrong[0]!r}. Give it as --factor {name} to compare its levels by name."
        )
    if is_width and levels and min(levels) <= 0:
        return (
            f"column {name!r} is the width, whose axis is in doublings, so it should exceed zero, "
            f"but its smallest value is {min(levels):g}. Give it as --factor {name}."
        )
    return ""


def _renamed(rows: pd.DataFrame, name: str, role: str) -> pd.DataFrame:
    """The column under its role's name; another column that had this name makes way."""
    if name == role:
        return rows
    return rows.drop(columns=role, errors="ignore").rename(columns={name: role})
