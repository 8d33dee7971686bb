"""The tables of `tuner show`: a study's best cells, cells, executions or space, as frames."""

from pathlib import Path
from typing import TYPE_CHECKING

from tuner.errors import StudyError
from tuner.ledger import read_frames
from tuner.study import read_study

if TYPE_CHECKING:
    import pandas as pd


def best_cells(path: Path) -> tuple[str, "pd.DataFrame"]:
    """The cells by their mean objective, at the largest budget alone; and a caption that says so.

    Returns:
        The caption, and one row a cell: rank, its factors, the objective (mean), sd, n, params.

    Raises:
        StudyError: if nothing has ended well.
    """
    executions, _, _ = read_frames(path)
    # Replicates below 0 served to choose learning rates: not to be compared with the others.
    done = executions[(executions["status"] == "ok") & (executions["replicate"] >= 0)]
    if done.empty:
        raise StudyError(f"{path} has no finished execution yet")
    budget = done["epochs"].max()
    at_budget = done[done["epochs"] == budget]
    factors = factor_names(path)
    study = read_study(path / "study.yaml")
    cells = at_budget.groupby(["cell", *factors], dropna=False, sort=False)[study.objective.name]
    ranked = cells.agg(**{study.objective.name: "mean"}, sd="std", n="size").reset_index()
    params = at_budget.groupby("cell")["params"].first()
    ranked["params"] = ranked["cell"].map(params)
    ranked = ranked.sort_values(
        study.objective.name, ascending=not study.objective.maximize, ignore_index=True
    )
    ranked.insert(0, "rank", range(1, len(ranked) + 1))
    others = len(done) - len(at_budget)
    caption = f"ranked within {budget} epochs, on validation images"
    if others:
        caption += f"; {others} executions of smaller budgets are left out"
    return caption, ranked.drop(columns="cell")


def all_cells(path: Path) -> tuple[str, "pd.DataFrame"]:
    """Every cell of the design: its factors, params, flops, state, reason, and n finished."""
    executions, _, cells = read_frames(path)
    finished = executions[executions["status"] == "ok"].groupby("cell").size()
    return "the cells of the design", cells.assign(
        n=cells["cell"].map(finished).fillna(0).astype(int)
    )


def all_executions(path: Path) -> tuple[str, "pd.DataFrame"]:
    """Every execution, as in executions.csv."""
    return "the executions, replicate by replicate", read_frames(path)[0]


def on_screen(rows: "pd.DataFrame", path: Path) -> "pd.DataFrame":
    """The columns of executions that fit a terminal; the other formats have them all."""
    objective = read_study(path / "study.yaml").objective.name
    kept = ("trial", "replicate", *factor_names(path), "epochs", objective, "status")
    return rows[list(kept)] if set(kept) <= set(rows.columns) else rows


def study_space(path: Path) -> tuple[str, "pd.DataFrame"]:
    """What was searched and what was held: hyperparameter, role, levels."""
    import pandas as pd

    study = read_study(path / "study.yaml")
    searched = {
        name: study.factors.get(name)
        or tuple(dict.fromkeys(cell[name] for cell in study.cells or ()))
        for name in factor_names(path)
    }
    rows = [
        {"hyperparameter": name, "role": "factor", "levels": ", ".join(map(str, levels))}
        for name, levels in searched.items()
    ] + [
        {"hyperparameter": name, "role": "fixed", "levels": str(level)}
        for name, level in study.fixed.items()
    ]
    return f"the space {study.space}", pd.DataFrame(rows)


def factor_names(path: Path) -> list[str]:
    """The factors of a study, in their order."""
    study = read_study(path / "study.yaml")
    return list(study.factors or (study.cells or ({},))[0])


SHOWN = {
    "best": best_cells,
    "cells": all_cells,
    "executions": all_executions,
    "space": study_space,
}


def formatted(frame: "pd.DataFrame", style: str) -> str:
    """A frame as text: json (a list of rows), csv, or md."""
    if style == "json":
        return frame.to_json(orient="records", indent=2)
    return frame.to_csv(index=False) if style == "csv" else frame.to_markdown(index=False)
