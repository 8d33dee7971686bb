"""Does a written report still say what its executions say? Everything is rendered anew."""

import difflib
import re
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from tuner.errors import DataError
from tuner.report.markup import render_html, render_markdown, to_csv
from tuner.report.page import analyse_source, compose, leave_blank
from tuner.report.sources.source import Source

#: What another machine may render otherwise: drawings (their numbers are in the CSV files) and the
#: versions of the software.
NOT_COMPARED = re.compile(r"<svg .*?</svg>\n?|<footer>.*?</footer>", re.DOTALL)


def verify_report(source: Source, output: Path) -> pd.DataFrame:
    """Render a report's page and tables anew and compare them with what is there, line by line.

    Figures are not drawn, as they are not compared.

    Args:
        source: The executions that the report should be made of.
        output: The folder that `write_report` wrote.

    Returns:
        One row a line: where ("report.md, line 12"), printed, recomputed (texts; None where one
        side has no such line), agrees (bool).

    Raises:
        DataError: there is no report in the folder.
    """
    if not (output / "report.html").is_file():
        raise DataError(f"{output} holds no report.html. Write the report first: `tuner report`.")
    page = compose(source, analysis := analyse_source(source))
    expected = {
        "report.html": render_html(page, leave_blank(page)),
        "report.md": render_markdown(page),
        "effects.csv": to_csv(analysis.effects),
        "findings.csv": to_csv(analysis.findings),
        **{f"figures/{picture.name}.csv": to_csv(picture.numbers) for picture in page.pictures},
        **{f"tables/{table.name}.csv": to_csv(table.numbers) for table in page.tables},
    }
    parts = [_compare(name, _read(output / name), text) for name, text in expected.items()]
    return pd.concat(parts, ignore_index=True)


def _read(path: Path) -> str:
    """A written file; nothing where it is missing, so that each of its lines disagrees."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _compare(name: str, written: str, expected: str) -> pd.DataFrame:
    """Set two versions of a file beside each other, line by line."""
    old, new = (NOT_COMPARED.sub("", text).splitlines() for text in (written, expected))
    rows = []
    for kind, start, end, new_start, new_end in difflib.SequenceMatcher(a=old, b=new).get_opcodes():
        lines = zip_longest(old[start:end], new[new_start:new_end])
        for number, (printed, recomputed) in enumerate(lines, start + 1):
            rows.append((f"{name}, line {number}", printed, recomputed, kind == "equal"))
    return pd.DataFrame(rows, columns=["where", "printed", "recomputed", "agrees"])
