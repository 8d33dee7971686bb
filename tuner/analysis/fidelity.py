"""Could the order of the cells have been trusted earlier, or at a smaller budget?

A cell's mean at epoch e and at the end share their seeds, so they agree better than two seeds
would. Therefore a replicate's order at epoch e is compared with the order that the other
replicates have at the end; the same at the last epoch is the ceiling that any epoch can reach.
"""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from tuner.analysis.least_squares import Floats
from tuner.analysis.levels import cell_keys
from tuner.analysis.preparing import is_unfinished, reported, require_column
from tuner.analysis.question import Question
from tuner.errors import DataError

TRUSTED_SHARE = 0.9  # of the ceiling
TRUSTED_TAU = 0.8  # where no replicates give a ceiling
MIN_CEILING = 0.3  # replicates that agree less have no order to predict
MIN_CELLS = 3
MAX_REPLICATES = 30  # more make the average no better and the ranking slow


def fidelity(history: DataFrame, question: Question) -> DataFrame:
    """Compare the order of the cells at each epoch with their order at the last.

    Returns:
        One row an epoch: epoch, tau, rho (cell means then against cell means at the end),
        tau_across (a replicate then against the other replicates at the end, averaged; NaN with
        one replicate), ceiling (tau_across at the last epoch: the seed-to-seed agreement),
        same_best (bool), num_cells, range (largest − smallest cell mean), trusted (bool:
        from here on to the end the order agrees as well as seeds allow).

    Raises:
        DataError: no history, fewer than 3 cells, fewer than 2 epochs.
    """
    values, epochs = lay_out(history, question)
    means = np.nanmean(values, axis=1)
    end = means[-1]
    rows = []
    for position, epoch in enumerate(epochs):
        rows.append(
            {
                "epoch": epoch,
                "tau": tau_of(means[position], end),
                "rho": rho_of(means[position], end),
                "tau_across": agree_across(values[position], values[-1]),
                "same_best": bool(means[position].argmax() == end.argmax()),
                "num_cells": len(end),
                "range": float(np.ptp(means[position])),
            }
        )
    agreement = DataFrame(rows)
    agreement["ceiling"] = agreement["tau_across"].iloc[-1]
    close = agreement["tau"] >= TRUSTED_TAU
    if agreement["ceiling"].notna().all():
        close = agreement["tau_across"] >= TRUSTED_SHARE * agreement["ceiling"].clip(lower=0)
    agreement["trusted"] = close[::-1].cummin()[::-1].astype(bool)
    return agreement


def lay_out(history: DataFrame, question: Question) -> tuple[Floats, Any]:
    """Lay a history out as epochs x replicates x cells, for the cells that reached the last epoch.

    Returns:
        The objective in reported units, larger better, and the epochs.
    """
    for column in (*question.factors, "epoch", question.objective.name):
        require_column(history, column)
    rows = measured(history, question).dropna(subset="epoch")
    epoch, epochs = rows["epoch"].factorize(sort=True)
    cell, cells = rows["cell"].factorize()
    replicate, replicates = rows["replicate"].factorize()
    if len(cells) < MIN_CELLS or len(epochs) < 2:
        raise DataError(
            f"an order over time needs {MIN_CELLS} cells and 2 epochs; the history has "
            f"{len(cells)} and {len(epochs)}"
        )
    few = replicate < MAX_REPLICATES
    values = np.full((len(epochs), min(len(replicates), MAX_REPLICATES), len(cells)), np.nan)
    values[epoch[few], replicate[few], cell[few]] = rows.loc[few, "value"]
    lasting = np.isfinite(values).any(axis=1).all(axis=0)
    if lasting.sum() < MIN_CELLS:
        raise DataError(
            f"{lasting.sum()} of {len(cells)} cells have every epoch from {epochs[0]:g} to "
            f"{epochs[-1]:g}; an order needs {MIN_CELLS}"
        )
    return values[:, :, lasting], epochs.astype(int)


def measured(rows: DataFrame, question: Question) -> DataFrame:
    """Take the cell, replicate and objective (reported units, larger better) of what has all three.

    Returns:
        One row as given: cell (text), replicate (0 where unknown), value, and epoch, epochs where
        the rows have them.
    """
    value = reported(rows, question) * question.objective.sign
    taken = DataFrame({"cell": cell_keys(rows, question.factors), "value": value})
    taken["replicate"] = rows.get("replicate", 0)
    for column in {"epoch", "epochs"} & set(rows.columns):
        taken[column] = pd.to_numeric(rows[column], errors="coerce")
    finite: DataFrame = taken[np.isfinite(taken["value"])]
    return finite.dropna(subset="replicate")


def tau_of(first: Floats, second: Floats) -> float:
    """Compute Kendall's tau of two orders; NaN if either is no order."""
    known = ordered(first, second)
    if known is None:
        return np.nan
    # The p-value that nobody reads is cheap this way; the exact one would take most of the time.
    return float(stats.kendalltau(*known, method="asymptotic").statistic)


def rho_of(first: Floats, second: Floats) -> float:
    """Compute Spearman's rho of two orders; NaN if either is no order."""
    known = ordered(first, second)
    return np.nan if known is None else float(stats.spearmanr(*known).statistic)


def ordered(first: Floats, second: Floats) -> tuple[Floats, Floats] | None:
    """Take what both orders know; None if that is no order."""
    both = np.isfinite(first) & np.isfinite(second)
    first, second = first[both], second[both]
    if len(first) < MIN_CELLS or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return first, second


