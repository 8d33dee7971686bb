"""Tables of differences, whose intervals hold one by one or, by a switch, all at once."""

import pandas as pd

from tuner.report import formats
from tuner.report.formats import Columns
from tuner.report.parts import Table

SINGLE, TOGETHER = "95% interval", "95%, all at once"
INTERVALS: Columns = {
    ("ci_low", "ci_high"): (SINGLE, formats.interval),
    ("simultaneous_low", "simultaneous_high"): (TOGETHER, formats.interval),
}


def interval_table(name: str, numbers: pd.DataFrame, columns: Columns, caption: str) -> Table:
    """Print differences; without the second kind of interval where there is none.

    Args:
        name: Of the table's files.
        numbers: With columns ci_low, ci_high, simultaneous_low, simultaneous_high.
        columns: What is printed of them, `INTERVALS` among it.
        caption: Of the table.
    """
    if numbers["simultaneous_low"].notna().any():
        rows = formats.printed(numbers, columns)
        return Table(name, rows, numbers, caption, instead=(SINGLE, TOGETHER))
    shown = {column: entry for column, entry in columns.items() if entry[0] != TOGETHER}
    return Table(name, formats.printed(numbers, shown), numbers, caption)
