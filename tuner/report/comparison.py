"""Two studies or more on one page: composed from their sources, written as HTML, Markdown, CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tuner.analysis.alignment import Side
from tuner.analysis.comparison import Comparison, compare
from tuner.analysis.inference import SIGNIFICANCE
from tuner.errors import UsageError
from tuner.plots import MOST_STUDIES
from tuner.report.answers import amounts
from tuner.report.answers.cautions import caution
from tuner.report.answers.details import effect_text
from tuner.report.answers.differences import (
    Difference,
    difference_sentence,
    undetermined_sentence,
)
from tuner.report.answers.naming import Naming, naming_of
from tuner.report.doubts import find_doubts
from tuner.report.page import software, write_page
from tuner.report.parts import Answer, Page
from tuner.report.sections import compared
from tuner.report.sources.settings import differing, why_not_shared
from tuner.report.sources.source import Source
from tuner.words import counted, listed

NAME = "compare"  # of the page's files
LONGEST = 100  # of a folder's name


@dataclass(frozen=True)
class Compared:
    """Where a comparison was written, and what it says."""

    folder: Path
    html: Path
    markdown: Path
    answers: list[str]  # plain sentences, one a factor
    sharing: list[str]  # whether replicates are shared, and why not
    findings: pd.DataFrame  # severity, what, where, why, remedy


def comparison_folder(sources: Sequence[Source]) -> Path:
    """Where a comparison goes unless told otherwise: results/compare-A-B."""
    names = "-".join([NAME, *(source.name for source in sources)])
    return Path("results") / names.replace("/", "-")[:LONGEST]


def write_comparison(sources: Sequence[Source], output: Path) -> Compared:
    """Write compare.html, compare.md, compare.csv, figures/ and tables/ into a folder.

    Args:
        sources: The studies or tables, the one that others are compared with first.
        output: The folder; an earlier comparison of the same studies in it is replaced.

    Raises:
        UsageError: fewer than two, more than five, or two of one name; or the folder has other
            files in it.
        DataError: they have nothing in common that can be compared.
    """
    refuse_number(sources)
    refuse_folder(output, [source.name for source in sources])
    shared = [why_not_shared(sources[0], source) for source in sources[1:]]
    sides = [Side(s.name, s.executions, s.question, s.facts.fixed) for s in sources]
    found = compare(sides, [not why for why in shared])
    page = compose(sources, found, shared)
    frames = {NAME: compared.side_by_side(found)}
    html, markdown = write_page(page, output, NAME, frames)
    said = [answer.text for answer in page.answers]
    return Compared(output, html, markdown, said, list(page.depends), page.findings)


def refuse_number(sources: Sequence[Source]) -> None:
    """Refuse too few studies, or too many, or two of one name."""
    names = [source.name for source in sources]
    if not 2 <= len(sources) <= MOST_STUDIES:
        raise UsageError(f"expected 2 to {MOST_STUDIES} studies, got {len(sources)}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"expected different studies, got {twice[0]!r} twice")


def refuse_folder(output: Path, names: Sequence[str]) -> None:
    """Refuse a study's folder, and one that holds anything but an earlier comparison of these."""
    place = output.resolve()
    for folder in (place, *place.parents):
        if (folder / "study.yaml").exists():
            raise UsageError(f"{output} is in the study {folder.name}: expected another --output")
    if place.is_dir() and any(place.iterdir()) and studies_of(place) != set(names):
        raise UsageError(
            f"{output} holds other files than a comparison of {listed(names)}: expected another "
            "--output, or an empty folder"
        )


def studies_of(folder: Path) -> set[str]:
    """The studies that the comparison in a folder is about; none where there is none."""
    try:
        earlier = pd.read_csv(folder / f"{NAME}.csv", usecols=["study", "reference"], dtype=str)
    except (OSError, ValueError):
        return set()
    return set(earlier.to_numpy().ravel())


