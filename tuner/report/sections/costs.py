"""The parts of the page about cells and what they cost: the design, equal budgets, frontiers."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from tuner import plots
from tuner.analysis.cells import over_other_factors
from tuner.analysis.overview import Analysis
from tuner.analysis.verdicts import is_resolved
from tuner.report import formats
from tuner.report.answers import searches
from tuner.report.answers.gathering import names_of
from tuner.report.answers.naming import Naming, given_in_words
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table
from tuner.report.sections.intervals import INTERVALS, interval_table
from tuner.report.sections.labels import axes_of, leading_factors, over_what_was_trained
from tuner.report.sources.source import Source
from tuner.words import counted, duration, level_text

MOST_PAIRS = 8  # of equal cost in a figure, so that it fits on a sheet of paper
NUM_BEST = 5  # networks on the page; the table's file has them all
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
        "params": ("parameters", formats.size),
        "flops": ("FLOPs", formats.size),
        "seconds": ("training", _time),
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
    names = names_of(source, analysis)
    upwards, rightwards = names[rows].spoken, names[columns].spoken
    return Picture(
        name="heatmap",
        figure=plots.heatmap(
            means,
            rows=rows,
            columns=columns,
            orders=orders,
            unit=analysis.objective.label,
            axes=axes_of(source, analysis),
        ),
        numbers=means,
        finding=searches.cheapest_sentence(analysis.networks, names, analysis.objective),
        caption=f"Mean and half-width of its 95% interval for each combination of {upwards} and "
        f"{rightwards}{over_what_was_trained(analysis)}; hatched: not trained, with its reason.",
        alternative=f"Grid of mean {analysis.objective.label}: {upwards} upwards, {rightwards} to "
        "the right. The table below holds the numbers.",
    )


def budgets_section(source: Source, analysis: Analysis) -> Section:
    """Wide against deep at the first cost that can be matched, in one figure."""
    title = "Wide or deep, at the same cost?"
    costs = matched_costs(analysis)
    pictures = [_budget_picture(source, analysis, cost) for cost in costs[:1]]
    others = " ".join(budget_text(analysis, cost) for cost in costs[1:])
    pictures = [replace(shown, caption=f"{shown.caption} {others}".strip()) for shown in pictures]
    return Section("equal_budgets", title, pictures=pictures)


def budget_text(analysis: Analysis, cost: str) -> str:
    """Which of wide and deep is better at one cost, in how many of the pairs."""
    pairs, sign = analysis.matched[cost], analysis.objective.sign
    within = f"At equal {COSTS[cost]} (within {pairs['matching_error'].abs().max():.0%})"
    tested = [row for row in pairs.to_dict("records") if row["p_holm"] == row["p_holm"]]
    if not tested:
        return f"{within} none of {counted(len(pairs), 'pair')} could be tested."
    won = [sign * row["estimate"] > 0 for row in tested if is_resolved(row)]
    num = f"of {counted(len(tested), 'pair')}"
    if not won:
        return f"{within} neither is told to be better in any {num}."
    deeper, wider = sum(won), len(won) - sum(won)
    text = f"{within} the {'deeper' if deeper else 'wider'} network is better in "
    text += f"{deeper or wider} {num}"
    return f"{text}, the wider in {wider}." if deeper and wider else f"{text}."


def all_budgets_section(source: Source, analysis: Analysis) -> Section:
    """Wide against deep at every cost: the other figures, all pairs, and what was refused."""
    costs = matched_costs(analysis)
    refused = [
        f"At equal {words}: {analysis.refusals[f'matched.{cost}']}."
        for cost, words in COSTS.items()
        if f"matched.{cost}" in analysis.refusals
    ]
    return Section(
        "every_budget",
        "Wide or deep, pair by pair",
        texts=refused,
        pictures=[_budget_picture(source, analysis, cost) for cost in costs[1:]],
        tables=[_pairs_table(source, analysis, cost) for cost in costs],
    )


def matched_costs(analysis: Analysis) -> list[str]:
    """The costs at which some cells can be compared."""
    return [cost for cost in COSTS if len(analysis.matched.get(cost, ()))]


def _in_words(source: Source, analysis: Analysis, pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs whose networks are told in words."""
    names = names_of(source, analysis)
    told = {
        column: [given_in_words(text, names) if text else "" for text in pairs[column]]
        for column in ("wide", "deep", "given")
    }
    return pairs.assign(**told)


