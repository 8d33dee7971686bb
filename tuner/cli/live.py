"""A search as a terminal shows it: a table as wide and as high as the screen, and a bar."""

import statistics
import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tuner.cli.progress import Progress, Training
from tuner.cli.telling import Printable
from tuner.design import Cell
from tuner.execution import Record, score_of, without_tuning
from tuner.strategies import strategy_of
from tuner.words import clock, counted, duration, level_text, people_count, shortened

GAP = 2  # signs between columns
STATE_WIDTH = 24
LEAST_STATE, LEAST_NAME = 9, 4
BAR_WIDTH = 24
AROUND = 5  # lines that are no rows: heading, bar, header, what is left out, the cursor


class Row(NamedTuple):
    """What is shown of a cell at one budget."""

    cell: Cell
    epochs: int
    records: Sequence[Record]
    training: Training | None


class Column(NamedTuple):
    """A column: its header, which may be cut, and its texts, of which numbers may not be."""

    header: str
    texts: list[str]
    is_state: bool = False

    @property
    def width(self) -> int:
        """The signs that it needs whole."""
        return max(map(len, [self.header, *self.texts]))


class Screen:
    """The search at this moment, for whatever size the terminal has."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, cut to the screen."""
        yield live_table(self.progress, options.max_width, console.height)


def live_table(progress: Progress, width: int, height: int) -> Group:
    """The table of a terminal: heading, bar, one row a cell and budget.

    Args:
        progress: of the search.
        width: of the screen, in signs.
        height: of the screen, in lines.
    """
    rows = rows_of(progress)
    shown = fitting(rows, max(1, height - AROUND))
    left_out = []
    if len(shown) < len(rows):
        left_out = [Text(f"… {counted(len(rows) - len(shown), 'row')} more", style="dim")]
    columns = narrowed(columns_of(progress, shown), width)
    return Group(
        Text(shortened(heading(progress), width)), bar(progress, width), table(columns), *left_out
    )


def heading(progress: Progress) -> str:
    """What is searched: study, strategy, cells, replicates."""
    study, num_cells = progress.plan.study, len(progress.plan.design.planned)
    size = f"{counted(num_cells, 'cell')} x {counted(study.replicates, 'replicate')}"
    return f"{study.folder_name} · {study.strategy} · {size}"


def bar(progress: Progress, width: int) -> Table:
    """How much is done, and the time left, in colours that are read on light and on dark."""
    done, whole = progress.num_done, progress.plan.num_executions
    seconds, error = progress.left()
    left = f"{clock(seconds)} left ± {duration(error)}" if done < whole else "done"
    count = f"{done}/{whole}"
    size = max(4, min(BAR_WIDTH, width - len(count) - len(left) - 2 * GAP))
    line = Table.grid(padding=(0, GAP, 0, 0))
    share = ProgressBar(
        total=max(1, whole), completed=done, width=size,
        style="dim", complete_style="green", finished_style="green",
    )  # fmt: skip
    line.add_row(Text(count), share, Text(left))
    return line


def rows_of(progress: Progress) -> list[Row]:
    """One row a cell; where a strategy has several budgets, one a cell and budget that was met."""
    plan = progress.plan
    busy = {(one.cell, one.epochs): one for one in reversed(progress.trainings())}
    found = []
    for cell in plan.design.cells:
        of_cell = progress.records[cell.index]
        budgets = {record.epochs for record in of_cell}
        budgets |= {epochs for index, epochs in busy if index == cell.index}
        for epochs in sorted(budgets or {plan.study.epochs}):
            records = [record for record in of_cell if record.epochs == epochs]
            found.append(Row(cell, epochs, records, busy.get((cell.index, epochs))))
    return found


def fitting(rows: Sequence[Row], most: int) -> list[Row]:
    """The rows that a screen has room for: those being trained, then the last that were begun."""
    if len(rows) <= most:
        return [*rows]

    def rank(place: int) -> tuple[bool, bool, int]:
        row = rows[place]
        return row.training is None, not row.records, -place if row.records else place

    return [rows[place] for place in sorted(sorted(range(len(rows)), key=rank)[:most])]


