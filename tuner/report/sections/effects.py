"""The parts of the page about effects: of each factor, between factors, step by step."""

import pandas as pd

from tuner import plots
from tuner.analysis.cells import over_other_factors
from tuner.analysis.overview import Analysis
from tuner.report import formats
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table, file_name
from tuner.report.sections.intervals import INTERVALS, interval_table
from tuner.report.sections.labels import leading_factors, over_what_was_trained
from tuner.report.sources.source import Source

EFFECT_COLUMNS: Columns = {
    "factor": ("factor", None),
    "contrast": ("contrast", None),
    "given": ("within", None),
    "estimate": ("effect", formats.change),
    **INTERVALS,
    "p": ("p", formats.probability),
    "p_holm": ("p (Holm)", formats.probability),
    "pairs": ("same sign", None),
    "n": ("n", formats.count),
    "verdict": ("verdict", None),
}
MAX_INTERACTION_PICTURES = 3


def effect_picture(source: Source, analysis: Analysis, factor: str) -> Picture:
    """A factor's marginal means over the raw points."""
    question, sample = analysis.question, analysis.model.sample
    means = analysis.means[analysis.means["factor"] == factor]
    has_intervals = bool(means["ci_low"].notna().any())
    bars = "bars: 95% intervals" if has_intervals else "no interval can be given"
    if has_intervals and sample.blocked:
        bars += " for comparing levels, replicates held fixed"
    if analysis.fraction is not None:
        bars = "predicted by the model; the steps have the intervals"
    shown = means.head(12)
    read = "; ".join(
        f"{text}: {formats.level(mean)}"
        for text, mean in zip(shown["text"], shown["mean"], strict=True)
    )
    return Picture(
        name=f"effect_{question.role(factor) or file_name(factor)}",
        figure=plots.effect(
            means,
            sample.executions[["value"]].assign(level=sample.executions[factor]),
            factor=factor,
            unit=analysis.objective.label,
            log2=factor == question.width,
        ),
        numbers=means,
        caption=f"Effect of {factor}: marginal means, every combination of the other factors "
        f"weighted equally; {bars}; dots: single executions.",
        alternative=f"{analysis.objective.label} by {factor}. {read}",
    )


def effects_section(source: Source, analysis: Analysis) -> Section:
    """The figures of width and depth, or of the first two factors: the page's first screen."""
    factors = leading_factors(analysis)
    pictures = [effect_picture(source, analysis, factor) for factor in factors]
    return Section("effects", "Effects", pictures=pictures)


def steps_section(source: Source, analysis: Analysis) -> Section:
    """Every main effect as a number, with the pairs behind it, and the other factors' figures."""
    main = analysis.effects[analysis.effects["kind"].isin(["growth", "step"])]
    steps = main[(main["kind"] == "step") & main["estimate"].notna()]
    others = [
        f for f in analysis.model.sample.question.factors if f not in leading_factors(analysis)
    ]
    pictures = [effect_picture(source, analysis, factor) for factor in others[:6]]
    if len(analysis.pairs) and len(steps):
        pictures.append(_pairs_picture(source, analysis, steps))
    tables = [_effects_table("effects", main, "Effects, in " + analysis.objective.unit_words)]
    if len(analysis.resampled):
        tables.append(_resampled_table(analysis))
    return Section("steps", "Every step", pictures=pictures, tables=tables)


def _pairs_picture(source: Source, analysis: Analysis, steps: pd.DataFrame) -> Picture:
    """The differences within replicates behind each step."""
    return Picture(
        name="paired_differences",
        figure=plots.paired_differences(
            analysis.pairs,
            steps,
            unit=f"difference within a replicate ({analysis.objective.unit_words})",
        ),
        numbers=analysis.pairs,
        caption="Each step replicate by replicate. Blue: one dot a replicate; grey: single pairs "
        "that it averages; orange: the estimate with its 95% interval.",
        alternative="Differences between adjacent levels within replicates, one row a step.",
    )


def _effects_table(name: str, effects: pd.DataFrame, caption: str) -> Table:
    """Effects as they are printed."""
    return interval_table(name, effects, EFFECT_COLUMNS, caption)


def _resampled_table(analysis: Analysis) -> Table:
    """Permutation tests and bootstraps, where there are replicates enough."""
    columns: Columns = {
        "factor": ("factor", None),
        "contrast": ("contrast", None),
        "estimate": ("effect", formats.change),
        "permutation_p": ("p (permutation)", formats.probability),
        ("bootstrap_low", "bootstrap_high"): ("95% bootstrap", formats.interval),
        "replicates": ("replicates", formats.count),
        "reason": ("not done", None),
    }
    rows = formats.printed(analysis.resampled, columns)
    caption = (
        "Without assuming a normal residual: permutation within replicates, bootstrap over them"
    )
    return Table("resampled", rows, analysis.resampled, caption)


