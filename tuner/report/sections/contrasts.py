"""The folded parts of the page about effects: every test, resampling, shares of variance."""

import pandas as pd

from tuner import plots
from tuner.analysis.overview import Analysis
from tuner.report import formats
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table
from tuner.report.sections.intervals import INTERVALS, interval_table
from tuner.report.sections.labels import axes_of
from tuner.report.sources.source import Source

EFFECT_COLUMNS: Columns = {
    "factor": ("factor", None),
    "contrast": ("contrast", None),
    "given": ("within", None),
    "estimate": ("effect", formats.change),
    **INTERVALS,
    ("hc3_low", "hc3_high"): ("robust (HC3)", formats.interval),
    "p": ("p", formats.probability),
    "p_holm": ("p (Holm)", formats.probability),
    "n": ("n", formats.count),
}
HOLM = (
    "p (Holm): adjusted by Holm's method for all the contrasts that are printed, so that one false "
    "verdict or more comes in at most 5 of 100 studies without any effect. Resolved: p (Holm) "
    "below 0.05. F tests ask whether the effects of one factor differ between levels of another."
)


def contrasts_section(source: Source, analysis: Analysis) -> Section:
    """Every contrast with its intervals and p-values, the pairs behind the steps, resampling."""
    effects, unit = analysis.effects, analysis.objective.unit_words
    main = effects[effects["kind"].isin(["growth", "step"])]
    steps = main[(main["kind"] == "step") & main["estimate"].notna()]
    pictures = []
    if len(analysis.pairs) and len(steps):
        pictures.append(_pairs_picture(source, analysis, steps))
    tables = [_effects_table("effects", main, f"Effects, in {unit}")]
    if len(analysis.interactions):
        tables.append(_interactions_table(analysis))
    within = effects[effects["kind"].str.startswith("conditional")]
    if len(within):
        caption = f"Effects within each level of the other factor, in {unit}"
        tables.append(_effects_table("conditional_effects", within, caption))
    if len(analysis.resampled):
        tables.append(_resampled_table(analysis))
    title = "Every test: intervals, p-values, pairs, resampling"
    return Section("tests", title, texts=[HOLM], pictures=pictures, tables=tables)


def _pairs_picture(source: Source, analysis: Analysis, steps: pd.DataFrame) -> Picture:
    """The differences within replicates behind each step."""
    return Picture(
        name="paired_differences",
        figure=plots.paired_differences(
            analysis.pairs,
            steps,
            unit=f"difference ({analysis.objective.unit_words})",
            axes=axes_of(source, analysis),
        ),
        numbers=analysis.pairs,
        caption="Each step within replicates. Blue: one dot a replicate; grey: single pairs "
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
