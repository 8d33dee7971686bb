"""Which factors the page puts first, and what it says of a fraction's means."""

from tuner.analysis.overview import Analysis


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
