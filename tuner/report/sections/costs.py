"""The parts of the page about cells and what they cost: the design, equal budgets, frontiers."""

import pandas as pd

from tuner import plots
from tuner.analysis.cells import over_other_factors
from tuner.analysis.overview import Analysis
from tuner.report import formats
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table
from tuner.report.sections.intervals import INTERVALS, interval_table
from tuner.report.sections.labels import leading_factors, over_what_was_trained
from tuner.report.sources.source import Source
from tuner.words import level_text

COSTS = {"params": "parameters", "flops": "FLOPs an image", "seconds": "seconds of training"}


def cells_section(source: Source, analysis: Analysis) -> Section:
    """Every cell of the design, holes with their reason."""
    factors = leading_factors(analysis)
    pictures = [_heatmap(source, analysis, *factors)] if len(factors) == 2 else []
    blocked = analysis.model.strata is not None
    columns: Columns = {
        **{name: (name, level_text) for name in analysis.question.factors},
        "mean": (analysis.objective.label, formats.level),
        "half_width": ("± to compare" if blocked else "± (95%)", formats.level),
        **({"half_width_alone": ("± alone", formats.level)} if blocked else {}),
        "sd": ("sd", formats.level),
        "n": ("n", formats.count),
        "params": ("parameters", formats.count),
        "flops": ("FLOPs", formats.size),
        "seconds": ("seconds", formats.number),
        "state": ("state", None),
        "reason": ("reason", _text),
    }
    shown = {name: entry for name, entry in columns.items() if analysis.cells[name].notna().any()}
    rows = formats.printed(analysis.cells, shown)
    held = (
        "; ± (95%): to compare cells, replicates held fixed; alone, with how much replicates differ"
        if blocked
        else "; ± (95%)"
    )
    table = Table("cells", rows, analysis.cells, f"Every cell of the design{held}")
    return Section("cells", "Cell by cell", pictures=pictures, tables=[table])


def _text(value: object) -> str:
    """A text, or nothing where there is none."""
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _heatmap(source: Source, analysis: Analysis, columns: str, rows: str) -> Picture:
    """The means of two factors' combinations, as a grid."""
    means = over_other_factors(analysis.cells, [rows, columns])
    orders = {
        name: [*levels, *(v for v in means[name].unique() if v not in levels)]
        for name, levels in analysis.model.sample.levels.items()
        if name in (rows, columns)
    }
    orders = {
        name: sorted(levels) if all(isinstance(v, float) for v in levels) else levels
        for name, levels in orders.items()
    }
    return Picture(
        name="heatmap",
        figure=plots.heatmap(
            means, rows=rows, columns=columns, orders=orders, unit=analysis.objective.label
        ),
        numbers=means,
        caption=f"Mean, half-width of the 95% interval and n for each combination of {rows} and "
        f"{columns}{over_what_was_trained(analysis)}; hatched: not trained, with its reason.",
        alternative=f"Grid of mean {analysis.objective.label}: {rows} down, {columns} along. The "
        "table below holds the numbers.",
    )


def budgets_section(source: Source, analysis: Analysis) -> Section:
    """Wide against deep at equal parameters, FLOPs and seconds."""
    pictures, tables, texts = [], [], []
    for cost, words in COSTS.items():
        pairs = analysis.matched.get(cost)
        if pairs is None or pairs.empty:
            if refusal := analysis.refusals.get(f"matched.{cost}"):
                texts.append(f"At equal {words}: {refusal}")
            continue
        label = f"deep − wide ({analysis.objective.unit_words})"
        picture = Picture(
            name=f"wide_against_deep_{cost}",
            figure=plots.matched_budgets(pairs, unit=label),
            numbers=pairs,
            caption=f"Networks of equal cost in {words}: right of zero the deeper one is better.",
            alternative=f"{label} at equal {words}, one row a pair. The numbers are in the table.",
        )
        pictures.append(picture)
        tables.append(_pairs_table(cost, words, pairs))
    title = "Wide or deep, at the same cost?"
    return Section("equal_budgets", title, texts=texts, pictures=pictures, tables=tables)


def _pairs_table(cost: str, words: str, pairs: pd.DataFrame) -> Table:
    """Pairs of equal cost, with the matching error."""
    columns: Columns = {
        "wide": ("wide", None),
        "deep": ("deep", None),
        "given": ("within", None),
        "cost_wide": ("cost of wide", formats.size),
        "cost_deep": ("cost of deep", formats.size),
        "matching_error": ("matching error", formats.ratio),
        "estimate": ("deep − wide", formats.change),
        **INTERVALS,
        "p_holm": ("p (Holm)", formats.probability),
        "n": ("n", formats.count),
        "verdict": ("verdict", None),
    }
    caption = f"Pairs at equal {words}; matching error: how much more the deep one costs"
    return interval_table(f"wide_against_deep_{cost}", pairs, columns, caption)


def frontier_section(source: Source, analysis: Analysis) -> Section:
    """Which cells no other beats at their cost."""
    pictures, texts = [], []
    for cost, words in COSTS.items():
        points = analysis.frontiers.get(cost)
        if points is None or points.empty:
            if refusal := analysis.refusals.get(f"frontiers.{cost}"):
                texts.append(f"By {words}: {refusal}")
            continue
        pictures.append(_frontier(source, analysis, cost, words, points))
    title = "The best at each cost"
    return Section("frontier", title, texts=texts, pictures=pictures)


def _frontier(
    source: Source, analysis: Analysis, cost: str, words: str, points: pd.DataFrame
) -> Picture:
    """Cells by cost, with the frontier."""
    color, marker = (*leading_factors(analysis), None)[:2]
    share = f"{points['on_frontier'].sum()} of {len(points)} cells"
    return Picture(
        name=f"frontier_{cost}",
        figure=plots.frontier(
            points,
            color=color,
            marker=marker,
            orders=dict(analysis.model.sample.levels),
            cost=words,
            unit=analysis.objective.label,
        ),
        numbers=points,
        caption=f"Cell means by {words}; {share} lie on the frontier: no other is at least as good "
        "at no more cost.",
        alternative=f"{analysis.objective.label} against {words}; {share} on the frontier.",
    )