def interaction_section(source: Source, analysis: Analysis) -> Section:
    """Whether one factor's effect depends on another's level, and the effects within levels."""
    sample = analysis.model.sample
    if len(sample.question.factors) < 2:
        return Section("interaction", "Interaction")
    pairs = [tuple(leading_factors(analysis))]
    if len(analysis.interactions):
        resolved = analysis.interactions[analysis.interactions["resolved"].astype(bool)]
        pairs += list(resolved[["factor", "by"]].itertuples(index=False, name=None))
    unique = list({frozenset(pair): pair for pair in pairs}.values())
    pictures = [
        _interaction_picture(source, analysis, x, lines)
        for x, lines in unique[:MAX_INTERACTION_PICTURES]
    ]
    tables = [_interactions_table(analysis)] if len(analysis.interactions) else []
    within = analysis.effects[analysis.effects["kind"].str.startswith("conditional")]
    if len(within):
        caption = (
            f"Effects within each level of the other factor, in {analysis.objective.unit_words}"
        )
        tables.append(_effects_table("conditional_effects", within, caption))
    title = "Does one effect depend on the other?"
    return Section("interaction", title, pictures=pictures, tables=tables)


def _interaction_picture(source: Source, analysis: Analysis, x: str, lines: str) -> Picture:
    """One line a level of a factor over the levels of another."""
    question, orders = analysis.model.sample.question, analysis.model.sample.levels
    if lines == question.width:
        x, lines = lines, x
    means = over_other_factors(analysis.cells, [x, lines])
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
        ),
        numbers=means,
        caption=f"{x} within each level of {lines}: cell means"
        f"{' with 95% intervals' if has_bars else ''}{over_what_was_trained(analysis)}. Parallel "
        "lines mean that the two effects add up; lines moved apart a little"
        f"{' to keep bars visible' if has_bars else ''}.",
        alternative=f"{analysis.objective.label} by {x}, one line for each level of {lines}.",
    )


def _interactions_table(analysis: Analysis) -> Table:
    """The F test of each pair of factors."""
    columns: Columns = {
        "factor": ("factor", None),
        "by": ("by", None),
        "f": ("F", formats.number),
        ("df", "df_residual"): (
            "degrees of freedom",
            lambda a, b: f"{formats.count(a)}, {formats.count(b)}",
        ),
        "p": ("p", formats.probability),
        "p_holm": ("p (Holm)", formats.probability),
        "resolved": ("resolved", formats.yes),
        "reason": ("not tested", None),
    }
    rows = formats.printed(analysis.interactions, columns)
    return Table("interactions", rows, analysis.interactions, "Interactions: F tests")


def variance_section(source: Source, analysis: Analysis) -> Section:
    """What the spread between executions is made of, and what difference could have been seen."""
    tables = [_shares_table(analysis)] if len(analysis.shares) else []
    if analysis.detectable["detectable"].notna().any():
        tables.append(_detectable_table(source, analysis))
    refusal = analysis.refusals.get("shares")
    texts = [f"Shares of variance: {refusal}"] if refusal else []
    return Section("variance", "What the spread is made of", texts=texts, tables=tables)


def _shares_table(analysis: Analysis) -> Table:
    """The ANOVA's shares of variance."""
    columns: Columns = {
        "term": ("term", None),
        "share": ("share of variance", formats.share),
        "sum_sq": ("sum of squares", formats.number),
        "df": ("df", formats.count),
        "f": ("F", formats.number),
        "error_df": ("df of its error", formats.count),
        "p": ("p", formats.probability),
    }
    caption = "Shares of variance, interactions, replicates and seeds included"
    rows = formats.printed(analysis.shares, columns)
    return Table("variance_shares", rows, analysis.shares, caption)


def _detectable_table(source: Source, analysis: Analysis) -> Table:
    """The smallest effects that the study could have seen."""
    columns: Columns = {
        "factor": ("factor", None),
        "contrast": ("contrast", None),
        "detectable": ("could have been seen", formats.level),
    }
    main = analysis.detectable[analysis.effects["by"].eq("")]
    caption = (
        f"Smallest effect seen with 80% power at the 5% level, in {analysis.objective.unit_words}"
    )
    return Table("detectable", formats.printed(main, columns), analysis.detectable, caption)
