"""Effects: marginal means, steps between adjacent levels, steps within a level, growth."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from tuner.analysis.contrasts import (
    Contrast,
    all_contrasts,
    arrange,
    describe,
    explain_interval,
    keep_combinations,
    weight_matrix,
)
from tuner.analysis.inference import assess, count_replicates, intervals
from tuner.analysis.levels import is_numeric
from tuner.analysis.model import Model
from tuner.analysis.verdicts import effect_verdict
from tuner.words import level_text

EFFECT_COLUMNS = [
    *("factor", "contrast", "given", "estimate", "unit", "ci_low", "ci_high", "p", "p_holm"),
    *("n", "replicates", "verdict", "simultaneous_low", "simultaneous_high"),
    *("hc3_low", "hc3_high", "pairs", "kind", "detectable"),
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
    arranged = arrange(model, factor, model.sample.design)
    kept = keep_combinations(arranged, len(levels))
    means = DataFrame({"factor": factor, "level": levels}).astype({"level": object})
    means["text"] = [level_text(level) for level in levels]
    means["x"] = np.array(levels, dtype=float) if is_numeric(levels) else np.nan
    if kept.empty:
        missing = f"no combination of the other factors has all {len(levels)} levels of {factor}"
        return means.assign(
            **dict.fromkeys(("mean", "ci_low", "ci_high", "hc3_low", "hc3_high"), np.nan),
            n=0,
            replicates=0,
            given=missing,
        )
    of_level = [kept.loc[kept["level"] == i, "cell"].to_numpy() for i in range(len(levels))]
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


def effects(model: Model) -> DataFrame:
    """Estimate growth, steps between adjacent levels, and both within levels of the other factor.

    Returns:
        One row a contrast: factor, contrast ("2 → 3", "per doubling", "per added block"), given
        ("" over all combinations with equal weights, "depth=3", "over 3 of 4
        combinations"), estimate, unit ("pp" or the objective's name), ci_low, ci_high, p, p_holm,
        n (executions), replicates,
        verdict, hc3_low, hc3_high, pairs ("12 of 12": matched pairs of that sign), kind
        ("growth" | "step" | "conditional growth" | "conditional step"), detectable (what the
        contrast could have seen). Numbers are NaN where they are refused; the verdict says why.
    """
    contrasts = all_contrasts(model)
    if not contrasts:
        return DataFrame(columns=EFFECT_COLUMNS)
    rows = assess(model, contrasts)
    rows["factor"] = [c.factor for c in contrasts]
    rows["contrast"] = [c.text for c in contrasts]
    rows["given"] = [c.given for c in contrasts]
    rows["kind"] = [c.kind for c in contrasts]
    question = model.sample.question
    rows["unit"] = question.objective.unit
    rows["verdict"] = [effect_verdict(row, question) for row in rows.to_dict("records")]
    return rows[EFFECT_COLUMNS]
