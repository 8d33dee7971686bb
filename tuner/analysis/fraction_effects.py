"""The effects of a study that trained a fraction of its factorial: from the model to the report."""

from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats
from scipy.linalg import orth

from tuner.analysis.cell_regression import Chance, coded, model_columns
from tuner.analysis.effects import EFFECT_COLUMNS
from tuner.analysis.fraction import FractionAnalysis, analyse_fraction, refused
from tuner.analysis.inference import adjust_holm, detectable, p_of
from tuner.analysis.least_squares import Floats
from tuner.analysis.levels import cell_keys, is_numeric
from tuner.analysis.missing_executions import fill_missing
from tuner.analysis.model import SHARED, Model
from tuner.analysis.verdicts import effect_verdict
from tuner.words import combination_text, level_text, listed

MIN_FACTORS = 2
MOST_PAIRED = 0.5  # of a step's possible combinations; where more are met, they are compared


def is_fraction(model: Model) -> bool:
    """Tell whether most steps have fewer than half of their combinations: a model must fill in.

    A design with a few holes is no fraction: its steps are compared where both levels were met.
    """
    sample = model.sample
    sizes = {factor: len(levels) for factor, levels in sample.levels.items()}
    if len(sizes) < MIN_FACTORS or len(sample.design) < sum(sizes.values()):
        return False
    shares = []
    for factor, levels in sample.levels.items():
        others = [name for name in sizes if name != factor]
        num_possible = prod(sizes[name] for name in others)
        for pair in pairwise(levels):
            of_pair = sample.design[sample.design[factor].isin(pair)]
            met = of_pair.groupby(others, sort=False, observed=True).size()
            shares.append(int((met == 2).sum()) / num_possible)
    return float(np.median(shares)) < MOST_PAIRED


def model_fraction(model: Model, cells: DataFrame | None) -> FractionAnalysis:
    """Model the cell means of a fraction.

    Args:
        model: the fitted model.
        cells: the design as it was planned; what is infeasible there is not predicted.
    """
    sample = model.sample
    factors = list(sample.question.factors)
    if isinstance(model.errors, SHARED) and model.parts_are_apart:
        return refused("some cells share no replicate with the others, not even by way of a third")

    def numbered(rows: DataFrame) -> DataFrame:
        codes = {
            name: pd.Categorical(rows[name], sample.levels[name]).codes.astype(np.intp)
            for name in factors
        }
        return DataFrame(codes)

    possible = None
    if cells is not None and set(factors) <= set(cells.columns):
        keys = cell_keys(cells, factors)
        feasible = cells[cells["state"].ne("infeasible")] if "state" in cells else cells
        if len(feasible) < len(keys):
            codes = numbered(tidied(feasible, model))
            possible = codes[(codes >= 0).all(axis=1)].reset_index(drop=True)
    met = met_cells(model)
    return analyse_fraction(
        numbered(sample.design).assign(mean=met.means, n=met.num_executions),
        {name: len(levels) for name, levels in sample.levels.items()},
        Chance(model.residual_sd**2, model.df) if model.df > 0 else None,
        met.by_replicate,
        met.num_filled,
        possible,
        sample.question.objective.maximize,
    )


@dataclass(frozen=True)
class MetCells:
    """The cells of a fraction as their replicates let them be compared."""

    means: Floats
    num_executions: Floats | float  # of each cell; where replicates are shared, of the mean one
    by_replicate: Floats | None = None  # cells x shared replicates that tell factors apart, filled
    num_filled: int = 0  # of `by_replicate`


def met_cells(model: Model) -> MetCells:
    """Average each cell's executions, as if it had been met in every shared replicate."""
    if not isinstance(model.errors, SHARED):
        return MetCells(model.by_cell, model.count)
    levels = model.sample.levels
    codes = {name: pd.Categorical(model.sample.design[name], levels[name]).codes for name in levels}
    sizes = {name: len(levels[name]) for name in levels}
    mains = model_columns(coded(DataFrame(codes), sizes), with_pairs=False)
    filled, is_long = fill_missing(model.by_replicate, orth(mains))
    known = model.by_replicate[:, is_long]
    return MetCells(
        means=filled.mean(axis=1),
        num_executions=float(stats.hmean(model.count)),
        by_replicate=filled[:, is_long] if is_long.any() else None,
        num_filled=int(np.isnan(known).sum()),
    )


def tidied(cells: DataFrame, model: Model) -> DataFrame:
    """The planned cells with their levels as the sample has them."""
    by_text = {
        name: {level_text(level): level for level in levels}
        for name, levels in model.sample.levels.items()
    }
    return DataFrame(
        {name: [known.get(level_text(v)) for v in cells[name]] for name, known in by_text.items()}
    )