def columns_of(progress: Progress, rows: Sequence[Row]) -> list[Column]:
    """The columns: factors, epochs where budgets differ, n, the objective, parameters, state."""
    plan = progress.plan
    factors = list(dict.fromkeys(name for cell in plan.design.cells for name in cell.levels))
    columns = [
        Column(name, [format_level(row.cell.levels.get(name)) for row in rows]) for name in factors
    ]
    if len(set(strategy_of(plan.study).trial_epochs(plan.study, len(plan.design.planned)))) > 1:
        columns.append(Column("epochs", [str(row.epochs) for row in rows]))
    headers = ("n", f"{plan.study.objective.short} ± sd", "params", "state")
    texts = zip_longest(*(row_texts(progress, row) for row in rows), fillvalue="")
    columns += [
        Column(header, [*of_column], is_state=header == "state")
        for header, of_column in zip(headers, texts, strict=True)
    ]
    return columns


def narrowed(columns: list[Column], width: int) -> list[Column]:
    """The columns cut to a width: names in the middle, states at their end, numbers never."""
    names = max(len(column.header) for column in columns)
    state = min(STATE_WIDTH, max(column.width for column in columns if column.is_state))
    while True:
        cut = [cut_column(column, names, state) for column in columns]
        if total(cut) <= width or (names <= LEAST_NAME and state <= LEAST_STATE):
            break
        if names > LEAST_NAME and (names >= state or state <= LEAST_STATE):
            names -= 1
        else:
            state -= 1
    optional = next((column for column in cut if column.header == "params"), None)
    if total(cut) > width and optional:
        cut.remove(optional)
    return cut


def cut_column(column: Column, names: int, state: int) -> Column:
    """A column with its header cut; a state's texts too, and levels that are words."""
    if column.is_state:
        return column._replace(texts=[ended(text, state) for text in column.texts])
    texts = [text if is_number(text) else shortened(text, names) for text in column.texts]
    widest = max(names, *map(len, texts)) if texts else names
    return column._replace(header=shortened(column.header, widest), texts=texts)


def ended(text: str, most: int) -> str:
    """A text without what is over its most signs."""
    return text if len(text) <= most else text[: most - 1] + "…"


def is_number(text: str) -> bool:
    """Whether a text is read as a number: it begins as one, or says that there is none."""
    return text[:1].isdigit() or text[:1] in "–-−+."


def total(columns: Sequence[Column]) -> int:
    """The width of a table of columns."""
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)


def table(columns: Sequence[Column]) -> Table:
    """A table of columns that fit."""
    found = Table(box=None, pad_edge=False, header_style="dim", padding=(0, GAP, 0, 0))
    for column in columns:
        justify: Any = "left" if column.is_state else "right"
        found.add_column(
            Text(column.header), justify=justify, no_wrap=True, width=column.width,
        )  # fmt: skip
    for texts in zip(*(column.texts for column in columns), strict=True):
        found.add_row(*map(Text, texts))
    return found


def row_texts(progress: Progress, row: Row) -> list[str]:
    """What stands in a row behind its factors: n, mean objective, parameters, state."""
    study, cell = progress.plan.study, row.cell
    params = people_count(cell.params) if cell.params else "–"
    if cell.state != "planned":
        reason = cell.reason.rpartition(": ")[-1]
        return ["–", "–", params, f"{cell.state}: {reason}" if reason else cell.state]
    wanted = wanted_of(progress, row)
    values = [score_of(record, study.objective) for record in without_tuning(row.records)]
    scores = [value for value in values if value is not None]
    sd = statistics.stdev(scores) if len(scores) > 1 else None
    mean = study.objective.written(statistics.fmean(scores), sd) if scores else "–"
    failed = sum(record.status != "ok" for record in row.records)
    state = f"{failed} failed" if failed else "done" if 0 < wanted <= len(row.records) else ""
    if row.training:
        state = row.training.text + (f", {failed} failed" if failed else "")
    return [f"{len(row.records)}/{wanted}", mean, params, state]


def wanted_of(progress: Progress, row: Row) -> int:
    """How many executions a row has in the end: of a budget below the whole, a replicate each."""
    plan = progress.plan
    whole = plan.num_of_cell[row.cell.index]
    return whole if strategy_of(plan.study).covers else max(plan.study.replicates, len(row.records))


def format_level(level: Any) -> str:
    """A level as the tables show it; nothing for a factor that is inactive in a cell."""
    return "" if level is None else level_text(level)


def live(progress: Progress, console: Console) -> Live:
    """The live table of a terminal; what callbacks print there stands above it."""
    screen = Printable(Screen(progress))
    return Live(
        get_renderable=lambda: screen, console=console, vertical_overflow="crop",
        refresh_per_second=2, redirect_stdout=sys.stdout.isatty(), redirect_stderr=True,
    )  # fmt: skip
