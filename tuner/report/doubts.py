"""What could make a comparison of studies wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from tuner.analysis.comparison import Comparison
from tuner.analysis.finding import SEVERITIES, Finding
from tuner.errors import DataError
from tuner.report.formats import sentence
from tuner.report.page import analyse_source
from tuner.report.sources.settings import OF_THE_DESIGN, is_file
from tuner.report.sources.source import Source
from tuner.words import listed


def find_doubts(
    sources: Sequence[Source], found: Comparison, settings: pd.DataFrame
) -> pd.DataFrame:
    """What could make the comparison wrong: its own faults, and the serious ones of each study."""
    told = [*faults(found, settings), *serious_of_each(sources)]
    told.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    columns = ["check", "severity", "what", "where", "why", "remedy"]
    return pd.DataFrame([{"check": "", **vars(finding)} for finding in told], columns=columns)


def faults(found: Comparison, settings: pd.DataFrame) -> Iterator[Finding]:
    """What is wrong with the comparison itself."""
    budgets = [model.sample.budget for model in found.models]
    if len(set(budgets)) > 1:
        each = listed("unknown" if budget is None else f"{budget}" for budget in budgets)
        yield Finding(
            "serious",
            f"the studies were trained for different numbers of epochs ({each})",
            "",
            "what learns fastest leads where training is short, so the budget alone can make "
            "effects differ",
            "train all of them for the same number of epochs",
        )
    others = different_treatments(settings, found.question.factors)
    if len(others) > 1:
        yield Finding(
            "warning",
            f"they differ in {len(others)} settings",
            listed(others, 6),
            "which of them made a difference, the comparison cannot say",
            "compare studies that differ in one setting",
        )
    same = found.differences.groupby("study", sort=False)["estimate"].agg(is_zero)
    for study in same[same].index:
        yield Finding(
            "warning",
            f"{study} and {found.differences['reference'].iloc[0]} have the same executions",
            "",
            "what was trained alike gives the same numbers, so that the comparison says nothing",
            "compare studies that differ in a setting or in their seed",
        )


def is_zero(estimates: "pd.Series[float]") -> bool:
    """Whether no effect differs at all, which chance alone never makes."""
    return bool(estimates.eq(0).all())


def different_treatments(settings: pd.DataFrame, factors: Sequence[str]) -> list[str]:
    """The settings that make the same cell of two studies another training; its files are one."""
    names = settings.loc[~settings["setting"].isin({*factors, *OF_THE_DESIGN}), "setting"]
    return list(dict.fromkeys("files of the space" if is_file(n) else n for n in names))


def serious_of_each(sources: Sequence[Source]) -> Iterator[Finding]:
    """The serious findings of each study's own report."""
    for source in sources:
        try:
            rows = analyse_source(source).findings
        except DataError as refusal:
            why = sentence(str(refusal))
            yield Finding("warning", f"{source.name} by itself cannot be reported", "", why, "")
            continue
        for row in rows[rows["severity"].eq("serious")].to_dict("records"):
            parts = {
                name: str(row[name]) for name in ("severity", "what", "where", "why", "remedy")
            }
            yield replace(Finding(**parts), what=f"{source.name}: {row['what']}")
