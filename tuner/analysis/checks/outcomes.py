"""Faults of the outcomes: executions that did not train, or that are no executions of their own."""

import numpy as np

from tuner.analysis.finding import Evidence, Finding
from tuner.analysis.levels import cell_keys
from tuner.analysis.model import Model
from tuner.analysis.outcomes import MIN_REPLICATES, Outcomes
from tuner.words import counted, name_some

RARE = 0.01  # expected pairs of equal cells, above which they may be equal by chance


def untrained_executions(evidence: Evidence) -> list[Finding]:
    """Find executions at chance, and cells whose executions are of two kinds."""
    model, outcomes = evidence.model, evidence.outcomes
    if model is None or outcomes is None or outcomes.trained.all():
        return []
    verdict = (
        f"no verdict is given on it below {MIN_REPLICATES} executions a cell"
        if outcomes.forbids_verdicts
        else "what those that trained show stands apart"
    )
    return [
        Finding(
            "serious",
            what_failed(outcomes),
            name_some(shares_trained(model, outcomes)),
            "the mean of a cell that trains at times says how often it trains, not how well; "
            + verdict,
            "find out why they do not train (learning rate, initialisation, normalisation), or "
            "compare how often cells train",
        )
    ]


def what_failed(outcomes: Outcomes) -> str:
    """Count the executions at chance, those far below the others, and the cells of two kinds."""
    total, mixed = len(outcomes.trained), len(outcomes.mixed)
    below = total - int(outcomes.trained.sum()) - outcomes.at_chance
    counts = {
        f"at chance ({outcomes.num_classes} classes)": outcomes.at_chance,
        "far worse than the others of their cells": below,
    }
    told = [f"{count} of {total} executions are {kind}" for kind, count in counts.items() if count]
    cells = f"{mixed} of {counted(len(outcomes.cells), 'cell')} mix two kinds of outcome"
    return "; ".join([*told, cells] if mixed else told)


def shares_trained(model: Model, outcomes: Outcomes) -> list[str]:
    """Write for each cell with such executions how many trained, with Wilson's interval."""
    cells = outcomes.cells[outcomes.cells["trained"] < outcomes.cells["n"]]
    keys = cell_keys(model.sample.design.loc[cells.index], model.sample.question.factors)
    return [
        f"{key}: {trained} of {n} trained [{100 * low:.0f}%, {100 * high:.0f}%]"
        for key, n, trained, low, high in zip(
            keys, cells["n"], cells["trained"], cells["low"], cells["high"], strict=True
        )
    ]


def copied_cells(evidence: Evidence) -> list[Finding]:
    """Find cells that have another cell's numbers in every replicate.

    Dead networks say one class whatever they are: cells without an execution that trained are
    told by that, not here.
    """
    model, outcomes = evidence.model, evidence.outcomes
    if model is None or outcomes is None:
        return []
    if not model.sample.blocked or model.num_replicates < 2:
        return []
    values = model.by_replicate
    varied = np.isfinite(values).all(axis=1) & (np.ptp(values, axis=1) > 0)
    varied &= outcomes.cells["trained"].to_numpy() > 0
    cells = np.flatnonzero(varied)
    if not len(cells) or expected_equal(model) > RARE:
        return []
    _, first, code = np.unique(values[cells], axis=0, return_index=True, return_inverse=True)
    original = cells[first][code.ravel()]
    copies = original != cells
    if not copies.any():
        return []
    keys = cell_keys(model.sample.design, model.sample.question.factors)
    left = model.df - int(copies.sum()) * (model.num_replicates - 1)
    pairs = zip(keys.iloc[original[copies]], keys.iloc[cells[copies]], strict=True)
    return [
        Finding(
            "serious",
            f"{copies.sum()} of {counted(len(values), 'cell')} repeat another cell's results "
            "in every replicate, to the last digit",
            name_some([f"{one} = {other}" for one, other in pairs]),
            f"they are one network counted twice: {left} residual degrees of freedom, not "
            f"{model.df}; intervals are those of more networks than were trained",
            "keep one of each, or find out why the levels make the same network",
        )
    ]


def expected_equal(model: Model) -> float:
    """Say how many pairs of cells would agree by chance, were all means equal: an upper bound.

    Two normal values of one spread, rounded to steps, agree with probability step / (2√π spread).
    """
    values = np.unique(model.by_replicate[np.isfinite(model.by_replicate)])
    if len(values) < 2 or not model.residual_sd > 0:
        return np.inf
    step = np.diff(values)
    step = step[step > 1e-6 * np.ptp(values)].min()
    agree = min(1.0, step / (2 * np.sqrt(np.pi) * model.residual_sd))
    num_cells = len(model.count)
    return float(num_cells * (num_cells - 1) / 2 * agree**model.num_replicates)
