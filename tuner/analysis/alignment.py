"""What several studies have in common: levels, cells, a budget; only there are they compared."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
from pandas import DataFrame

from tuner.analysis.levels import tidy_levels
from tuner.analysis.preparing import Sample, is_unfinished, prepare
from tuner.analysis.question import Question
from tuner.errors import DataError
from tuner.words import counted, level_text, listed

Levels = dict[str, frozenset[Any]]


@dataclass(frozen=True)
class Side:
    """One of the studies that are compared.

    Attributes:
        name: Of the study.
        executions: As `preparing.prepare` takes them.
        question: What the study asks.
        held: The level at which it held a hyperparameter, where that is known.
    """

    name: str
    executions: DataFrame
    question: Question
    held: Mapping[str, object] = field(default_factory=dict)


def align(sides: Sequence[Side], sharing: Sequence[bool]) -> tuple[list[Sample], list[str]]:
    """Take from each study the executions of the cells and the budget that all of them have.

    A factor that others hold is taken at their level; where that is not known, or not there, the
    study is averaged over it. Of studies that share their replicates, a cell counts in those that
    all of them trained it in, so that the differences of effects are the effects of differences.

    Args:
        sides: the studies.
        sharing: of each, whether it shares its replicates with the others of which that is so.

    Returns:
        One sample a study, all of the same cells; and what was left out, as sentences.

    Raises:
        DataError: the studies measure other things, or have nothing in common to compare.
    """
    refuse_other_objectives(sides)
    samples = [prepared(side) for side in at_common_budget(sides)]
    shared = common_levels(samples, sides)
    notes = list(tell_levels(samples, sides, shared))
    kept = [
        at_held_levels(side, at_levels(sample.executions, shared), sides, shared)
        for side, sample in zip(sides, samples, strict=True)
    ]
    cells = frozenset.intersection(*(frozenset(keys_of(rows, shared)) for rows in kept))
    if not cells:
        raise DataError(f"no cell of {listed(shared)} is in all of {listed(names_of(sides))}")
    for i, (side, rows) in enumerate(zip(sides, kept, strict=True)):
        kept[i] = over_whole_combinations(side, rows[keys_of(rows, shared).isin(cells)], shared)
        notes += tell_further(side, kept[i], shared)
    kept = in_common_replicates(sides, kept, sharing, [*shared, "replicate"], notes)
    aligned = []
    for sample, rows in zip(samples, kept, strict=True):
        question = common_question(sides[0].question, [*shared], sample.question)
        rows = rows.rename(columns={"value": question.objective.name})
        found = prepare(rows[[*shared, "replicate", question.objective.name]], question)
        told = (*sample.notes, *found.notes)
        aligned.append(replace(found, budget=sample.budget, notes=told))
    return aligned, notes


def names_of(sides: Sequence[Side]) -> list[str]:
    """Name the studies."""
    return [side.name for side in sides]


def prepared(side: Side) -> Sample:
    """Prepare the executions of a study, which a refusal names."""
    try:
        return prepare(side.executions, side.question)
    except DataError as refusal:
        raise DataError(f"{side.name}: {refusal}") from refusal


def refuse_other_objectives(sides: Sequence[Side]) -> None:
    """Refuse studies that measure something else, in another unit, or want less of it."""
    first = sides[0].question.objective
    for side in sides[1:]:
        other = side.question.objective
        for what, one, two in (
            ("measures", first.name, other.name),
            ("tells it", *("in percent" if o.is_share else "as it is" for o in (first, other))),
            ("wants it", *("large" if o.maximize else "small" for o in (first, other))),
        ):
            if one != two:
                raise DataError(
                    f"expected one objective: {sides[0].name} {what} {one}, {side.name} {two}"
                )


def at_common_budget(sides: Sequence[Side]) -> list[Side]:
    """Keep the largest budget that all configurations of all studies reached; all where none is."""
    common = frozenset.intersection(*map(complete_budgets, sides))
    if not common:
        return list(sides)
    return [
        replace(side, executions=side.executions[side.executions["epochs"] == max(common)])
        for side in sides
    ]


def complete_budgets(side: Side) -> frozenset[Any]:
    """List the budgets at which a study has all of its configurations."""
    rows, factors = side.executions, [*side.question.factors]
    if "epochs" not in rows or "epochs" in factors or not {*factors} <= {*rows.columns}:
        return frozenset()
    rows = rows[~is_unfinished(rows)]
    num_cells = rows.drop_duplicates([*factors, "epochs"]).groupby("epochs").size()
    return frozenset(num_cells.index[num_cells == len(rows.drop_duplicates(factors))])


def common_levels(samples: Sequence[Sample], sides: Sequence[Side]) -> Levels:
    """Find the factors of which all studies have two levels in common, and these levels.

    Raises:
        DataError: there is none.
    """
    shared: Levels = {}
    for factor in samples[0].levels:
        if all(factor in sample.levels for sample in samples):
            shared[factor] = frozenset.intersection(*(frozenset(s.levels[factor]) for s in samples))
    kept = {factor: levels for factor, levels in shared.items() if len(levels) > 1}
    if not kept:
        has = "; ".join(
            f"{side.name}: {levels_text(sample.levels)}"
            for side, sample in zip(sides, samples, strict=True)
        )
        raise DataError(f"expected a factor with two levels that all studies have ({has})")
    return kept


def levels_text(levels: Mapping[str, Any]) -> str:
    """Write the levels of factors: "depth 1, 2, 3; width 8, 16"."""
    return "; ".join(
        f"{factor} {listed(map(level_text, known), 6)}" for factor, known in levels.items()
    )


def tell_levels(samples: Sequence[Sample], sides: Sequence[Side], shared: Levels) -> Iterator[str]:
    """Say which levels of common factors only some of the studies have."""
    for side, sample in zip(sides, samples, strict=True):
        alone = {
            factor: left
            for factor, levels in shared.items()
            if (left := [level for level in sample.levels[factor] if level not in levels])
        }
        if alone:
            yield f"left out, as not all studies have it: {levels_text(alone)} of {side.name}"


def at_levels(rows: DataFrame, levels: Levels) -> DataFrame:
    """Keep the executions at some levels."""
    for factor, known in levels.items():
        rows = rows[rows[factor].isin(known)]
    return rows


def at_held_levels(side: Side, rows: DataFrame, sides: Sequence[Side], shared: Levels) -> DataFrame:
    """Keep of a study's further factors the level that all others have, where there is one."""
    for factor in further_factors(rows, shared):
        theirs = [levels_in(other, factor) for other in sides if other is not side]
        found = frozenset(rows[factor]).intersection(*theirs)
        if all(theirs) and len(found) == 1:
            rows = rows[rows[factor].isin(found)]
    return rows


