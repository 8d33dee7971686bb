"""The parts of the page about budgets: saturation, learning curves, fidelity, learning rates."""

import numpy as np
import pandas as pd

from tuner import plots
from tuner.analysis.curves import STILL_RISING_PP, average_curves, late_gains
from tuner.analysis.fidelity import trusted_from
from tuner.analysis.overview import Analysis
from tuner.analysis.saturation import saturation_curve
from tuner.report import formats
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table
from tuner.report.sections.labels import axes_of, leading_factors
from tuner.report.sources.source import Source


def saturation_section(source: Source, analysis: Analysis) -> Section:
    """Whether width runs out."""
    width = analysis.model.sample.question.width
    if width is None:
        return Section("saturation", "Does width run out?")
    if analysis.saturation.empty:
        refusal = analysis.refusals.get("saturation")
        texts = [f"No curve was fitted: {refusal}."] if refusal else []
        return Section("saturation", "Does width run out?", texts=texts)
    means = analysis.means[analysis.means["factor"] == width]
    levels = means["level"].astype(float)
    fits = analysis.saturation[analysis.saturation["fits"]]  # no curve is drawn through others
    pictures = []
    if fits["given"].eq("").any():
        curves = saturation_curve(fits, levels.min(), levels.max())
        over_all = curves[curves["given"].eq("")]
        pictures.append(
            Picture(
                name="saturation",
                figure=plots.saturation(
                    means,
                    over_all,
                    factor=width,
                    unit=analysis.objective.label,
                    axes=axes_of(source, analysis),
                ),
                numbers=curves,
                caption=f"error = a + b / {width}^c, fitted to the marginal means.",
                alternative=f"Fitted saturation curve of {analysis.objective.label} over {width}.",
            )
        )
    columns: Columns = {
        "given": ("within", None),
        "parameter": ("parameter", None),
        "estimate": ("estimate", formats.number),
        ("ci_low", "ci_high"): ("95% interval", formats.interval),
    }
    fitted = analysis.saturation.drop_duplicates("given").to_dict("records")
    said = [f"{fit['given'] or 'over all'}: {fit['verdict']}." for fit in fitted]
    rows = formats.printed(analysis.saturation, columns)
    table = Table(
        "saturation", rows, analysis.saturation, "Fits; a: the error that no width removes"
    )
    title = "Does width run out?"
    return Section("saturation", title, items=said, pictures=pictures, tables=[table])


def curves_section(source: Source, analysis: Analysis) -> Section:
    """How the objective grew with the epochs."""
    if analysis.curves.empty:
        refusal = analysis.refusals.get("curves")
        return Section("curves", "Learning curves", texts=[refusal] if refusal else [])
    lines, panels = (*leading_factors(analysis), None)[:2]
    assert lines is not None
    shown = average_curves(analysis.curves, [f for f in (lines, panels) if f])
    axes = axes_of(source, analysis)
    beside = f"; side by side: {axes[panels].name}" if panels else ""
    picture = Picture(
        name="learning_curves",
        figure=plots.learning_curves(
            shown,
            lines=lines,
            panels=panels,
            orders=dict(analysis.model.sample.levels),
            unit=analysis.objective.label,
            axes=axes,
        ),
        numbers=analysis.curves,
        finding=curves_finding(analysis),
        caption=f"Mean over replicates at each epoch; shaded: their range{beside}. A curve that "
        "still rises at the end says that more epochs might change the order.",
        alternative=f"{analysis.objective.label} by epoch, one line for each level of {lines}.",
    )
    return Section("curves", "Learning curves", pictures=[picture])


def curves_finding(analysis: Analysis) -> str:
    """How many cells were still learning at the end; "" where that cannot be told."""
    late = late_gains(analysis.curves, analysis.model.sample.question)
    if late is None:
        return ""
    return (
        f"{len(late.rising) or 'None'} of {len(late.gains)} cells gained more than "
        f"{STILL_RISING_PP:g} point after epoch {late.start:g}."
    )