def agree_across(then: Floats, end: Floats) -> float:
    """Compare each replicate's order with the other replicates' order at the end; mean tau.

    Args:
        then: replicates x cells.
        end: the same at the last epoch.
    """
    num = len(end)
    if num < 2:
        return np.nan
    taus = []
    for replicate in range(num):
        others = np.delete(end, replicate, axis=0)
        seen = np.isfinite(others).any(axis=0)
        mean = np.full(end.shape[1], np.nan)
        mean[seen] = np.nanmean(others[:, seen], axis=0)
        taus.append(tau_of(then[replicate], mean))
    known = np.array(taus)[np.isfinite(taus)]
    return float(known.mean()) if len(known) else np.nan


def trusted_from(agreement: DataFrame) -> int | None:
    """Name the first epoch whose order could have been trusted; None if only the last one's."""
    trusted = agreement.loc[agreement["trusted"], "epoch"]
    if trusted.empty or trusted.iloc[0] == agreement["epoch"].iloc[-1]:
        return None
    return int(trusted.iloc[0])


def fidelity_sentence(agreement: DataFrame) -> str:
    """Say from which epoch on the order of the cells could have been trusted."""
    first, last = agreement.iloc[0], int(agreement["epoch"].iloc[-1])
    start = trusted_from(agreement)
    known = np.isfinite(first["ceiling"])
    yardstick = (
        f"two replicates agree with tau {first['ceiling']:.2f} at the end"
        if known
        else f"without replicates, tau {TRUSTED_TAU:g} with the last epoch is asked for"
    )
    if known and first["ceiling"] < MIN_CEILING:
        return (
            f"Order of the cells: even at epoch {last} replicates hardly agree on it "
            f"(tau {first['ceiling']:.2f}), so no earlier epoch can be judged."
        )
    early = first["tau_across"] if known else first["tau"]
    if start is None:
        return (
            f"Order of the cells: untrustworthy before the last epoch, {last} (tau {early:.2f} at "
            f"epoch {first['epoch']:g}; {yardstick})."
        )
    if start == first["epoch"]:
        return f"Order of the cells: as at the end from epoch {start:g} on ({yardstick})."
    return (
        f"Order of the cells: untrustworthy before epoch {start} (tau {early:.2f} at epoch "
        f"{first['epoch']:g}; {yardstick})."
    )


def rung_agreement(executions: DataFrame, question: Question) -> DataFrame:
    """Compare the order of the cells that two budgets share.

    Returns:
        One row a pair of budgets: low_epochs, high_epochs, tau, rho, num_cells, range_low,
        range_high, ceiling (seed-to-seed tau at the higher budget; NaN without replicates).

    Raises:
        DataError: the table has one budget only, or no two budgets share 3 cells.
    """
    by_budget = cells_by_budget(executions, question)
    rows = []
    for low, high in combinations(by_budget, 2):
        shared = by_budget[low].index.intersection(by_budget[high].index)
        if len(shared) < MIN_CELLS:
            continue
        below, above = by_budget[low].loc[shared].to_numpy(), by_budget[high].loc[shared].to_numpy()
        means = np.nanmean(below, axis=1), np.nanmean(above, axis=1)
        rows.append(
            {
                "low_epochs": low,
                "high_epochs": high,
                "tau": tau_of(*means),
                "rho": rho_of(*means),
                "num_cells": len(shared),
                "range_low": float(np.ptp(means[0])),
                "range_high": float(np.ptp(means[1])),
                "ceiling": agree_across(above.T, above.T),
            }
        )
    if not rows:
        raise DataError(f"no two budgets share {MIN_CELLS} cells")
    return DataFrame(rows)


def cells_by_budget(executions: DataFrame, question: Question) -> dict[int, DataFrame]:
    """Lay the objective out as cells x replicates, for each number of epochs."""
    require_column(executions, question.objective.name)
    if "epochs" not in executions or "epochs" in question.factors:
        raise DataError("the table does not say how many epochs an execution had")
    rows = measured(executions[~is_unfinished(executions)], question).dropna(subset="epochs")
    if rows["epochs"].nunique() < 2:
        raise DataError("all executions had the same number of epochs")
    return {
        int(epochs): rows[rows["epochs"] == epochs].pivot_table("value", "cell", "replicate")
        for epochs in sorted(rows["epochs"].unique())
    }


def rung_points(executions: DataFrame, question: Question) -> DataFrame:
    """Pair the cell means of two budgets.

    Returns:
        One row a cell of a pair of budgets: cell (its levels, in words), low_epochs, high_epochs,
        low, high (reported units), n (executions at the higher budget).

    Raises:
        DataError: the table has one budget only.
    """
    sign = question.objective.sign
    by_budget = cells_by_budget(executions, question)
    parts = []
    for low, high in combinations(by_budget, 2):
        means = DataFrame(
            {"low": by_budget[low].mean(axis=1), "high": by_budget[high].mean(axis=1)}
        )
        means = (sign * means).assign(n=by_budget[high].count(axis=1)).dropna()
        parts.append(means.assign(low_epochs=low, high_epochs=high).reset_index())
    columns = ["cell", "low_epochs", "high_epochs", "low", "high", "n"]
    return pd.concat(parts, ignore_index=True)[columns].astype({"n": int})