def tell_further(side: Side, rows: DataFrame, shared: Levels) -> Iterator[str]:
    """Say at which levels of its further factors a study is compared."""
    for factor in further_factors(rows, shared):
        levels = [level_text(level) for level in rows[factor].unique()]
        how = "taken at" if len(levels) == 1 else "averaged over its levels"
        yield f"of {factor}, which not all compare, {side.name} is {how} {listed(levels, 6)}"


def further_factors(rows: DataFrame, shared: Levels) -> list[str]:
    """Name the factors of a sample's executions that are not compared."""
    return [str(name) for name in rows.columns.difference([*shared, "cell", "replicate", "value"])]


def levels_in(side: Side, factor: str) -> frozenset[Any]:
    """List the levels at which a study trained a hyperparameter; none where that is not known."""
    if factor in side.question.factors:
        return frozenset(tidy_levels(side.executions[factor]).dropna())
    held = [side.held[factor]] if factor in side.held else []
    return frozenset(tidy_levels(pd.Series(held, dtype=object)))


def keys_of(rows: DataFrame, columns: Iterable[str]) -> "pd.Series[Any]":
    """Give what each execution has in some columns, such as the levels of common factors."""
    return pd.Series([*rows[[*columns]].itertuples(index=False, name=None)], rows.index, object)


def over_whole_combinations(side: Side, rows: DataFrame, shared: Levels) -> DataFrame:
    """Keep the combinations of a study's further factors that have every common cell.

    Else cells that are averaged over other levels would be compared as if over the same.

    Raises:
        DataError: there is none.
    """
    if not (further := further_factors(rows, shared)):
        return rows
    keyed = rows.assign(key=keys_of(rows, shared).map(hash))
    num_cells = keyed["key"].nunique()
    kept = rows[keyed.groupby(further)["key"].transform("nunique") == num_cells]
    if kept.empty:
        raise DataError(
            f"{side.name} also varies {listed(further)}, and has at no level of it all "
            f"{counted(num_cells, 'cell')} that are compared"
        )
    return kept


def in_common_replicates(
    sides: Sequence[Side],
    kept: Sequence[DataFrame],
    sharing: Sequence[bool],
    columns: list[str],
    notes: list[str],
) -> list[DataFrame]:
    """Keep of studies that share replicates the cells and replicates that all of them have.

    Raises:
        DataError: there is none.
    """
    keys = [keys_of(rows, columns) for rows in kept]
    ours = [frozenset(own) for own, is_sharing in zip(keys, sharing, strict=True) if is_sharing]
    if not ours:
        return list(kept)
    if not (common := frozenset.intersection(*ours)):
        raise DataError("no cell was trained in the same replicate of the studies that share them")
    chosen = [
        rows[own.isin(common)] if is_sharing else rows
        for rows, own, is_sharing in zip(kept, keys, sharing, strict=True)
    ]
    for side, rows, left in zip(sides, kept, chosen, strict=True):
        if num := len(rows) - len(left):
            notes.append(
                f"{counted(num, 'execution')} of {side.name} left out: the studies that share its "
                "replicates have none of that cell and replicate"
            )
    return chosen


def common_question(first: Question, factors: Sequence[str], own: Question) -> Question:
    """Ask of a sample's values, which are in reported units, about the common factors."""
    return replace(
        first,
        factors=tuple(factors),
        objective=replace(own.objective, scale=1.0),
        width=first.width if first.width in factors else None,
        depth=first.depth if first.depth in factors else None,
    )
