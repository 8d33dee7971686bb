"""The formats of tables: for people on a terminal, and for other tools in a pipe."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from tuner.cli.options import completed
from tuner.cli.telling import echo, print_result
from tuner.errors import UsageError
from tuner.words import nearest

if TYPE_CHECKING:
    import pandas as pd

STYLES = ("table", "json", "csv", "md")


def known_style(style: str) -> str:
    """A format that there is.

    Raises:
        UsageError: for another, with the nearest.
    """
    if style not in STYLES:
        hint = nearest(style, STYLES)
        raise UsageError(
            f"--format: expected table, json, csv or md, got {style!r}{hint and '.'}{hint}"
        )
    return style


Format = Annotated[
    str,
    typer.Option(
        "--format",
        help="table, json, csv or md.",
        callback=known_style,
        autocompletion=completed(lambda: STYLES),
    ),
]


def show_frame(
    rows: "pd.DataFrame",
    caption: str,
    style: str,
    on_screen: "Callable[[pd.DataFrame], pd.DataFrame]" = lambda rows: rows,
) -> None:
    """Prints a frame in a format.

    Args:
        rows: with exact numbers.
        caption: of the table; other formats have none.
        style: one of STYLES.
        on_screen: what the table shows of the rows.
    """
    from tuner.cli.tables import frame_table

    if style == "table":
        print_result(frame_table(on_screen(rows), caption))
    else:
        echo(formatted(rows, style).rstrip())


def formatted(frame: "pd.DataFrame", style: str) -> str:
    """A frame as text: json (a list of rows), csv, or md."""
    from tuner.spreadsheet import as_csv

    if style == "json":
        return frame.to_json(orient="records", indent=2)
    return as_csv(frame) if style == "csv" else frame.to_markdown(index=False)
