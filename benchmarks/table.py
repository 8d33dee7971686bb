"""The README's table of speeds, from the files in benchmarks/results.

    python benchmarks/table.py          writes it between the README's two markers, at once

Each file is what a benchmark has written with `--json`; its figures that are for the table are
rows. A test holds that the README's table is the one that these files make; without files there is
none.
"""

import json
import sys
from pathlib import Path
from typing import Any

from measuring import text_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- speeds: python benchmarks/table.py -->\n", "<!-- /speeds -->"
HEAD = "| what | here | beside it (ratio) | |\n|---|---|---|---|\n"


def main() -> None:
    """Writes the table into the README."""
    path = ROOT / "README.md"
    path.write_text(with_table(path.read_text("utf-8"), table(read(RESULTS))), "utf-8")


def read(folder: Path) -> list[dict[str, Any]]:
    """What the files of a folder hold, by their names."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.name)
    return [json.loads(file.read_text("utf-8")) for file in files]


def with_table(text: str, made: str) -> str:
    """A text with a table between its markers.

    Raises:
        SystemExit: if the markers are not there, once each.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"expected {BEGIN.strip()} and {END} in the README, once each")
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + made + END + rest.partition(END)[2]


def table(files: list[dict[str, Any]]) -> str:
    """The table in Markdown, with the machines and days below it; "" of no files."""
    if not files:
        return ""
    rows = [
        row_of(figure, file["command"])
        for file in files
        for figure in file["figures"]
        if figure["in_table"]
    ]
    measured = dict.fromkeys(map(where, files))
    return f"\n{HEAD}{''.join(rows)}\n{'; '.join(measured)}.\n\n"


def row_of(figure: dict[str, Any], command: str) -> str:
    """A figure as a row: what, our number, the others with their ratios, the command."""
    unit = figure["unit"]
    others = [
        f"{name} {text_of(number)} {unit}" + ratio_of(figure, name)
        for name, number in figure["beside"].items()
    ]
    beside = "; ".join([*others, *filter(None, [figure["bar"]])])
    return f"| {figure['what']} | {text_of(figure['here'])} {unit} | {beside} | `{command}` |\n"


def ratio_of(figure: dict[str, Any], name: str) -> str:
    """How many times better ours is, in brackets."""
    ratio = figure["ratios"].get(name)
    return f" ({ratio:.2f})" if ratio is not None else ""


def where(file: dict[str, Any]) -> str:
    """The machine, the versions that matter and the day."""
    machine, versions = file["machine"], file["versions"]
    told = ", ".join(f"{name} {versions[name]}" for name in ("tensorflow", "keras"))
    return f"{machine['cpu']}, {machine['cores']} cores, {told}, {file['date'][:10]}"


if __name__ == "__main__":
    main()
