"""The report's page: composed from a source, then written as HTML, Markdown and files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from tuner.analysis import Analysis, analyse
from tuner.errors import DataError
from tuner.report.answers import answering, cautions
from tuner.report.answers.gathering import names_of
from tuner.report.answers.searches import number_word
from tuner.report.latex import to_latex
from tuner.report.markup import Drawing, render_html, render_inline, render_markdown, to_csv
from tuner.report.parts import Page, Picture, Section
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
BLANK = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'


@dataclass(frozen=True, eq=False)
class Report:
    """What a report says, and where its page was written.

    At the end of a notebook's cell it is shown as the page begins: the answers, the figures of the
    effects, and what could make them wrong.

    Attributes:
        answers: Plain sentences, the most important first.
        verdicts: What is said of each effect, with its interval.
        findings: One row a fault that was found: check, severity, what, where, why, remedy.
        effects: One row an effect: factor, contrast, given, estimate (in unit, as is ci_low,
            ci_high: its 95% interval), p, p_holm, replicates and further columns.
        first_level: What a notebook shows, as HTML without scripts.
        folder: Where the page was written; None where it was not.

    Examples:
        >>> found = tuner.report("runs.csv", width="filter_multiplier", depth="conv_blocks")
        >>> found.answers[0]
        'Each further block adds about 5 points.'
        >>> found.html.as_posix()
        'results/runs/report/report.html'
    """

    answers: list[str]
    verdicts: list[str] = field(repr=False)
    findings: pd.DataFrame = field(repr=False)
    effects: pd.DataFrame = field(repr=False)
    first_level: str = field(repr=False)
    folder: Path | None = None

    @property
    def html(self) -> Path:
        """The page, one file that needs no other.

        Raises:
            DataError: nothing was written.
        """
        return self._written("report.html")

    @property
    def markdown(self) -> Path:
        """The same as Markdown.

        Raises:
            DataError: nothing was written.
        """
        return self._written("report.md")

    def _written(self, name: str) -> Path:
        if self.folder is None:
            raise DataError("nothing was written of this report: tuner.report(…, output=FOLDER)")
        return self.folder / name

    def _repr_html_(self) -> str:
        return self.first_level


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
    drawings = draw_all(page.pictures)
    frames = {"effects": analysis.effects, "findings": analysis.findings}
    write_page(page, drawings, output, "report", frames)
    return report_of(page, analysis, drawings, output)


def write_page(
    page: Page,
    drawings: dict[str, Drawing],
    output: Path,
    name: str,
    frames: Mapping[str, pd.DataFrame],
) -> tuple[Path, Path]:
    """Write a page as name.html and name.md, its figures/ and tables/, and frames as CSV.

    Args:
        page: What is written.
        drawings: Of its pictures, by name.
        output: The folder; it is made when it is not there, and files of these names are replaced.
        name: Of the page's files.
        frames: By the name of their file.

    Returns:
        The paths of the HTML and of the Markdown.
    """
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


def tell(source: Source) -> Report:
    """Say what `write_report` would, and write nothing.

    Raises:
        DataError: nothing in the source can be compared; the message says why.
    """
    analysis = analyse_source(source)
    page = compose(source, analysis)
    return report_of(page, analysis, draw_all(page.lead.pictures))


def report_of(
    page: Page, analysis: Analysis, drawings: dict[str, Drawing], folder: Path | None = None
) -> Report:
    """What a page says, and its first level for a notebook, of which the drawings are needed."""
    return Report(
        answers=[answer.text for answer in page.answers],
        verdicts=list(analysis.verdicts),
        findings=analysis.findings,
        effects=analysis.effects,
        first_level=render_inline(page, drawings),
        folder=folder,
    )


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


def draw_all(pictures: Sequence[Picture]) -> dict[str, Drawing]:
    """Draw pictures, by name."""
    drawings = {}
    for picture in pictures:
        svg, png = draw(picture.figure)
        inline = on_page(svg, picture.name, picture.alternative)
        drawings[picture.name] = Drawing(svg, png, inline)
    return drawings


def leave_blank(page: Page) -> dict[str, Drawing]:
    """A blank for every picture of a page, by name, where nobody looks at them."""
    return dict.fromkeys((picture.name for picture in page.pictures), Drawing("", b"", BLANK))
