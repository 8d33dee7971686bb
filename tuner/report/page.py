"""The report's page: composed from a source, then written as HTML, Markdown and files."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from tuner.analysis import Analysis, analyse
from tuner.report.answers import answering, cautions
from tuner.report.answers.gathering import names_of
from tuner.report.answers.searches import number_word
from tuner.report.formats import sentence
from tuner.report.latex import to_latex
from tuner.report.parts import Page, Picture, Section, Table
from tuner.report.rendering import draw, on_page
from tuner.report.sections import (
    contrasts,
    costs,
    effects,
    epochs,
    first_rung,
    methods,
    selection,
)
from tuner.report.sections.labels import leading_factors
from tuner.report.sources.source import Source
from tuner.spreadsheet import as_csv
from tuner.words import printable

Part = Callable[[Source, Analysis], Section]
#: What stands open below the answers, in reading order: of a study that asks for effects ...
OPEN: tuple[Part, ...] = (
    effects.interaction_section,
    effects.steps_section,
    costs.budgets_section,
    costs.networks_section,
    epochs.curves_section,
)
#: ... and of a search.
OPEN_OF_SEARCH: tuple[Part, ...] = (
    costs.networks_section,
    selection.selection_section,
    selection.complete_section,
    epochs.fidelity_section,
)
#: What is folded: of a study that asks for effects, of a search, and of both.
FOLDED_OF_EFFECTS: tuple[Part, ...] = (
    effects.others_section,
    costs.cells_section,
    contrasts.contrasts_section,
    costs.all_budgets_section,
    costs.frontier_section,
    epochs.saturation_section,
    epochs.fidelity_section,
)
FOLDED_OF_SEARCH: tuple[Part, ...] = (
    costs.cells_section,
    costs.frontier_section,
    epochs.curves_section,
    first_rung.first_rung_section,
    effects.interaction_section,
    contrasts.contrasts_section,
    costs.budgets_section,
    costs.all_budgets_section,
)
FOLDED: tuple[Part, ...] = (
    epochs.learning_rate_section,
    contrasts.variance_section,
    methods.verdicts_section,
    methods.methods_section,
)
SOFTWARE = ("statsmodels", "scipy", "pandas", "numpy", "matplotlib")
FIRST_WARNINGS = 3  # stand on the page; the others are folded
BLANK = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
MAX_EMBEDDED = 3_000  # bytes of a CSV that the page carries itself; a larger one is linked


@dataclass(frozen=True)
class Report:
    """Where a report was written, and what it says."""

    folder: Path
    html: Path
    markdown: Path
    verdicts: list[str]
    findings: pd.DataFrame  # check, severity, what, where, why, remedy
    answers: list[str]  # plain sentences, the most important first


@dataclass(frozen=True)
class Drawing:
    """A picture as it is stored and as it stands on the page."""

    svg: str
    png: bytes
    inline: str


def write_report(source: Source, output: Path) -> Report:
    """Write report.html, report.md, effects.csv, figures/ and tables/ into a folder.

    Args:
        source: What is reported.
        output: The folder; it is made when it is not there, and files of these names are replaced.

    Raises:
        DataError: nothing in the source can be compared; the message says why.
    """
    analysis = analyse_source(source)
    page = compose(source, analysis)
    frames = {"effects": analysis.effects, "findings": analysis.findings}
    html, markdown = write_page(page, output, "report", frames)
    said = [answer.text for answer in page.answers]
    return Report(output, html, markdown, list(analysis.verdicts), analysis.findings, said)


def write_page(
    page: Page, output: Path, name: str, frames: Mapping[str, pd.DataFrame]
) -> tuple[Path, Path]:
    """Write a page as name.html and name.md, its figures/ and tables/, and frames as CSV.

    Args:
        page: What is written.
        output: The folder; it is made when it is not there, and files of these names are replaced.
        name: Of the page's files.
        frames: By the name of their file.

    Returns:
        The paths of the HTML and of the Markdown.
    """
    drawings = draw_all(page)
    for folder in (output, output / "figures", output / "tables"):
        folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        (output / f"{frame}.csv").write_text(to_csv(frames[frame]), encoding="utf-8")
    for picture in page.pictures:
        path = output / "figures" / picture.name
        path.with_suffix(".svg").write_text(drawings[picture.name].svg, encoding="utf-8")
        path.with_suffix(".png").write_bytes(drawings[picture.name].png)
        path.with_suffix(".csv").write_text(to_csv(picture.numbers), encoding="utf-8")
    for table in page.tables:
        path = output / "tables" / table.name
        path.with_suffix(".csv").write_text(to_csv(table.numbers), encoding="utf-8")
        path.with_suffix(".tex").write_text(to_latex(table.rows), encoding="utf-8")
    html, markdown = output / f"{name}.html", output / f"{name}.md"
    html.write_text(render_html(page, drawings), encoding="utf-8")
    markdown.write_text(render_markdown(page), encoding="utf-8")
    return html, markdown


def analyse_source(source: Source) -> Analysis:
    """Ask of a source's frames everything that the page tells."""
    return analyse(
        source.executions,
        source.question,
        history=source.history,
        cells=source.cells,
        facts=source.facts,
        tuning=source.tuning,
    )


