"""From the frames of an analysis to what the sentence of a factor is made of."""

from collections.abc import Mapping

import pandas as pd

from tuner.analysis.overview import Analysis
from tuner.analysis.shape import Step, steps_of
from tuner.analysis.strength import is_little, largest_span, spans
from tuner.analysis.verdicts import is_resolved
from tuner.objective import Objective
from tuner.report.answers.factors import Told
from tuner.report.answers.naming import Naming, naming_of
from tuner.report.sources.source import Source


def names_of(source: Source, analysis: Analysis) -> dict[str, Naming]:
    """How every factor is called."""
    question = analysis.question
    return {name: naming_of(name, question, source.facts.space) for name in question.factors}


def strongest_first(analysis: Analysis) -> list[str]:
    """The factors by how far the means of their levels lie apart."""
    found = spans(analysis.means)
    known = [str(name) for name in found[found.notna()].index]
    return [*known, *(name for name in analysis.question.factors if name not in known)]


def gather(analysis: Analysis, names: Mapping[str, Naming], factor: str) -> Told:
    """What the sentence of a factor is made of."""
    naming = names[factor]
    objective = analysis.objective
    effects = analysis.effects
    own = effects[effects["factor"].eq(naming.name) & effects["by"].eq("")]
    means = analysis.means[analysis.means["factor"].eq(naming.name)]
    slopes = own[own["kind"].eq("growth") & own["leads"].astype(bool)]
    steps = own[own["kind"].eq("step") & own["estimate"].notna()]
    told = slopes if len(slopes) else steps
    apart = spans(analysis.means)
    largest = largest_span(told, float(apart.get(naming.name, float("nan"))))
    return Told(
        naming=naming,
        objective=objective,
        slope=slope_of(slopes),
        steps=[in_quality(step, objective) for step in steps_of(steps)],
        means=dict(zip(means["text"], means["mean"], strict=True)),
        detectable=told["detectable"].tolist(),
        is_little=is_little(largest, float(apart.max()), objective),
        is_hinted=is_hinted(slopes),
        depends_on=[names[by].spoken for by in seen_within(analysis, factor)],
    )


def seen_within(analysis: Analysis, factor: str) -> list[str]:
    """The factors that a factor interacts with, and at some of whose levels its effect is seen."""
    found = analysis.interactions
    if found.empty:
        return []
    pairs = [
        set(pair) for pair in found.loc[found["resolved"].astype(bool), ["factor", "by"]].values
    ]
    own = analysis.effects[analysis.effects["factor"].eq(factor)]
    seen = {row["by"] for row in own.to_dict("records") if is_resolved(row)}
    return [name for name in analysis.question.factors if name in seen and {name, factor} in pairs]


def slope_of(slopes: pd.DataFrame) -> tuple[float, bool] | None:
    """A slope and whether it is resolved, where one leads."""
    if slopes.empty:
        return None
    row: Mapping[object, object] = slopes.iloc[0].to_dict()
    return float(slopes["estimate"].iloc[0]), is_resolved(row)


def is_hinted(slopes: pd.DataFrame) -> bool:
    """Whether the slope that leads differs from zero by itself, but not among all contrasts."""
    slope = slope_of(slopes)
    if slope is None or slope[1]:
        return False
    return bool((slopes["ci_low"] * slopes["ci_high"]).iloc[0] > 0)


def in_quality(step: Step, objective: Objective) -> Step:
    """A step turned so that a rise is a gain."""
    sign = objective.sign
    low, high = sorted((sign * step.ci_low, sign * step.ci_high))
    return Step(step.low, step.high, sign * step.estimate, low, high, step.is_resolved)
