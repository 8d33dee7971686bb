"""Does a written report still say what its executions say? Every number, computed anew."""

import base64
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd

from tuner.errors import DataError
from tuner.report.page import analyse_source, compose, draw_all, render_html, render_markdown
from tuner.report.parts import Page
from tuner.report.sources.source import Source

NUMBER = re.compile(r"[+−-]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d+)?(?:e[+-]?\d+)?")
UNREAD = ("head", "footer", "pre")  # the LaTeX repeats its table; versions are not computed


def verify_report(source: Source, output: Path) -> pd.DataFrame:
    """Compute every number of a report's page and tables anew and compare.

    Args:
        source: The executions that the report should be made of.
        output: The folder that `write_report` wrote.

    Returns:
        One row a number: where, printed, recomputed (texts; None where one side has no such
        number), agrees (bool).

    Raises:
        DataError: there is no report in the folder.
    """
    if not (output / "report.html").is_file():
        raise DataError(f"{output} holds no report.html. Write the report first: `tuner report`.")
    page = compose(source, analysis := analyse_source(source))
    html = render_html(page, draw_all(page))
    expected = {"report.html": html, "report.md": render_markdown(page)}
    expected |= {name: frame.to_csv(index=False) for name, frame in _frames(page).items()}
    expected["effects.csv"] = analysis.effects.to_csv(index=False)
    parts = [_compare(name, _read(output / name), text) for name, text in expected.items()]
    return pd.concat(parts, ignore_index=True)


def _frames(page: Page) -> dict[str, pd.DataFrame]:
    """The frame behind each CSV of a report, by its path."""
    figures = {f"figures/{picture.name}.csv": picture.numbers for picture in page.pictures}
    return figures | {f"tables/{table.name}.csv": table.numbers for table in page.tables}


def _read(path: Path) -> str:
    """A written file; nothing where it is missing, so that each of its numbers disagrees."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _compare(name: str, written: str, expected: str) -> pd.DataFrame:
    """Set the numbers of two versions of a file beside each other, place by place."""
    columns = []
    for text, column in ((written, "printed"), (expected, "recomputed")):
        found = _in_html(text) if name.endswith(".html") else _in_lines(text)
        numbers = pd.DataFrame(found, columns=["where", column], dtype=object)
        columns.append(numbers.assign(place=numbers.groupby("where").cumcount()))
    both = columns[0].merge(columns[1], on=["where", "place"], how="outer", sort=False)
    both = both.astype(object).where(both.notna(), None)
    printed, recomputed = (
        both[name].map(_value).to_numpy(float) for name in ("printed", "recomputed")
    )
    agrees = (both["printed"] == both["recomputed"]) | np.isclose(printed, recomputed, rtol=1e-9)
    compared = both[["where", "printed", "recomputed"]].assign(agrees=agrees.astype(bool))
    return compared.assign(where=f"{name}: " + compared["where"].astype(str))


def _value(text: str | None) -> float:
    """A printed number's value."""
    return np.nan if text is None else float(text.replace(",", "").replace("−", "-"))


def _in_lines(text: str) -> Iterator[tuple[str, str]]:
    """Every number of a text, by its line."""
    for i, line in enumerate(text.splitlines(), 1):
        for number in NUMBER.findall(line):
            yield f"line {i}", number


def _in_html(html: str) -> list[tuple[str, str]]:
    """Every number that a page shows, reads aloud or embeds, by its section, row and column."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.numbers


class _Reader(HTMLParser):
    """Collects a page's numbers while it keeps track of where it is."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[tuple[str, str]] = []
        self.place = "page"
        self.titles: list[str] = []
        self.row = self.column = 0
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.open.append(tag)
        if tag in ("section", "figure", "table") and given.get("id"):
            self.place, self.titles, self.row = str(given["id"]), [], 0
        elif tag == "tr":
            self.row, self.column = self.row + 1, 0
        elif tag == "td":
            self.column += 1
        elif tag == "svg":
            self._collect(f"{self.place}, read aloud", given.get("aria-label") or "")
        elif tag == "a" and (given.get("href") or "").startswith("data:text/csv"):
            csv = base64.b64decode(str(given["href"]).partition("base64,")[2]).decode()
            self.numbers += [
                (f"CSV {given.get('download')} in the page, {line}", n)
                for line, n in _in_lines(csv)
            ]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(tag in UNREAD for tag in self.open):
            return
        if "th" in self.open:
            self.titles.append(data)
        where = self.place
        if "td" in self.open and self.column <= len(self.titles):
            where += f", row {self.row - 1}, {self.titles[self.column - 1]}"
        self._collect(where, data)

    def _collect(self, where: str, text: str) -> None:
        self.numbers += [(where, number) for number in NUMBER.findall(text)]
