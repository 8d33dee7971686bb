"""Which cells no other cell beats at their cost."""

from pandas import DataFrame

from tuner.analysis.question import Question
from tuner.errors import DataError


def frontier(cell_means: DataFrame, question: Question, cost: str) -> DataFrame:
    """Mark the non-dominated cells in (cost, objective): none is as cheap and better.

    Args:
        cell_means: as `cells.cell_means` returns it.
        question: what is asked.
        cost: "params", "flops" or "seconds".

    Returns:
        One row a trained cell, by cost: <factors>, cost (the values), mean, half_width, n,
        on_frontier (bool).

    Raises:
        DataError: the costs are not known.
    """
    trained = cell_means[(cell_means["state"] == "trained") & cell_means[cost].notna()]
    if trained.empty:
        raise DataError(f"the table has no column '{cost}', or no number in it")
    columns = [*question.factors, cost, "mean", "half_width", "n"]
    points = trained[columns].rename(columns={cost: "cost"})
    points["gain"] = question.objective.sign * points["mean"]
    points = points.sort_values(["cost", "gain"], ascending=[True, False], ignore_index=True)
    best_so_far = points["gain"].cummax().shift(fill_value=-float("inf"))
    points["on_frontier"] = points["gain"] > best_so_far
    return points.drop(columns="gain")
