"""From a page and its drawings to HTML and Markdown."""

import base64
import re
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from tuner.report.formats import sentence
from tuner.report.latex import to_latex
from tuner.report.parts import Page, Picture, Table
from tuner.spreadsheet import as_csv
from tuner.words import printable

FIRST_WARNINGS = 3  # stand on the page; the others are folded
MAX_EMBEDDED = 3_000  # bytes of a CSV that the page carries itself; a larger one is linked


@dataclass(frozen=True)
class Drawing:
    """A picture as it is stored and as it stands on the page."""

    svg: str
    png: bytes
    inline: str


def render_html(page: Page, drawings: dict[str, Drawing]) -> str:
    """Write the page as one HTML file that needs no other."""
    template = _templates().get_template("report.html.j2")
    return template.render(page=page, drawings=drawings, own="")


def render_inline(page: Page, drawings: dict[str, Drawing]) -> str:
    """Write the page's first level as HTML to stand among other things, which it leaves alone."""
    templates = _templates()
    style = scoped(templates.get_template("style.css").render())
    own = f"tuner-{zlib.crc32(''.join(one.inline for one in drawings.values()).encode()):x}-"
    return templates.get_template("inline.html.j2").render(
        page=page, drawings=drawings, own=own, style=style
    )


def scoped(style: str) -> str:
    """A page's style sheet for what stands in an element of the class tuner-report alone."""
    inside = re.sub(r"(:root|\bhtml|\bbody)(?=[ :{])", ":scope", style)
    return f"@scope (.tuner-report) {{\n{inside}}}"


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
