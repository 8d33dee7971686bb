"""Which factors the page puts first, how its figures call them, and what it says of means."""

from typing import Any

from tuner.analysis.overview import Analysis
from tuner.plots import Axis
from tuner.report.answers.gathering import names_of
from tuner.report.answers.naming import Naming
from tuner.report.sources.source import Source
from tuner.words import level_text, short

LONGEST = 16  # of a level beside a line


def over_what_was_trained(analysis: Analysis) -> str:
    """A caveat on means of a fraction's cells as they are; "" for a factorial."""
    if analysis.fraction is None:
        return ""
    return ", each over what was trained there of the other factors (not the model's prediction)"


def leading_factors(analysis: Analysis) -> list[str]:
    """Width and depth; where one of them is not known, the next factor in its place."""
    question = analysis.question
    named = [name for name in (question.width, question.depth) if name is not None]
    return list(dict.fromkeys([*named, *question.factors]))[: max(2, len(named))]


def axes_of(source: Source, analysis: Analysis) -> dict[str, Axis]:
    """How figures call every factor and its levels."""
    return {name: axis_of(naming) for name, naming in names_of(source, analysis).items()}


def axis_of(naming: Naming) -> Axis:
    """How figures call a factor and its levels."""

    def text(level: Any) -> str:
        return short(naming.number(level_text(level)), LONGEST)

    def full(level: Any) -> str:
        told = naming.level(level_text(level))
        return told if naming.unit or len(told) <= LONGEST else text(level)  # whose end tells

    return Axis(short(naming.unit.many if naming.unit else naming.spoken), text, full)
