"""The tables of `tuner show`: a study's best cells, cells, executions or space, as frames."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tuner.errors import StudyError
from tuner.execution import serves_effects
from tuner.folder import StudyFolder
from tuner.words import people_count

if TYPE_CHECKING:
    import pandas as pd


def best_cells(folder: StudyFolder) -> tuple[str, "pd.DataFrame"]:
    """The cells by their mean objective, at the largest budget alone; and a caption that says so.

    Returns:
        The caption, and one row a cell: rank, its factors, the objective (mean), sd, n, params.

    Raises:
        StudyError: if nothing has ended well.
    """
    executions, objective = folder.frames.executions, folder.study.objective
    done = executions[(executions["status"] == "ok") & serves_effects(executions["replicate"])]
    if done.empty:
        raise StudyError(f"{folder.path} has no finished execution yet")
    budget = done["epochs"].max()
    at_budget = done[done["epochs"] == budget]
    factors = [name for name in folder.study.factor_names if name in done]  # no network had others
    cells = at_budget.groupby(["cell", *factors], dropna=False, sort=False)[objective.name]
    ranked = cells.agg(**{objective.name: "mean"}, sd="std", n="size").reset_index()
    params = at_budget.groupby("cell")["params"].first()
    ranked["params"] = ranked["cell"].map(params)
    ranked = ranked.sort_values(
        objective.name, ascending=not objective.maximize, kind="stable", ignore_index=True
    )
    ranked.insert(0, "rank", range(1, len(ranked) + 1))
    others = len(done) - len(at_budget)
    caption = f"ranked within {budget} epochs, on validation images"
    if others:
        caption += f"; {others} executions of smaller budgets are left out"
    return caption, ranked.drop(columns="cell")


def all_cells(folder: StudyFolder) -> tuple[str, "pd.DataFrame"]:
    """Every cell of the design: its factors, params, flops, state, reason, and n finished."""
    executions, _, cells = folder.frames
    finished = executions[executions["status"] == "ok"].groupby("cell").size()
    return "the cells of the design", cells.assign(
        n=cells["cell"].map(finished).fillna(0).astype(int)
    )


def all_executions(folder: StudyFolder) -> tuple[str, "pd.DataFrame"]:
    """Every execution, as in executions.csv."""
    return "the executions, replicate by replicate", folder.frames.executions


def on_screen(rows: "pd.DataFrame", folder: StudyFolder) -> "pd.DataFrame":
    """The columns that fit a terminal, in people's numbers; the other formats have all, exactly."""
    import pandas as pd

    study = folder.study
    kept = ("trial", "replicate", *study.factor_names, "epochs", study.objective.name, "status")
    shown = rows[list(kept)] if set(kept) <= set(rows.columns) else rows
    objective = study.objective
    spoken: dict[str, Callable[[float], str]] = {
        objective.name: objective.written,
        "sd": lambda sd: objective.written(sd).removesuffix("%"),
        "params": people_count,
        "flops": people_count,
    }
    texts = {
        name: ["–" if pd.isna(value) else told(value) for value in shown[name]]
        for name, told in spoken.items()
        if name in shown and name not in study.factor_names
    }
    return shown.assign(**texts)


def study_space(folder: StudyFolder) -> tuple[str, "pd.DataFrame"]:
    """What was searched and what was held: hyperparameter, role, levels."""
    import pandas as pd

    study = folder.study
    searched = {
        name: study.factors.get(name)
        or tuple(dict.fromkeys(cell[name] for cell in study.cells or ()))
        for name in study.factor_names
    }
    rows = [
        {"hyperparameter": name, "role": "factor", "levels": ", ".join(map(str, levels))}
        for name, levels in searched.items()
    ] + [
        {"hyperparameter": name, "role": "fixed", "levels": str(level)}
        for name, level in study.fixed.items()
    ]
    return f"the space {study.space}", pd.DataFrame(rows)


SHOWN = {
    "best": best_cells,
    "cells": all_cells,
    "executions": all_executions,
    "space": study_space,
}