def fidelity_section(source: Source, analysis: Analysis) -> Section:
    """Whether fewer epochs would have given the same order of cells."""
    texts, pictures, tables = [], [], []
    if len(analysis.fidelity):
        texts.append(_trust_sentence(analysis.fidelity))
        picture = Picture(
            name="fidelity",
            figure=plots.fidelity(analysis.fidelity),
            numbers=analysis.fidelity,
            caption="Agreement of the order of the cells at each epoch with the order at the end "
            "(Kendall's τ over cell means); dotted: how well two seeds agree at the end.",
            alternative="Kendall's tau between the order at each epoch and the order at the end.",
        )
        pictures.append(picture)
    elif refusal := analysis.refusals.get("fidelity"):
        texts.append(refusal)
    if len(analysis.rungs):
        pictures.append(_rungs_picture(source, analysis))
        tables.append(_rungs_table(analysis))
    title = "Could fewer epochs have told the same?"
    return Section("fidelity", title, texts=texts, pictures=pictures, tables=tables)


def _trust_sentence(agreement: pd.DataFrame) -> str:
    """From which epoch on the order could have been trusted."""
    first, last = trusted_from(agreement), int(agreement["epoch"].max())
    start = agreement.iloc[0]
    early = (
        f"At epoch {start['epoch']:.0f} the order of the cell means agreed with the final one to "
        f"τ = {formats.level(start['tau'])} (across seeds τ = "
        f"{formats.level(start['tau_across'])}; over cell means ρ = {formats.level(start['rho'])}, "
        f"{start['num_cells']:.0f} cells, range {formats.level(start['range'])})."
    )
    if first is None or first >= last:
        return f"{early} It could be trusted only at the end, epoch {last}."
    return f"{early} From epoch {first} of {last} on it agreed as well as seeds allow."


def _rungs_picture(source: Source, analysis: Analysis) -> Picture:
    """The cell means of two budgets against each other."""
    return Picture(
        name="rung_agreement",
        figure=plots.rung_agreement(analysis.rung_points, unit=analysis.objective.label),
        numbers=analysis.rung_points,
        caption="The same cells at two budgets; dotted: no change.",
        alternative="Cell means at a smaller budget against those at a larger one.",
    )


def _rungs_table(analysis: Analysis) -> Table:
    """Agreement of each pair of budgets."""
    columns: Columns = {
        "low_epochs": ("smaller budget", formats.count),
        "high_epochs": ("larger budget", formats.count),
        "tau": ("Kendall's τ", formats.level),
        "rho": ("Spearman's ρ", formats.level),
        "ceiling": ("seed to seed", formats.level),
        "num_cells": ("cells", formats.count),
        ("range_low", "range_high"): ("ranges", lambda a, b: f"{a:.2f}, {b:.2f}"),
    }
    rows = formats.printed(analysis.rungs, columns)
    return Table("rung_agreement", rows, analysis.rungs, "Agreement of budgets, in epochs")


def learning_rate_section(source: Source, analysis: Analysis) -> Section:
    """Which learning rate each cell liked best."""
    rates = analysis.learning_rates
    if rates.empty:
        return Section("learning_rate", "Learning rates")
    lines = leading_factors(analysis)[-1]
    factors = list(analysis.question.factors)
    named = rates.assign(cell=rates[factors].astype(str).agg(", ".join, axis="columns"))
    best = named[named["best"].astype(bool)]
    num_edge = int(np.count_nonzero(best["at_edge"]))
    picture = Picture(
        name="learning_rate",
        figure=plots.learning_rate(
            named,
            lines=lines,
            orders=dict(analysis.model.sample.levels),
            unit=analysis.objective.label,
            axes=axes_of(source, analysis),
        ),
        numbers=rates,
        caption=f"Each line is a cell; its best rate is marked. In {num_edge} of {len(best)} cells "
        "it lies at the edge of what was tried.",
        alternative=f"{analysis.objective.label} by learning rate, one line a cell.",
    )
    return Section("learning_rate", "Learning rates", pictures=[picture])