def compose(sources: Sequence[Source], found: Comparison, shared: Sequence[str]) -> Page:
    """Put the page together.

    Args:
        sources: The studies, the reference first.
        found: Their comparison.
        shared: Of each further one, why it shares no replicates with the first; or "".
    """
    question = found.question
    names = {name: naming_of(name, question, sources[0].facts.space) for name in question.factors}
    studies = [source.name for source in sources]
    settings = differing(list(sources), studies)
    effects = amounts.listed([names[name].spoken for name in question.factors])
    doubts = find_doubts(sources, found, settings)
    unknown = [source.name for source in sources if not source.facts.settings]
    sections = [
        compared.differences_section(found, names),
        compared.settings_section(settings, unknown),
    ]
    notes = [note for model in found.models for note in model.sample.notes]
    verb = "Do" if len(names) > 1 else "Does"
    return Page(
        title=" · ".join(studies),
        question=f"{verb} {effects} do the same to {question.objective.words} in "
        f"{amounts.listed(studies)}?",
        design=design_line(found, studies),
        caution=caution(doubts),
        answers=[answer(found, names[name]) for name in question.factors],
        lead=compared.side_by_side_section(found, names),
        glosses=glosses(found),
        depends=[sharing(studies[0], *one) for one in zip(studies[1:], shared, strict=True)],
        best="",
        findings=doubts,
        sections=sections,
        folded=[
            compared.all_differences_section(found, names),
            compared.methods_section([*found.notes, *notes]),
        ],
        provenance=f"Made by tuner compare {' '.join(studies)}.",
        software=software(),
    )


def design_line(found: Comparison, studies: Sequence[str]) -> str:
    """What is compared, in one line."""
    parts = []
    for study, model in zip(studies, found.models, strict=True):
        sample = model.sample
        text = f"{study}: {counted(len(sample.executions), 'execution')}"
        parts.append(text + (f" of {counted(sample.budget, 'epoch')}" if sample.budget else ""))
    return f"{counted(len(found.models[0].count), 'network')} that all have; {'; '.join(parts)}"


def sharing(reference: str, study: str, why_not: str) -> str:
    """Whether two studies share their replicates, and what that makes of the error."""
    if why_not:
        return (
            f"{study} shares no replicates with {reference}, as {why_not}: the errors of both add "
            "up in a difference."
        )
    return (
        f"{study} shares its replicates with {reference} (images, their split, seeds): differences "
        "are estimated within them."
    )


def glosses(found: Comparison) -> list[tuple[str, str]]:
    """The terms that the first screen uses, and what they mean."""
    objective, family = found.question.objective, int(found.differences["family"].max())
    points = [("points", f"percentage points of {objective.words}")] if objective.is_share else []
    resolved = f"p < 0.05 after Holm's correction for all {family} differences"
    brackets = [("[brackets]", "95% intervals, each by itself"), ("resolved", resolved)]
    return points + (brackets if family else [])


def answer(found: Comparison, naming: Naming) -> Answer:
    """Whether a factor's effect differs: the clearest of its differences, the others small."""
    rows = compared.side_by_side(found)
    rows = rows[rows["factor"].eq(naming.name) & rows["leads"] & rows["estimate"].notna()]
    objective = found.question.objective
    if rows.empty:
        return Answer(f"The effect of {naming.spoken} cannot be compared.", "", naming.name)
    ends = rows[["simultaneous_low", "simultaneous_high"]]
    is_told = rows["p_holm"].lt(SIGNIFICANCE).any() or ends.isna().any(axis=None)
    num_steps = rows["contrast"].nunique()
    if num_steps > 1 and not is_told:
        by_study = rows.groupby("study", sort=False)
        least, most = by_study["simultaneous_low"].min(), by_study["simultaneous_high"].max()
        spans = {str(s): (float(least[s]), float(most[s])) for s in least.index}
        reference = str(rows["reference"].iloc[0])
        text = undetermined_sentence(naming, objective, num_steps, reference, spans)
    else:
        clearest = rows.sort_values(["p", "estimate"], kind="stable").iloc[0]["contrast"]
        text = contrast_sentence(rows[rows["contrast"].eq(clearest)], naming, found)
    return Answer(text, detail(rows, naming), naming.name)


def contrast_sentence(rows: pd.DataFrame, naming: Naming, found: Comparison) -> str:
    """What one change does in every study, and whether they are told apart."""
    first = rows.iloc[0]
    told = [
        Difference(
            str(row["study"]), row["study_effect"], row["estimate"], row["ci_low"], row["ci_high"],
            bool(row["p_holm"] < SIGNIFICANCE), str(row["refusal"]),
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip
    reference = str(first["reference"]), float(first["reference_effect"])
    objective = found.question.objective
    return difference_sentence(naming, objective, str(first["contrast"]), reference, told)


def detail(rows: pd.DataFrame, naming: Naming) -> str:
    """All differences of a factor that lead, in small type."""
    parts = []
    for study, own in rows.groupby("study", sort=False):
        texts = ", ".join(effect_text(row, naming) for row in own.to_dict("records"))
        parts.append(f"{study} less {own['reference'].iloc[0]}: {texts}")
    return "; ".join(parts)
