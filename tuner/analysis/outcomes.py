"""Which executions trained: those at chance, and cells whose executions are of two kinds.

The mean of a cell in which some executions never leave chance says how often it trains, not how
well. Where that is so, what those that trained show is told apart.
"""

from dataclasses import dataclass, replace

import numpy as np
from pandas import DataFrame, Series
from statsmodels.stats.proportion import proportion_confint

from tuner.analysis.effects import effects
from tuner.analysis.fraction_effects import fraction_effects, is_fraction, model_fraction
from tuner.analysis.model import Model, fit
from tuner.analysis.preparing import prepare
from tuner.analysis.sentences import verdict_sentences
from tuner.analysis.variance import interactions
from tuner.errors import DataError
from tuner.objective import Objective, tokens
from tuner.words import counted

WIDE_GAP = 6.0  # times the rest of the spread: executions of two kinds
MIN_DF = 4  # of the spread of those that are near
MIN_OWN = 10  # executions of a cell to tell by themselves: of 6 normal ones, 4% have such a gap
MIN_REPLICATES = 10  # fewer of two kinds: their share, and so their mean, is hardly known
#: Classes of well-known data; of others, 10 or 100 are assumed where an execution is at chance.
NUM_CLASSES = {"cifar10": 10, "digits": 10, "mnist": 10, "fashion_mnist": 10, "cifar100": 100}
GUESSES = (10, 100)


@dataclass(frozen=True)
class Outcomes:
    """Which executions trained, and in how many cells that is mixed."""

    trained: "Series[bool]"  # one an execution of the sample
    num_classes: int | None  # whose chance some executions are at; None where none is
    at_chance: int  # executions
    cells: DataFrame  # one row a cell: n, trained (executions), low, high (of the share, Wilson)

    @property
    def mixed(self) -> DataFrame:
        """The cells in which some executions trained and others did not."""
        return self.cells[self.cells["trained"].between(1, self.cells["n"] - 1)]

    @property
    def forbids_verdicts(self) -> bool:
        """Whether a mean mixes two outcomes, over too few executions to know their shares."""
        return bool((self.mixed["n"] < MIN_REPLICATES).any())


def sort_outcomes(model: Model, dataset: str | None = None) -> Outcomes:
    """Tell the executions that trained from those that did not.

    Args:
        model: the fitted model.
        dataset: what was trained on, if that is known.
    """
    executions, objective = model.sample.executions, model.sample.question.objective
    quality = objective.sign * executions["value"]
    num_classes = count_classes(executions["value"], objective, dataset)
    at_chance = Series(False, index=executions.index)
    if num_classes:
        at_chance = executions["value"] <= chance_limit(num_classes)
    rest = executions[~at_chance].assign(value=quality[~at_chance])
    failed = at_chance | find_worse_kind(rest, model).reindex(executions.index, fill_value=False)
    cells = DataFrame({"n": 1, "trained": ~failed}).groupby(executions["cell"]).sum()
    cells["low"], cells["high"] = proportion_confint(cells["trained"], cells["n"], method="wilson")
    found = num_classes if at_chance.any() else None
    return Outcomes(~failed, found, int(at_chance.sum()), cells)


def count_classes(values: "Series[float]", objective: Objective, dataset: str | None) -> int | None:
    """Count the classes of an accuracy; where nobody says, of those whose chance some value is."""
    is_accuracy = {"acc", "accuracy", "top1"} & {*tokens(objective.name)}
    if not (is_accuracy and objective.is_share and objective.maximize):
        return None
    if dataset is not None:
        return NUM_CLASSES.get(dataset)
    fitting = (n for n in GUESSES if 0.5 <= values.min() * n / 100 <= 1.5)
    return next(fitting, None)


def chance_limit(num_classes: int) -> float:
    """Give the accuracy, in percent, that is no better than chance: under twice that, or near."""
    chance = 100 / num_classes
    return min(2 * chance, chance + 0.1 * (100 - chance))


def find_worse_kind(executions: DataFrame, model: Model) -> "Series[bool]":
    """Find in cells of two kinds of outcome the executions of the worse kind.

    A cell is one where a gap among its executions is over six times their spread beside it, or
    where one is that far from what its cell and replicate have in common, in terms of all cells.

    Args:
        executions: cell, replicate, value (more is better).
        model: for how many replicates the cells share.
    """
    rows = part_cells(executions)
    by_itself = (rows["n"] >= MIN_OWN) & (rows["gap"] > WIDE_GAP * rows["rest"])
    is_far = stray(executions, model.num_replicates).groupby(executions["cell"]).any()
    return rows["is_lower"] & ((by_itself & (rows["rest"] > 0)) | rows["cell"].map(is_far))