def fraction_effects(model: Model, found: FractionAnalysis) -> DataFrame:
    """Lay the steps of a fraction out as `effects.effects` does.

    Returns:
        One row a step; columns as `effects.effects`, `given` saying what it is predicted from.
    """
    question, levels = model.sample.question, model.sample.levels
    if found.refusal:
        rows = DataFrame({"factor": question.factors, "contrast": "", "estimate": np.nan})
        rows["refusal"] = found.refusal
        rows = rows.assign(ci_low=np.nan, ci_high=np.nan, p=np.nan, given="")
    else:
        steps = found.steps
        rows = steps[["factor", "estimate", "ci_low", "ci_high"]].copy()
        rows["contrast"] = [
            f"{level_text(levels[f][low])} → {level_text(levels[f][high])}"
            for f, low, high in steps[["factor", "low", "high"]].itertuples(index=False)
        ]
        num_cells = len(model.sample.design)
        rows["given"] = [
            f"over {combinations:,} combinations, predicted from {num_cells:,} cells"
            for combinations in steps["combinations"]
        ]
        rows["p"] = p_of(steps["estimate"], steps["se"], steps["df"])
        rows["detectable"] = detectable(steps["se"], steps["df"], len(steps))
        bounds = ["simultaneous_low", "simultaneous_high"]
        rows[bounds] = steps[bounds]
        rows["refusal"] = ""
    rows["p_holm"] = adjust_holm(rows["p"])
    rows["family"] = int(rows["p"].notna().sum())
    rows = rows.assign(kind="step", unit=question.objective.unit, pairs="")
    rows = rows.assign(by="", at="", leads=True)
    rows = rows.assign(n=len(model.sample.executions), replicates=model.num_replicates)
    rows = rows.reindex(columns=[*EFFECT_COLUMNS, "refusal", "family"])
    rows["verdict"] = [effect_verdict(row, question) for row in rows.to_dict("records")]
    return rows[EFFECT_COLUMNS]


def fraction_means(model: Model, effects: DataFrame) -> DataFrame:
    """Predict the mean of each level over all combinations, from the steps; no interval.

    Returns:
        One row a level; columns as `effects.marginal_means`.
    """
    sample = model.sample
    by_cell = met_cells(model).means
    counts = sample.executions.groupby("cell").size().to_numpy()
    parts = []
    for factor, levels in sample.levels.items():
        steps = effects.loc[effects["factor"] == factor, "estimate"].to_numpy(float)
        if len(steps) != len(levels) - 1:
            steps = np.full(len(levels) - 1, np.nan)
        risen = np.concatenate([[0.0], np.cumsum(steps)])
        codes = pd.Categorical(sample.design[factor], levels).codes
        part = DataFrame({"factor": factor, "level": levels}).astype({"level": object})
        part["text"] = [level_text(level) for level in levels]
        part["x"] = np.array(levels, dtype=float) if is_numeric(levels) else np.nan
        part["mean"] = (by_cell - risen[codes]).mean() + risen
        part["n"] = [int(counts[codes == code].sum()) for code in range(len(levels))]
        parts.append(part)
    bounds = dict.fromkeys(("ci_low", "ci_high", "hc3_low", "hc3_high"), np.nan)
    told = f"predicted from {len(sample.design)} cells"
    return pd.concat(parts, ignore_index=True).assign(
        **bounds, replicates=model.num_replicates, given=told
    )


def fraction_sentences(model: Model, found: FractionAnalysis, means: DataFrame) -> list[str]:
    """Say which factor matters most, what the model leaves out, and what the best cell is."""
    sample, objective = model.sample, model.sample.question.objective
    num_possible = prod(len(levels) for levels in sample.levels.values())
    num_cells = len(sample.design)
    if found.refusal:
        return [f"A fraction, {num_cells:,} of {num_possible:,} cells: {found.refusal}."]
    spans = means.groupby("factor", sort=False)["mean"].agg(np.ptp).sort_values(ascending=False)
    named = [f"{name} ({objective.difference(f'{span:.1f}')})" for name, span in spans.items()]
    sentences = [
        f"Of {len(spans)} factors, by how far their levels lie apart: {listed(named)}; predicted "
        f"from {num_cells:,} of {num_possible:,} cells by main effects"
        f"{' and two-factor terms' if found.with_pairs else ' alone'}."
    ]
    if found.best is not None:
        levels = {name: sample.levels[name][code] for name, code in found.best.levels.items()}
        trained = "trained" if found.best.is_trained else "not trained"
        sentences.append(
            f"Predicted best: {combination_text(levels)}, about {found.best.mean:.3g} ({trained}); "
            "the highest of many predictions, so rather too good."
        )
    if found.lack_of_fit is not None:
        beside = f"beside {found.lack_of_fit.chance_sd:.2f} between executions of a cell"
        sentences.append(
            f"The model leaves out {objective.difference(f'{found.lack_of_fit.sd:.2f}')} of a "
            f"cell's mean (standard deviation), {beside}."
        )
    if found.held_out is not None:
        sentences.append(
            f"Each cell predicted from the others: R² {found.held_out.r_squared:.2f}; "
            f"{found.held_out.coverage:.0%} lie in their 95% prediction intervals."
        )
    return sentences
