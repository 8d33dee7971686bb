"""The networks that were trained for longest, the best first, and how far the others are behind."""

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from tuner.analysis.inference import SIGNIFICANCE
from tuner.analysis.levels import cell_keys
from tuner.analysis.preparing import is_unfinished, reported
from tuner.analysis.question import Question

COSTS = ("params", "flops", "seconds")


def rank_networks(executions: DataFrame, question: Question) -> DataFrame:
    """Rank the configurations that had the largest budget by their mean objective.

    Args:
        executions: one row an execution; replicate, epochs and costs are used where they are there.
        question: what is asked.

    Returns:
        One row a configuration, the best first: <factors>, epochs (NaN where nobody says), mean,
        low, high (the range of its executions), n, params, flops, seconds (means), behind (the
        best), behind_low, behind_high (95%, replicate by replicate; NaN without two that both
        have), told_apart (bool). Objectives are in reported units, `behind` is never negative.
    """
    rows = longest(executions[~is_unfinished(executions)], question)
    rows = rows.assign(value=reported(rows, question), key=cell_keys(rows, question.factors))
    rows = rows[np.isfinite(rows["value"])]
    costs = [cost for cost in COSTS if cost in rows]
    rows[costs] = rows[costs].apply(pd.to_numeric, errors="coerce")
    by_key = rows.groupby("key", sort=False)
    networks = by_key[list(question.factors)].first()
    networks["epochs"] = by_key["epochs"].first() if "epochs" in rows else np.nan
    spread = by_key["value"].agg(["mean", "min", "max", "size"])
    networks[["mean", "low", "high", "n"]] = spread.to_numpy()
    networks[list(COSTS)] = by_key[costs].mean().reindex(columns=list(COSTS))
    networks = networks.sort_values(
        "mean", ascending=not question.objective.maximize, kind="stable"
    )
    away = behind_best(rows, networks.index[0], question.objective.sign).reindex(networks.index)
    networks["behind"] = (networks["mean"].iloc[0] - networks["mean"]) * question.objective.sign
    networks = networks.join(away)
    networks["told_apart"] = networks["behind_low"] > 0
    networks["n"] = networks["n"].astype(int)
    return DataFrame(networks.reset_index(drop=True))


def longest(executions: DataFrame, question: Question) -> DataFrame:
    """Keep the executions of the largest budget."""
    if "epochs" not in executions or "epochs" in question.factors:
        return executions.copy()
    epochs = pd.to_numeric(executions["epochs"], errors="coerce")
    if epochs.isna().all():
        return executions.copy()
    return executions[epochs.eq(epochs.max())].copy()


def behind_best(rows: DataFrame, best: str, sign: int) -> DataFrame:
    """Measure how far each configuration is behind the best, as a paired 95% t-interval.

    Args:
        rows: one row an execution: key (of the configuration), value, replicate if it is known.
        best: the key of the best configuration.
        sign: 1 where more is better, −1 where less is.

    Returns:
        By key: behind_low, behind_high (NaN without two replicates that both have).
    """
    if "replicate" not in rows:
        return DataFrame(columns=["behind_low", "behind_high"], dtype=float)
    values = rows.pivot_table("value", "key", "replicate")
    away = sign * (values.loc[best] - values)
    num = away.count(axis=1)
    num = num.where(num.ge(2) & (num.index != best))
    reach = stats.t.ppf(1 - SIGNIFICANCE / 2, num - 1) * away.std(axis=1) / np.sqrt(num)
    middle = away.mean(axis=1)
    return DataFrame({"behind_low": middle - reach, "behind_high": middle + reach})


def count_tried(executions: DataFrame, question: Question) -> int:
    """Count the configurations of which an execution ended, whatever its budget."""
    ended = executions[~is_unfinished(executions)]
    return int(cell_keys(ended, question.factors).nunique())
