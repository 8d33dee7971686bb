"""What was seen along the way: learning curves, and the learning rates that were tried."""

from typing import NamedTuple

import numpy as np
from pandas import DataFrame, Series

from tuner.analysis.levels import tidy_levels
from tuner.analysis.preparing import is_unfinished, reported, require_column
from tuner.analysis.question import Question
from tuner.errors import DataError

STILL_RISING_PP = 1.0  # gained in the last quarter of the epochs


def learning_curves(history: DataFrame, question: Question) -> DataFrame:
    """Average the objective over replicates at each epoch.

    Returns:
        One row a (cell, epoch): <factors>, epoch, mean, low, high (range over replicates), n.

    Raises:
        DataError: a column is missing.
    """
    for column in (*question.factors, "epoch", question.objective.name):
        require_column(history, column)
    rows = with_value(history, question)
    curves = rows.groupby([*question.factors, "epoch"], sort=True)["value"]
    named = curves.agg(mean="mean", low="min", high="max", n="size")
    return named.reset_index()


class Late(NamedTuple):
    """What each cell's mean still gained after an epoch (better is positive), up to the last."""

    gains: Series
    start: float
    last: float

    @property
    def rising(self) -> Series:
        """Those that are worth a word."""
        return self.gains[self.gains > STILL_RISING_PP]


def late_gains(curves: DataFrame, question: Question) -> Late | None:
    """What was gained in the last quarter of the epochs; None where four were not trained.

    Args:
        curves: as `learning_curves` returns them.
        question: with an objective that is a share, whose points are told.
    """
    if not question.objective.is_share or curves.empty or not curves["epoch"].max() >= 4:
        return None
    last = float(curves["epoch"].max())
    means = curves.pivot_table("mean", list(question.factors), "epoch")
    start = max(float(epoch) for epoch in means.columns if float(epoch) <= last - last / 4)
    return Late(question.objective.sign * (means[last] - means[start]), start, last)


def average_curves(curves: DataFrame, factors: list[str]) -> DataFrame:
    """Average learning curves over the factors that are not named, ranges like means.

    Returns:
        One row a combination and epoch: <factors>, epoch, mean, low, high.
    """
    keys = [*factors, "epoch"]
    return curves.groupby(keys, sort=False)[["mean", "low", "high"]].mean().reset_index()


def learning_rates(executions: DataFrame, question: Question) -> DataFrame:
    """Average the objective at each learning rate of each cell.

    Returns:
        One row a (cell, learning rate): <factors>, learning_rate, mean, n, best (bool), at_edge
        (bool: the cell's best one is the smallest or largest that it tried).

    Raises:
        DataError: one learning rate only, or none known.
    """
    factors = [factor for factor in question.factors if factor != "learning_rate"]
    if (
        "learning_rate" not in executions
        or executions["learning_rate"].nunique() < 2
        or not factors
    ):
        raise DataError("one learning rate was used throughout, or the table names none")
    rows = with_value(executions[~is_unfinished(executions)], question)
    tried = rows.groupby([*factors, "learning_rate"], sort=True)["value"]
    rates = tried.agg(mean="mean", n="size").reset_index()
    of_cell = rates.groupby(factors, sort=False)
    gain = question.objective.sign * rates["mean"]
    rates["best"] = gain == gain.groupby([rates[factor] for factor in factors]).transform("max")
    rate = rates["learning_rate"]
    edge = (rate == of_cell["learning_rate"].transform("min")) | (
        rate == of_cell["learning_rate"].transform("max")
    )
    several = of_cell["learning_rate"].transform("size") > 1
    at_edge = (edge & rates["best"] & several).groupby([rates[factor] for factor in factors])
    return rates.assign(at_edge=at_edge.transform("any"))


def with_value(rows: DataFrame, question: Question) -> DataFrame:
    """Tidy the factors and add value (the objective in reported units); drop rows without one."""
    value = reported(rows, question)
    tidied = {factor: tidy_levels(rows[factor]) for factor in question.factors}
    measured: DataFrame = rows.assign(**tidied, value=value)[np.isfinite(value)]
    return measured
