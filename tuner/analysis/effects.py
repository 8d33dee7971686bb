"""Effects: marginal means, steps between adjacent levels, steps within a level, growth."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from tuner.analysis.arrangement import arrange, keep_combinations
from tuner.analysis.contrasts import (
    Contrast,
    all_contrasts,
    describe,
    explain_interval,
    weight_matrix,
)
from tuner.analysis.inference import SIGNIFICANCE, assess, count_replicates, intervals
from tuner.analysis.levels import is_numeric
from tuner.analysis.model import Model
from tuner.analysis.shape import line_of
from tuner.analysis.verdicts import effect_verdict, flagged_verdict
from tuner.words import level_text

EFFECT_COLUMNS = [
    *("factor", "contrast", "given", "estimate", "unit", "ci_low", "ci_high", "p", "p_holm"),
    *("n", "replicates", "verdict", "simultaneous_low", "simultaneous_high"),
    *("hc3_low", "hc3_high", "pairs", "kind", "detectable"),
    *("by", "at", "leads", "lack_of_fit", "line_share"),
]


def marginal_means(model: Model) -> DataFrame:
    """Average each level over the cells of the other factors, with equal weights.

    Only combinations of the other factors that have all levels take part, so that levels are
    compared like with like. Replicates are held fixed: the intervals are for comparing levels.

    Returns:
        One row a level: factor, level, text (the level as people write it), x (its place on a
        numeric axis, NaN for names), mean, ci_low, ci_high, hc3_low, hc3_high (reported units),
        n, replicates, given (empty: all combinations of the other factors; else which ones, or
        why there is no mean). Intervals are NaN where inference is refused.
    """
    return pd.concat(
        [means_of_factor(model, factor) for factor in model.sample.question.factors],
        ignore_index=True,
    )


def means_of_factor(model: Model, factor: str) -> DataFrame:
    """Average each level of one factor; columns as `marginal_means`."""
    levels = model.sample.levels[factor]
    arranged = arrange(model, factor)
    kept = keep_combinations(arranged, len(levels))
    means = DataFrame({"factor": factor, "level": levels}).astype({"level": object})
    means["text"] = [level_text(level) for level in levels]
    means["x"] = np.array(levels, dtype=float) if is_numeric(levels) else np.nan
    if not len(kept):
        missing = f"no combination of the other factors has all {len(levels)} levels of {factor}"
        return means.assign(
            **dict.fromkeys(("mean", "ci_low", "ci_high", "hc3_low", "hc3_high"), np.nan),
            n=0,
            replicates=0,
            given=missing,
        )
    of_level = [kept.cell[kept.level == i] for i in range(len(levels))]
    averages = [
        Contrast(factor, "", "mean", cells=cells, weights=np.full(len(cells), 1 / len(cells)))
        for cells in of_level
    ]
    estimates = model.estimate(weight_matrix(averages, len(model.count)), are_means=True)
    means["mean"] = estimates.estimate
    usable = np.full(len(levels), not explain_interval(kept, model.min_executions))
    return means.assign(
        **intervals(model, estimates, usable),
        n=[int(model.count[cells].sum()) for cells in of_level],
        replicates=[count_replicates(model, cells) for cells in of_level],
        given=describe(model, factor, arranged, kept),
    )


def effects(model: Model, interacting: Iterable[tuple[str, str]] = ()) -> DataFrame:
    """Estimate growth, steps between adjacent levels, and both within levels of other factors.

    Holm's family is all that is printed: every factor over all, width and depth within each other
    (or the first two factors), and other pairs only where their interaction was resolved. A pair
    passes that gate first, so joining makes the family larger and no verdict easier.

    Args:
        model: the fitted model.
        interacting: the pairs of factors whose interaction is resolved.

    Returns:
        One row a contrast: factor, contrast ("2 → 3", "per doubling", "per added block"), given
        ("" over all combinations with equal weights, "depth=3", "over 3 of 4
        combinations"), estimate, unit ("pp" or the objective's name), ci_low, ci_high, p, p_holm,
        n (executions), replicates,
        verdict, hc3_low, hc3_high, pairs ("12 of 12": matched pairs of that sign), kind
        ("growth" | "step" | "conditional growth" | "conditional step"), detectable (what the
        contrast could have seen), by and at (within which level of which other factor; "" over
        all), leads (bool: a sentence may start with it: a growth where a line describes the
        levels, else the steps), lack_of_fit (p of the line) and line_share (of the sum of squares
        between levels), both of a growth. Numbers are NaN where they are refused; the verdict says
        why.
    """
    contrasts = all_contrasts(model, interacting)
    if not contrasts:
        return DataFrame(columns=EFFECT_COLUMNS)
    rows = assess(model, contrasts)
    rows["factor"] = [c.factor for c in contrasts]
    rows["contrast"] = [c.text for c in contrasts]
    rows["given"] = [c.given for c in contrasts]
    rows["kind"] = [c.kind for c in contrasts]
    rows["by"] = [c.by for c in contrasts]
    rows["at"] = [c.at for c in contrasts]
    question = model.sample.question
    rows["unit"] = question.objective.unit
    rows = rows.join(lines_of(model, contrasts))
    rows["leads"] = leading(rows)
    flagged = rows["kind"].str.endswith("growth") & rows["estimate"].notna() & ~rows["leads"]
    rows["verdict"] = [
        (flagged_verdict if is_flagged else effect_verdict)(row, question)
        for row, is_flagged in zip(rows.to_dict("records"), flagged, strict=True)
    ]
    return rows[EFFECT_COLUMNS]


def lines_of(model: Model, contrasts: Sequence[Contrast]) -> DataFrame:
    """Hold every growth against free levels.

    Returns:
        One row a contrast: lack_of_fit, line_share (NaN of steps), fits (bool).
    """
    lines = [
        line_of(model, c) if c.kind.endswith("growth") and not c.refusal else None
        for c in contrasts
    ]
    return DataFrame(
        {
            "lack_of_fit": [line.lack_of_fit if line else np.nan for line in lines],
            "line_share": [line.share if line else np.nan for line in lines],
            "fits": [line is not None and line.fits for line in lines],
        }
    )


def leading(rows: DataFrame) -> "Series[bool]":
    """Tell which rows a sentence may start with: a growth that fits, or else the steps.

    No growth leads where a step against it is resolved.

    Args:
        rows: as `effects` returns them, with fits.
    """
    leads = Series(False, index=rows.index)
    for _, asked in rows.groupby(["factor", "by", "at"], sort=False):
        is_growth = asked["kind"].str.endswith("growth")
        sign = np.sign(asked.loc[is_growth, "estimate"].sum())
        against = (np.sign(asked["estimate"]) == -sign) & (asked["p_holm"] < SIGNIFICANCE)
        line = is_growth & asked["fits"] & asked["estimate"].notna() & ~against.any()
        leads[asked.index] = line if line.any() else ~is_growth
    return leads
