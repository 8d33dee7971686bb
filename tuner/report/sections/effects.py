"""The parts of the page about effects: of each factor, between factors, step by step."""

from collections.abc import Sequence

import pandas as pd

from tuner import plots
from tuner.analysis.arrangement import arrange, keep_combinations
from tuner.analysis.cells import over_other_factors
from tuner.analysis.overview import Analysis
from tuner.report import formats
from tuner.report.answers.dependence import dependence_sentences
from tuner.report.answers.details import contrast_text
from tuner.report.answers.gathering import names_of, strongest_first
from tuner.report.answers.naming import Naming, given_in_words
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table, file_name
from tuner.report.sections.labels import axes_of, leading_factors, over_what_was_trained
from tuner.report.sources.source import Source


def effect_picture(source: Source, analysis: Analysis, factor: str, by: str | None) -> Picture:
    """A factor's marginal means over the design: lines for the levels of another factor."""
    question = analysis.question
    means = analysis.means[analysis.means["factor"] == factor]
    names = names_of(source, analysis)
    lines = None if by is None else design_lines(analysis, factor, by)
    shown = means.head(12)
    read = "; ".join(
        f"{names[factor].level(text)}: {formats.level(mean)}"
        for text, mean in zip(shown["text"], shown["mean"], strict=True)
    )
    return Picture(
        name=f"effect_{question.role(factor) or file_name(factor)}",
        figure=plots.effect(
            means,
            design_points(analysis, factor, by),
            factor=factor,
            unit=analysis.objective.label,
            log2=factor == question.width,
            lines=lines,
            by=by or "",
            axes=axes_of(source, analysis),
            is_share=analysis.objective.is_share,
        ),
        numbers=means,
        caption=effect_caption(analysis, means, names, factor, by),
        alternative=f"{analysis.objective.label} by {names[factor].spoken}. {read}",
    )


def effect_caption(
    analysis: Analysis, means: pd.DataFrame, names: dict[str, Naming], factor: str, by: str | None
) -> str:
    """What the marks of an effect's figure are, and where no mean is drawn."""
    has_intervals = bool(means["ci_low"].notna().any())
    bars = "bars: 95% intervals" if has_intervals else "no interval can be given"
    if has_intervals and analysis.model.sample.blocked:
        bars += " for comparing levels, replicates held fixed"
    if analysis.fraction is not None:
        bars = "predicted by the model over all combinations, trained or not"
    text = f"Thick: the mean at each level of {names[factor].spoken}, all combinations weighted "
    text += f"alike ({bars})."
    if by is not None:
        text += f" Faint: each level of {names[by].spoken}."
    text += " Dots: single trainings"
    if means["mean"].isna().any():
        return f"{text}. No mean where no network has every level beside it."
    given = str(means["given"].iloc[0])
    if given and analysis.fraction is None:
        return f"{text}; hollow: not in the means ({given_in_words(given, names)})."
    return f"{text}."


def design_lines(analysis: Analysis, factor: str, by: str) -> pd.DataFrame:
    """The mean of each combination of two factors: level, by, mean, in the order of levels."""
    means = over_other_factors(analysis.cells[analysis.cells["mean"].notna()], [factor, by])
    order = {level: place for place, level in enumerate(analysis.model.sample.levels[by])}
    means = means[means[by].isin(list(order))]
    means = means.sort_values(by, key=lambda levels: levels.map(order), kind="stable")
    return means.rename(columns={factor: "level", by: "by"})[["level", "by", "mean"]]


def design_points(analysis: Analysis, factor: str, by: str | None) -> pd.DataFrame:
    """Every execution with its level, the other factor's, and whether the means have it."""
    model = analysis.model
    executions = model.sample.executions
    points = executions[["value"]].assign(level=executions[factor])
    if by is not None:
        points["by"] = executions[by]
    if analysis.fraction is None:
        kept = keep_combinations(arrange(model, factor), len(model.sample.levels[factor]))
        points["counted"] = executions["cell"].isin(kept.cell)
    return points


def effects_section(source: Source, analysis: Analysis) -> Section:
    """The figures of width and depth, or of the first two factors: the page's first screen."""
    factors = leading_factors(analysis)
    strongest = [name for name in strongest_first(analysis) if name in factors]
    pictures = [
        effect_picture(source, analysis, factor, other_of(factor, factors)) for factor in strongest
    ]
    return Section("effects", "Effects", pictures=pictures)


