"""What the first rung of a search suggests of effects, at its small budget."""

from tuner.analysis.overview import Analysis
from tuner.report.answers.answering import factor_answers
from tuner.report.parts import Section
from tuner.report.sections.effects import effects_section
from tuner.report.sources.source import Source
from tuner.words import counted


def first_rung_section(source: Source, analysis: Analysis) -> Section:
    """The effects of what a search trained unselected, said to be after so few epochs."""
    budget = analysis.model.sample.budget
    after = f"after {counted(budget, 'epoch')}" if budget else "in what it tried"
    told = [f"{after[:1].upper()}{after[1:]}: {answer.text}" for answer in
            factor_answers(source, analysis)]  # fmt: skip
    pictures = effects_section(source, analysis).pictures
    title = f"What the search suggests of effects, {after}"
    return Section("first_rung", title, items=told, pictures=pictures)