def _budget_picture(source: Source, analysis: Analysis, cost: str) -> Picture:
    """Pairs of equal cost, wide and deep."""
    label, words = f"deep − wide ({analysis.objective.unit_words})", COSTS[cost]
    pairs = analysis.matched[cost]
    closest = pairs["matching_error"].abs().nsmallest(MOST_PAIRS, keep="first").index
    shown = pairs[pairs.index.isin(closest)]
    left_out = (
        ""
        if len(shown) == len(pairs)
        else (f" The {len(shown)} of {len(pairs)} that are closest in cost; the table has all.")
    )
    return Picture(
        name=f"wide_against_deep_{cost}",
        figure=plots.matched_budgets(_in_words(source, analysis, shown), unit=label),
        numbers=pairs,
        finding=budget_text(analysis, cost),
        caption=f"Networks of equal cost in {words}: right of zero the deeper one is better."
        f"{left_out}",
        alternative=f"{label} at equal {words}, one row a pair. The numbers are in the table.",
    )


def _pairs_table(source: Source, analysis: Analysis, cost: str) -> Table:
    """Pairs of equal cost, with the matching error."""
    pairs = analysis.matched[cost]
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
    }
    caption = f"Pairs at equal {COSTS[cost]}; matching error: how much more the deep one costs"
    found = interval_table(
        f"wide_against_deep_{cost}", _in_words(source, analysis, pairs), columns, caption
    )
    return replace(found, numbers=pairs)


def networks_section(source: Source, analysis: Analysis) -> Section:
    """The best networks, with what they cost and how far the others are behind."""
    names, networks = names_of(source, analysis), analysis.networks
    columns: Columns = {
        **{name: (naming.spoken, _level_of(naming)) for name, naming in names.items()},
        "mean": (analysis.objective.label, formats.level),
        ("low", "high"): (
            "lowest, highest",
            lambda low, high: f"{formats.level(low)}, {formats.level(high)}",
        ),
        "n": ("trainings", formats.count),
        "behind": ("behind the best", formats.level),
        ("behind_low", "behind_high"): ("95% interval", formats.interval),
        "params": ("parameters", formats.size),
        "flops": ("FLOPs an image", formats.size),
        "seconds": ("training", _time),
    }
    known = {
        key: entry for key, entry in columns.items()
        if networks[key if isinstance(key, str) else key[0]].notna().any()
    }  # fmt: skip
    rows = formats.printed(networks.head(NUM_BEST), known)
    caption = (
        f"The best {min(NUM_BEST, len(networks))} of {len(networks)}; behind: paired by replicate. "
        "The highest of many is high partly by luck"
    )
    table = Table("networks", rows, networks, caption)
    return Section("networks", "The best networks", tables=[table])


def _level_of(naming: Naming) -> Callable[[object], str]:
    """How a factor's levels are written."""
    return lambda level: naming.level(level_text(level)) if naming.unit else level_text(level)


def _time(seconds: float) -> str:
    """A time of training; nothing where it is not known."""
    return formats.ABSENT if pd.isna(seconds) else duration(seconds)


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
            axes=axes_of(source, analysis),
        ),
        numbers=points,
        finding=f"{share} are the best at their cost in {words}.",
        caption=f"Cell means by {words}; on the frontier no other is at least as good at no more "
        "cost.",
        alternative=f"{analysis.objective.label} against {words}; {share} on the frontier.",
    )
