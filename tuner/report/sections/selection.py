"""The part of the page about a search that selects: its promotions, and what its epochs bought."""

from tuner import plots
from tuner.analysis.overview import Analysis
from tuner.report import formats
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table
from tuner.report.sources.source import Source

TEXT = (
    "Promotions pick the best of a rung, so that what was trained for longest is a biased sample: "
    "it serves to select, not to estimate effects. A cosine learning rate falls over the full "
    "budget, so that a trial of a smaller budget ended at a high rate. For effects around the "
    "best cell: tuner complete STUDY."
)


def selection_section(source: Source, analysis: Analysis) -> Section:
    """What was promoted, and the best so far against the epochs spent."""
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
        "promoted": ("which", None),
    }
    rows = formats.printed(analysis.promotions, columns)
    table = Table("promotions", rows, analysis.promotions, "Rungs, in the order of the search")
    picture = Picture(
        name="best_so_far",
        figure=plots.best_so_far(analysis.best_so_far, unit=analysis.objective.label),
        numbers=analysis.best_so_far,
        caption="The best trial so far against the epochs spent; marks: the trials, means over "
        "replicates.",
        alternative=f"Best {analysis.objective.label} so far against epochs spent.",
    )
    return Section("selection", title, texts=[TEXT], pictures=[picture], tables=[table])
