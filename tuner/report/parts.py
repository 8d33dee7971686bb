"""What a page is made of, before it is HTML or Markdown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure

#: A number, an interval or a count of pairs as formats.py writes them.
NUMERIC = re.compile(r"[+−–<\[\]\d\s.,%eMG]*|\d+ of \d+")
MAX_ROWS = 60  # of a table on the page; its CSV has them all


@dataclass(frozen=True)
class Answer:
    """One plain sentence of the first screen, and in small type what it rests on."""

    text: str
    detail: str = ""
    code: str = ""  # what the code calls the factor


@dataclass(frozen=True)
class Picture:
    """A figure, the numbers behind it, and what it shows in words."""

    name: str  # of its files in figures/
    figure: Figure
    numbers: pd.DataFrame
    caption: str
    alternative: str  # read aloud in place of the picture
    finding: str = ""  # its title: what it shows, in a sentence


@dataclass(frozen=True)
class Table:
    """Rows as they are printed, and the numbers behind them."""

    name: str  # of its files in tables/
    rows: pd.DataFrame  # texts
    numbers: pd.DataFrame
    caption: str
    instead: tuple[str, str] | None = None  # a column, and the one that a switch shows in its place

    @property
    def kinds(self) -> list[str]:
        """How each column is set: "number" (to the right), "long" (wraps), "text" or "short".

        With "first" or "instead", where a switch shows one of two columns.
        """
        views = dict(zip(self.instead or (), (" first", " instead"), strict=False))
        return [_kind(self.rows[title]) + views.get(title, "") for title in self.rows.columns]

    @property
    def shown(self) -> pd.DataFrame:
        """The rows that fit on the page."""
        return self.rows.head(MAX_ROWS)


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it."""

    name: str
    title: str
    texts: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    items: Sequence[str] = ()  # sentences, as a list

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.texts or self.pictures or self.tables or self.items)


@dataclass(frozen=True)
class Page:
    """The whole page, in the order in which it is read."""

    title: str
    question: str
    design: str
    caution: str  # why the answers are not to be trusted; "" where no finding is serious
    answers: Sequence[Answer]
    lead: Section  # the figures beside the answers
    glosses: Sequence[tuple[str, str]]  # terms of the first screen, and what they mean
    depends: Sequence[str]
    best: str  # the best network and its cost
    findings: pd.DataFrame  # severity, what, where, why, remedy
    sections: Sequence[Section]  # that stand open
    folded: Sequence[Section]
    provenance: str
    software: Mapping[str, str] = field(default_factory=dict)

    @property
    def warnings(self) -> pd.DataFrame:
        """The findings that may make the answer wrong, the most serious first."""
        return self.findings[self.findings["severity"] != "note"]

    @property
    def scope(self) -> pd.DataFrame:
        """The findings that only say how far the answer reaches."""
        return self.findings[self.findings["severity"] == "note"]

    @property
    def all_sections(self) -> list[Section]:
        """The first screen's section and all the later ones."""
        return [self.lead, *self.sections, *self.folded]

    @property
    def pictures(self) -> list[Picture]:
        """Every picture of the page."""
        return [picture for section in self.all_sections for picture in section.pictures]

    @property
    def tables(self) -> list[Table]:
        """Every table of the page."""
        return [table for section in self.all_sections for table in section.tables]


def _kind(texts: "pd.Series[str]") -> str:
    """How a column of texts is set."""
    if texts.map(lambda text: NUMERIC.fullmatch(text) is not None).all():
        return "number"
    longest = texts.str.len().max()
    return "long" if longest > 40 else "text" if longest > 12 else "short"


def file_name(text: str) -> str:
    """A name that any disk takes: letters, digits and underscores of a factor's name."""
    return re.sub(r"\W+", "_", text).strip("_")[:40] or "factor"