def part_cells(executions: DataFrame) -> DataFrame:
    """Part the executions of each cell at its widest gap.

    Returns:
        One row an execution, with its index: cell, n (of its cell), gap (the widest), rest (the
        standard deviation within the two parts), is_lower (whether it is below the gap).
    """
    rows = executions[["cell", "value"]].sort_values(["cell", "value"], kind="stable")
    index = rows.index
    rows = rows.reset_index(drop=True)
    gaps = rows.groupby("cell")["value"].diff().fillna(0.0)
    widest = gaps.groupby(rows["cell"]).transform("idxmax")
    rows["n"] = rows.groupby("cell")["value"].transform("size")
    rows["gap"] = gaps.groupby(rows["cell"]).transform("max")
    rows["is_lower"] = rows.index < widest
    means = rows.groupby(["cell", "is_lower"])["value"].transform("mean")
    squares = ((rows["value"] - means) ** 2).groupby(rows["cell"]).transform("sum")
    rows["rest"] = np.sqrt(squares / (rows["n"] - 2).clip(lower=1))
    return rows.set_axis(index)


def stray(executions: DataFrame, num_replicates: int) -> "Series[bool]":
    """Tell which executions are far from the medians of their cell and replicate.

    Far is what lies beyond the widest gap among all distances, if half of the executions or more
    lie before it, four at least beside the medians that were taken out, and it is over six times
    their spread (root mean square, over their number less that of the medians: these make zeros of
    as many distances, so that a few executions seem not to spread at all).

    Args:
        executions: cell, replicate, value.
        num_replicates: that the cells share; 1 if none are.
    """
    distance = executions["value"].copy()
    for by in ("cell", "replicate", "cell") if num_replicates > 1 else ("cell",):
        distance -= distance.groupby(executions[by]).transform("median")
    ordered = distance.abs().sort_values()
    gaps = ordered.diff().fillna(0.0).to_numpy()
    widest = int(gaps.argmax()) if len(gaps) else 0
    df = widest - executions["cell"].nunique() - (num_replicates - 1)
    if df < MIN_DF or widest < len(gaps) / 2:
        return Series(False, index=executions.index)
    spread = float(np.sqrt((ordered.iloc[:widest] ** 2).sum() / df))
    is_noise = spread <= 1e-9 * executions["value"].abs().max()
    if is_noise or gaps[widest] <= WIDE_GAP * spread:
        return Series(False, index=executions.index)
    is_far: Series[bool] = distance.abs() >= ordered.iloc[widest]
    return is_far


def outcome_sentences(model: Model, outcomes: Outcomes) -> list[str]:
    """Say what can be said where executions are of two kinds; nothing where they are of one."""
    mixed, trained = outcomes.mixed, outcomes.trained
    if mixed.empty:
        return []
    said = []
    if outcomes.forbids_verdicts:
        said.append(
            f"No verdict on the mean: it mixes two outcomes in {counted(len(mixed), 'cell')}, and "
            f"fewer than {MIN_REPLICATES} executions a cell hardly tell how often each comes."
        )
    among = f"Among the {trained.sum():,} of {len(trained):,} executions that trained"
    try:
        kept = fit_trained(model, trained)
    except DataError as refusal:
        return [*said, f"{among}, nothing can be compared: {refusal}."]
    question = kept.sample.question
    contrasts = (
        fraction_effects(kept, model_fraction(kept, None)) if is_fraction(kept) else effects(kept)
    )
    told = verdict_sentences(contrasts, interactions(kept).iloc[:0], question)
    return [*said, f"{among}: {' '.join(told)}"]


def fit_trained(model: Model, trained: "Series[bool]") -> Model:
    """Fit the model to the executions that trained.

    Raises:
        DataError: they differ in no factor.
    """
    question = model.sample.question
    in_reported_units = replace(question.objective, scale=1.0)
    executions = model.sample.executions[trained].rename(columns={"value": question.objective.name})
    return fit(prepare(executions, replace(question, objective=in_reported_units)))