def compose(source: Source, analysis: Analysis) -> Page:
    """Put the page together, without its sections that have nothing to say."""
    searched = answering.is_search(source, analysis)
    lead = selection.spending_section if searched else effects.effects_section
    open_parts = OPEN_OF_SEARCH if searched else OPEN
    findings = cautions.in_words(
        cautions.of_the_answer(analysis.findings, analysis.networks, searched),
        names_of(source, analysis),
    )
    folded = (*(FOLDED_OF_SEARCH if searched else FOLDED_OF_EFFECTS), *FOLDED)
    return Page(
        title=source.name,
        question=_question(source, analysis, searched),
        design=methods.design_line(source, analysis, searched),
        caution=cautions.caution(findings),
        answers=answering.answers(source, analysis),
        lead=lead(source, analysis),
        glosses=cautions.glosses(analysis, searched),
        depends=answering.depends(source, analysis),
        best=answering.best_network(source, analysis),
        findings=findings,
        sections=_told(open_parts, source, analysis),
        folded=_told(folded, source, analysis),
        provenance=methods.provenance(source, analysis),
        software=software(),
    )


def software() -> dict[str, str]:
    """What numbers and figures are computed with, and its versions."""
    return {name: version(name) for name in SOFTWARE}


def _told(parts: Sequence[Part], source: Source, analysis: Analysis) -> list[Section]:
    """The sections that have something to say."""
    sections = [part(source, analysis) for part in parts]
    return [section for section in sections if not section.is_empty]


def _question(source: Source, analysis: Analysis, searched: bool) -> str:
    """What the study asks, in words."""
    question, words = analysis.question, analysis.objective.words
    if searched:
        return f"Which network has the best {words}?"
    if analysis.fraction is not None:
        num = number_word(len(question.factors))
        return f"Which of {num} factors matter for {words}?"
    names = names_of(source, analysis)
    spoken = [names[factor].spoken for factor in leading_factors(analysis)]
    return f"How does {words} change with {' and '.join(spoken)}?"


def draw_all(page: Page) -> dict[str, Drawing]:
    """Draw every picture of a page, by name."""
    drawings = {}
    for picture in page.pictures:
        svg, png = draw(picture.figure)
        inline = on_page(svg, picture.name, picture.alternative)
        drawings[picture.name] = Drawing(svg, png, inline)
    return drawings


def leave_blank(page: Page) -> dict[str, Drawing]:
    """A blank for every picture of a page, by name, where nobody looks at them."""
    return dict.fromkeys((picture.name for picture in page.pictures), Drawing("", b"", BLANK))


def render_html(page: Page, drawings: dict[str, Drawing]) -> str:
    """Write the page as one HTML file that needs no other."""
    return _templates().get_template("report.html.j2").render(page=page, drawings=drawings)


def render_markdown(page: Page) -> str:
    """Write the page as Markdown, its figures as links."""
    return _templates().get_template("report.md.j2").render(page=page)


@cache
def _templates() -> Environment:
    """The templates beside this file; everything they print is escaped."""
    templates = Environment(
        loader=PackageLoader("tuner.report"),
        autoescape=lambda name: bool(name) and str(name).endswith(".html.j2"),
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"markdown": escape_markdown, "latex": to_latex, "sentence": sentence}
    templates.globals |= {"data_link": data_link, "num_first": FIRST_WARNINGS}
    return templates


def escape_markdown(text: Any) -> str:
    """Text that Markdown prints as it is: no tag, no table's border, no link, no new line."""
    one_line = " ".join(str(text).split())
    for sign, instead in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\\", "\\\\")):
        one_line = one_line.replace(sign, instead)
    for sign in ("`", "*", "|", "](", "~~"):
        one_line = one_line.replace(sign, "\\" + sign if sign != "](" else "]\\(")
    return one_line


def to_csv(rows: pd.DataFrame) -> str:
    """A frame as CSV; numbers to 12 digits, which every machine computes alike."""
    return as_csv(rows, float_format="%.12g")


def data_link(part: Picture | Table, folder: str) -> str:
    """Where the numbers behind a part are: in the link itself, or in a file where they are many."""
    numbers = part.numbers
    if numbers.size * 8 < MAX_EMBEDDED:  # a cell takes some eight bytes
        encoded = base64.b64encode(to_csv(numbers).encode()).decode()
        return f"data:text/csv;charset=utf-8;base64,{encoded}"
    return f"{folder}/{part.name}.csv"
