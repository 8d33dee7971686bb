"""What a strategy that selects did: which cells it promoted, and what its epochs bought."""

from pandas import DataFrame

from tuner.analysis.preparing import is_unfinished, reported
from tuner.analysis.question import Question
from tuner.errors import DataError
from tuner.words import combination_text


def trials(executions: DataFrame, question: Question) -> DataFrame:
    """Average the executions of each trial over its replicates, in the order of the rungs.

    Returns:
        One row a trial: bracket, rung, trial, cell (its levels in words), epochs, spent (epochs of
        all its executions), mean (reported units; NaN if one failed), low and high (of its
        executions), promoted (bool).

    Raises:
        DataError: nothing was promoted, or the table does not tell rungs.
    """
    needed = {"trial", "bracket", "rung", "epochs", "initial_epoch"}
    if not needed <= set(executions) or not (executions["rung"] > 0).any():
        raise DataError("no configuration was promoted from a smaller to a larger budget")
    rows = executions.assign(
        value=reported(executions, question).where(~is_unfinished(executions)),
        spent=executions["epochs"] - executions["initial_epoch"],
        configuration=executions[list(question.factors)].apply(combination_text, axis=1),
    )
    # Brackets run from the one that drops most: Li et al. (2018), algorithm 1.
    keys = ["bracket", "rung", "trial", "configuration", "epochs"]
    found = rows.groupby(keys, sort=False).agg(
        spent=("spent", "sum"),
        mean=("value", lambda values: values.mean(skipna=False)),
        low=("value", "min"),
        high=("value", "max"),
    )
    found = found.reset_index().sort_values(
        ["bracket", "rung", "trial"], ascending=[False, True, True], ignore_index=True
    )
    above = set(zip(found["bracket"], found["rung"] - 1, found["configuration"], strict=True))
    here = zip(found["bracket"], found["rung"], found["configuration"], strict=True)
    return found.assign(promoted=[key in above for key in here])


def rungs(executions: DataFrame, question: Question) -> DataFrame:
    """Sum the trials up, rung by rung.

    Returns:
        One row a rung: bracket, rung, epochs, num_trials, num_promoted, best (mean objective), low
        and high (of the best trial's executions), promoted (the cells that went on, in words).

    Raises:
        DataError: as `trials`.
    """
    found = trials(executions, question)
    keys = ["bracket", "rung", "epochs"]
    of_rung = found.groupby(keys, sort=False)
    summed = of_rung.agg(num_trials=("trial", "size"), num_promoted=("promoted", "sum"))
    in_order = found.sort_values("mean", ascending=not question.objective.maximize, kind="stable")
    best = in_order.drop_duplicates(keys).set_index(keys)
    summed = summed.join(best[["mean", "low", "high"]].rename(columns={"mean": "best"}))
    gone_on = found[found["promoted"]].groupby(keys, sort=False)
    names = gone_on["configuration"].agg("; ".join)
    return summed.assign(promoted=names.reindex(summed.index).fillna("–")).reset_index()


def best_so_far(executions: DataFrame, question: Question) -> DataFrame:
    """Follow the best mean objective while epochs are spent, in the order of the rungs.

    Returns:
        One row a trial: spent (epochs so far, all executions), epochs (of this trial), mean, best,
        regret (how far the best so far is behind the best at the end).

    Raises:
        DataError: as `trials`.
    """
    found = trials(executions, question)
    running = found["mean"].cummax() if question.objective.maximize else found["mean"].cummin()
    best = running.ffill()
    return DataFrame(
        {
            "spent": found["spent"].cumsum(),
            "epochs": found["epochs"],
            "mean": found["mean"],
            "best": best,
            "regret": (best.iloc[-1] - best).abs(),
        }
    )
