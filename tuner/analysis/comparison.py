"""The same question in several studies: how much the effects of one differ from another's.

Where two studies share their replicates, the difference of an effect is an effect of the
differences: each execution of one less the same cell's in the same replicate of the other. What a
replicate does to both is gone, and what is left is a study like any other, with the error of its
contrasts. Else the errors of both add up, with Satterthwaite's degrees of freedom (Welch 1947,
Biometrika 34).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from tuner.analysis.alignment import Side, align, names_of
from tuner.analysis.contrasts import along, weight_matrix
from tuner.analysis.effects import effects
from tuner.analysis.inference import (
    MAX_FAMILY,
    SIGNIFICANCE,
    adjust_holm,
    assess,
    detectable,
    p_of,
)
from tuner.analysis.least_squares import Floats
from tuner.analysis.model import Model, fit
from tuner.analysis.preparing import Sample, prepare
from tuner.analysis.question import Question
from tuner.analysis.simultaneous import max_t
from tuner.analysis.strata import divide

CONTRAST = ["factor", "contrast"]  # what names one
NO_SPREAD = "the executions of a cell do not differ"
DIFFERENCE_COLUMNS = [
    *("factor", "contrast", "given", "kind", "leads", "study", "reference"),
    *("estimate", "ci_low", "ci_high", "p", "p_holm", "simultaneous_low", "simultaneous_high"),
    *("detectable", "family", "se", "df", "paired", "replicates", "refusal"),
]


@dataclass(frozen=True)
class Comparison:
    """Several studies side by side, over the cells that all of them have."""

    question: Question
    models: tuple[Model, ...]  # one a study, the reference first
    effects: DataFrame  # as `effects.effects`, over all levels of the others; and study
    differences: DataFrame  # as `compare`
    notes: tuple[str, ...]  # what was left out


def compare(sides: Sequence[Side], shared: Sequence[bool]) -> Comparison:
    """Estimate each study's effects, and how much they differ from those of the first.

    Holm's family is all differences: every step and growth over all levels of the other factors, of
    every study against the first.

    Args:
        sides: the studies, the reference first.
        shared: of each further one, whether it shares its replicates with the first.

    Returns:
        The comparison. Its `differences` have one row a contrast and further study: factor,
        contrast, given, kind, leads (whether sentences are about it: a growth where a line fits in
        every study, else the steps), study, reference, estimate (the study's effect less the
        reference's), ci_low, ci_high, p, p_holm, family, simultaneous_low, simultaneous_high
        (hold for all differences at once), detectable, se, df, paired (within replicates),
        replicates (of a pair, those that are shared; else the fewer), refusal (why there is no
        estimate or no interval; else "").

    Raises:
        DataError: nothing can be compared (see `alignment.align`).
    """
    samples, notes = align(sides, [any(shared), *shared])
    models = [fit(sample) for sample in samples]
    names = names_of(sides)
    own = [effects(model) for model in models]
    told = pd.concat(
        [rows[rows["by"].eq("")].assign(study=name) for name, rows in zip(names, own, strict=True)],
        ignore_index=True,
    )
    parts = [
        within_replicates(samples[0], sample) if is_shared else between(models[0], model)
        for sample, model, is_shared in zip(samples[1:], models[1:], shared, strict=True)
    ]
    frames = [
        part.rows.assign(study=name, reference=names[0], paired=is_shared)
        for part, name, is_shared in zip(parts, names[1:], shared, strict=True)
    ]
    rows = infer(pd.concat(frames, ignore_index=True), [part.covariance for part in parts])
    rows = rows.merge(leading(told), on=CONTRAST, how="left")
    rows["leads"] = rows["leads"].eq(True)
    question = models[0].sample.question
    return Comparison(question, tuple(models), told, rows[DIFFERENCE_COLUMNS], tuple(notes))


@dataclass(frozen=True)
class Estimated:
    """Contrasts with their errors, before anything is inferred.

    `rows` has one row a contrast: factor, contrast, given, kind, estimate, se (NaN where no
    interval is given), df, replicates, refusal.
    """

    rows: DataFrame
    covariance: Floats  # of the estimates


def estimated(model: Model) -> Estimated:
    """Estimate every factor's growth and steps over all levels of the others."""
    contrasts = [c for factor in model.sample.question.factors for c in along(model, factor)]
    weights = weight_matrix(contrasts, len(model.count))
    found, assessed = model.estimate(weights), assess(model, contrasts)
    is_inferred = assessed["ci_low"].notna()
    rows = assessed[["estimate", "replicates"]].assign(
        factor=[c.factor for c in contrasts],
        contrast=[c.text for c in contrasts],
        given=[c.given for c in contrasts],
        kind=[c.kind for c in contrasts],
        se=np.where(is_inferred, found.se, np.nan),
        df=found.df,
        refusal=assessed["refusal"].mask(is_inferred, ""),
    )
    return Estimated(rows, model.covariance(weights))


def within_replicates(first: Sample, other: Sample) -> Estimated:
    """Estimate the effects of the differences between executions of one cell and replicate."""
    question = first.question
    keys, name = [*question.factors, "replicate"], question.objective.name
    pairs = first.executions[[*keys, "value"]].merge(
        other.executions[[*keys, "value"]], on=keys, suffixes=("_first", "_other")
    )
    pairs[name] = pairs["value_other"] - pairs["value_first"]
    return estimated(fit(prepare(pairs[[*keys, name]], question)))


def between(first: Model, other: Model) -> Estimated:
    """Subtract the effects of two studies that share nothing: their errors add up (Welch)."""
    one, two = estimated(first), estimated(other)
    variances = [part.rows["se"].to_numpy() ** 2 for part in (one, two)]
    dfs = [np.maximum(part.rows["df"].to_numpy(), 1e-9) for part in (one, two)]
    total = variances[0] + variances[1]
    spread = variances[0] ** 2 / dfs[0] + variances[1] ** 2 / dfs[1]
    difference = two.rows["estimate"] - one.rows["estimate"]
    rows = one.rows.assign(
        estimate=difference.mask(difference.abs() < first.rounding + other.rounding, 0.0),
        se=np.sqrt(total),
        df=divide(total**2, spread, default=0),
        replicates=np.minimum(one.rows["replicates"], two.rows["replicates"]),
        refusal=one.rows["refusal"].where(one.rows["refusal"].ne(""), two.rows["refusal"]),
    )
    return Estimated(rows, one.covariance + two.covariance)


def infer(rows: DataFrame, covariances: Sequence[Floats]) -> DataFrame:
    """Give estimates their intervals, p-values and Holm's correction over all of them.

    Simultaneous intervals are from the largest of each further study's t statistics (max-t), their
    levels divided by the number of these studies (Bonferroni).

    Args:
        rows: those of `Estimated`, of one further study after another.
        covariances: one a further study.
    """
    inferred = rows["se"].notna() & (rows["df"] > 0)
    se, df = rows["se"].where(inferred), rows["df"].where(inferred)
    rows = rows.assign(
        family=int(inferred.sum()),
        p=pd.Series(p_of(rows["estimate"], se, df), rows.index).where(inferred),
        detectable=detectable(se, df.fillna(0), int(inferred.sum())),
    )
    is_known = rows["estimate"].notna() & rows["refusal"].eq("")
    rows["refusal"] = rows["refusal"].mask(is_known & ~inferred, NO_SPREAD)
    rows["p_holm"] = adjust_holm(rows["p"])
    level = 1 - SIGNIFICANCE / len(covariances)
    times = np.concatenate(
        [
            times_at_once(covariance, own["df"].to_numpy(), level)
            for covariance, (_, own) in zip(
                covariances, rows.assign(df=df).groupby("study", sort=False), strict=True
            )
        ]
    )
    alone = stats.t.ppf(1 - SIGNIFICANCE / 2, df)
    for name, half in (("ci", alone * se), ("simultaneous", times * se)):
        rows[f"{name}_low"], rows[f"{name}_high"] = rows["estimate"] - half, rows["estimate"] + half
    return rows


def times_at_once(covariance: Floats, df: Any, level: float) -> Floats:
    """Find how many standard errors hold all contrasts at once; NaN of those without an error."""
    times, family = np.full(len(df), np.nan), np.flatnonzero(np.isfinite(df))
    if 0 < len(family) <= MAX_FAMILY:
        times[family] = max_t(covariance[np.ix_(family, family)], df[family], level)
    return times


def leading(told: DataFrame) -> DataFrame:
    """Tell which contrasts sentences are about: a growth that leads in every study, else steps.

    Args:
        told: the effects of all studies.

    Returns:
        One row a contrast: factor, contrast, leads.
    """
    by_contrast = told.groupby([*CONTRAST, "kind"], sort=False)["leads"].all().reset_index()
    is_line = by_contrast["kind"].eq("growth") & by_contrast["leads"]
    has_line = is_line.groupby(by_contrast["factor"]).transform("any")
    by_contrast["leads"] = is_line | (by_contrast["kind"].eq("step") & ~has_line)
    return by_contrast[[*CONTRAST, "leads"]]
