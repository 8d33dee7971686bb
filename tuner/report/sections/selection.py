"""The part of the page about a search that selects: its promotions, and what its epochs bought."""

from tuner import plots
from tuner.analysis.overview import Analysis
from tuner.report import formats
from tuner.report.answers.gathering import names_of
from tuner.report.answers.naming import Naming, given_in_words
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table
from tuner.report.sources.source import Source

TEXT = (
    "Promotions pick the best of a rung, so that what was trained for longest is a biased sample: "
    "it serves to select, not to estimate effects. A cosine learning rate falls over the full "
    "budget, so that a trial of a smaller budget ended at a high rate."
)
COMPLETE = (
    "For effects of every factor around the best network: tuner complete STUDY trains the "
    "networks that the search left out, at the full budget, and reports them as a factorial."
)


def spending_section(source: Source, analysis: Analysis) -> Section:
    """The best so far against the epochs spent: the figure beside a search's answer."""
    if analysis.best_so_far.empty:
        return Section("effects", "The search")
    picture = Picture(
        name="best_so_far",
        figure=plots.best_so_far(analysis.best_so_far, unit=analysis.objective.label),
        numbers=analysis.best_so_far,
        caption="The best trial so far against the epochs spent; marks: the trials, means over "
        "replicates. What lies below the last step is the regret of stopping there.",
        alternative=f"Best {analysis.objective.label} so far against epochs spent.",
    )
    return Section("effects", "The search", pictures=[picture])


def complete_section(source: Source, analysis: Analysis) -> Section:
    """What would tell the effects that a search cannot."""
    texts = [COMPLETE] if source.facts.kind == "study" else []
    return Section("complete", "And the effects?", texts=texts)


def selection_section(source: Source, analysis: Analysis) -> Section:
    """What was promoted from rung to rung."""
    title = "What did the search select?"
    if analysis.promotions.empty:
        return Section("selection", title)
    columns: Columns = {
        "bracket": ("bracket", formats.count),
        "rung": ("rung", formats.count),
        "epochs": ("epochs", formats.count),
        "num_trials": ("trials", formats.count),
        "num_promoted": ("promoted", formats.count),
        "best": (f"best {analysis.objective.label}", formats.level),
        ("low", "high"): ("lowest, highest", lambda *ends: ", ".join(map(formats.level, ends))),
        "promoted": ("which", lambda cells: in_words(cells, names_of(source, analysis))),
    }
    rows = formats.printed(analysis.promotions, columns)
    table = Table("promotions", rows, analysis.promotions, "Rungs, in the order of the search")
    return Section("selection", title, texts=[TEXT], tables=[table, regret_table(analysis)])


def regret_table(analysis: Analysis) -> Table:
    """What it would have cost to stop at each point from which the best was a better one."""
    spending = analysis.best_so_far
    better = spending[~spending["best"].duplicated() & spending["best"].notna()]
    columns: Columns = {
        "spent": ("epochs spent", formats.count),
        "best": (f"best so far, {analysis.objective.label}", formats.level),
        "regret": (f"regret ({analysis.objective.spoken_unit})", formats.level),
    }
    caption = "Regret: how far the best so far was behind the best at the end"
    return Table("regret", formats.printed(better, columns), better, caption)


def in_words(cells: str, names: dict[str, Naming]) -> str:
    """Promoted cells in words: "4 blocks, 8 filters; 3 blocks, 16 filters"."""
    return "; ".join(given_in_words(cell, names) for cell in cells.split("; "))