def other_of(factor: str, factors: Sequence[str]) -> str | None:
    """The other of two factors; None where there is none."""
    return next((name for name in factors if name != factor), None)


def others_section(source: Source, analysis: Analysis) -> Section:
    """The figures of the factors that do not lead."""
    leading = leading_factors(analysis)
    others = [name for name in analysis.model.sample.question.factors if name not in leading]
    pictures = [effect_picture(source, analysis, name, leading[0]) for name in others[:6]]
    return Section("other_factors", "The other factors", pictures=pictures)


def steps_section(source: Source, analysis: Analysis) -> Section:
    """Every change in words, with its interval and in how many pairs it has its sign."""
    names = names_of(source, analysis)
    effects = analysis.effects
    is_told = effects["kind"].eq("step") | effects["leads"].astype(
        bool
    )  # no line that does not fit
    main = effects[effects["by"].eq("") & effects["estimate"].notna() & is_told]
    if main.empty:
        return Section("steps", "Step by step")
    order = {name: place for place, name in enumerate(strongest_first(analysis))}
    main = main.sort_values("factor", key=lambda factors: factors.map(order), kind="stable")
    columns: Columns = {
        "factor": ("factor", lambda name: names[name].spoken),
        ("factor", "contrast"): ("change", lambda name, text: contrast_text(text, names[name])),
        "estimate": (f"effect ({analysis.objective.spoken_unit})", formats.change),
        ("ci_low", "ci_high"): ("95% interval", formats.interval),
        "pairs": ("same sign in pairs", None),
    }
    rows = formats.printed(main, columns)
    table = Table("steps", rows, main, "What each change does, by itself")
    return Section("steps", "Step by step", tables=[table])


def interaction_section(source: Source, analysis: Analysis, num: int = 1) -> Section:
    """Whether one factor's effect depends on another's level, in so many figures."""
    sample = analysis.model.sample
    if len(sample.question.factors) < 2:
        return Section("interaction", "Interaction")
    pairs = [tuple(leading_factors(analysis))]
    if len(analysis.interactions):
        resolved = analysis.interactions[analysis.interactions["resolved"].astype(bool)]
        pairs += list(resolved[["factor", "by"]].itertuples(index=False, name=None))
    unique = list({frozenset(pair): pair for pair in pairs}.values())
    pictures = [_interaction_picture(source, analysis, x, lines) for x, lines in unique[:num]]
    title = "Does one effect depend on the other?"
    return Section("interaction", title, pictures=pictures)


def pair_finding(source: Source, analysis: Analysis, one: str, other: str) -> str:
    """What the effect of one of two factors depends on; "" where it was not tested."""
    tested = analysis.interactions
    if len(tested):
        tested = tested[tested["factor"].isin([one, other]) & tested["by"].isin([one, other])]
    names = names_of(source, analysis)
    return " ".join(dependence_sentences(analysis.effects, tested, names, analysis.objective))


def _interaction_picture(source: Source, analysis: Analysis, x: str, lines: str) -> Picture:
    """One line a level of a factor over the levels of another."""
    question, orders = analysis.model.sample.question, analysis.model.sample.levels
    if lines == question.width:
        x, lines = lines, x
    means = over_other_factors(analysis.cells, [x, lines])
    names = names_of(source, analysis)
    is_leading = {x, lines} == set(leading_factors(analysis))
    has_bars = means["half_width"].notna().any()
    return Picture(
        name="interaction" if is_leading else f"interaction_{file_name(x)}_{file_name(lines)}",
        figure=plots.interaction(
            means,
            x=x,
            lines=lines,
            orders=dict(orders),
            unit=analysis.objective.label,
            log2=x == question.width,
            axes=axes_of(source, analysis),
            is_share=analysis.objective.is_share,
        ),
        numbers=means,
        finding=pair_finding(source, analysis, x, lines),
        caption=f"Means of {names[x].spoken} at each level of {names[lines].spoken}"
        f"{', with 95% intervals' if has_bars else ''}{over_what_was_trained(analysis)}. Parallel "
        "lines mean that the two effects add up.",
        alternative=f"{analysis.objective.label} by {names[x].spoken}, one line for each level of "
        f"{names[lines].spoken}.",
    )
