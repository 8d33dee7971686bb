"""Which factors the page puts first."""

from tuner.analysis.overview import Analysis


def leading_factors(analysis: Analysis) -> list[str]:
    """Width and depth; where one of them is not known, the next factor in its place."""
    question = analysis.question
    named = [name for name in (question.width, question.depth) if name is not None]
    return list(dict.fromkeys([*named, *question.factors]))[: max(2, len(named))]
