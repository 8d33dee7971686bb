"""The answers of a page: which kind of study it is, and what it leads with."""

from math import prod

from tuner.analysis.overview import Analysis
from tuner.analysis.strength import spans
from tuner.analysis.verdicts import is_resolved
from tuner.report.answers import searches
from tuner.report.answers.dependence import dependence_sentences
from tuner.report.answers.details import factor_detail
from tuner.report.answers.factors import factor_sentence
from tuner.report.answers.fractions import matters_sentence
from tuner.report.answers.gathering import gather, names_of, strongest_first
from tuner.report.formats import sentence
from tuner.report.parts import Answer
from tuner.report.sources.source import Source
from tuner.strategies import STRATEGIES

MOST_FACTORS = 4  # that have a sentence on the first screen


def is_search(source: Source, analysis: Analysis) -> bool:
    """Whether results had a say in what was trained, so that the page leads with what won."""
    strategy = STRATEGIES.get(source.facts.strategy or "")
    chose = strategy is not None and not strategy.is_known_beforehand and not strategy.covers
    return bool(chose or len(analysis.promotions) or source.facts.undesigned)


def answers(source: Source, analysis: Analysis) -> list[Answer]:
    """What the study says, the strongest first, in plain sentences."""
    if analysis.outcomes.forbids_verdicts:
        return [Answer(text) for text in analysis.verdicts[:1]]
    if is_search(source, analysis):
        return search_answers(source, analysis)
    if analysis.fraction is not None and not analysis.fraction.refusal:
        return [fraction_answer(source, analysis), *factor_answers(source, analysis)]
    if not analysis.effects["ci_low"].notna().any():
        names = names_of(source, analysis)
        return [Answer(searches.single_sentence(analysis.networks, names, analysis.objective))]
    return factor_answers(source, analysis)


def factor_answers(source: Source, analysis: Analysis) -> list[Answer]:
    """A sentence for each of the factors that matter most."""
    names = names_of(source, analysis)
    found = []
    for factor in strongest_first(analysis):
        own = analysis.effects[
            analysis.effects["factor"].eq(factor) & analysis.effects["by"].eq("")
        ]
        leading = own[own["leads"].astype(bool)]
        known = own[own["estimate"].notna()]
        naming = names[factor]
        if known.empty:
            if len(own):
                said = str(own["verdict"].iloc[0]).removeprefix("not estimable: ")
                found.append(
                    Answer(f"What {naming.spoken} does cannot be said.", sentence(said), factor)
                )
            continue
        if known["ci_low"].isna().all():
            said = factor_detail(known, names, naming, analysis.objective)
            found.append(
                Answer(f"What {naming.spoken} does has no interval.", sentence(said), factor)
            )
            continue
        told = gather(analysis, names, factor)
        detail = factor_detail(leading, names, naming, analysis.objective)
        found.append(Answer(factor_sentence(told), detail, factor))
    return found


def search_answers(source: Source, analysis: Analysis) -> list[Answer]:
    """What won, how sure that is, and what the search cannot say."""
    names, objective = names_of(source, analysis), analysis.objective
    best = searches.best_sentence(analysis.networks, analysis.num_tried, names, objective)
    command = "tuner complete" if source.facts.kind == "study" else "a grid of both"
    return [
        Answer(best),
        Answer(searches.unknown_sentence(names, command)),
    ]


def fraction_answer(source: Source, analysis: Analysis) -> Answer:
    """Which factors of a fraction matter."""
    sample = analysis.model.sample
    apart = spans(analysis.means).to_dict()
    seen = {row["factor"] for row in analysis.effects.to_dict("records") if is_resolved(row)}
    text = matters_sentence(
        {str(name): span for name, span in apart.items()},
        [str(name) for name in seen],
        names_of(source, analysis),
        analysis.objective,
        len(sample.design),
        prod(len(levels) for levels in sample.levels.values()),
    )
    return Answer(text)


def depends(source: Source, analysis: Analysis) -> list[str]:
    """What one effect depends on; nothing where no effect is told."""
    if analysis.outcomes.forbids_verdicts or is_search(source, analysis):
        return []
    names = names_of(source, analysis)
    return dependence_sentences(analysis.effects, analysis.interactions, names, analysis.objective)


def best_network(source: Source, analysis: Analysis) -> str:
    """The best network and its cost."""
    if is_search(source, analysis):  # whose answer has named it
        return searches.cost_sentence(analysis.networks)
    names = names_of(source, analysis)
    return searches.cheapest_sentence(analysis.networks, names, analysis.objective)
