"""What a search shows while it runs: a live table on a terminal, a line an execution elsewhere."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tuner import checkpoints
from tuner.cli.telling import Printable
from tuner.execution import Execution, Key, Record, score_of, without_tuning
from tuner.planning import Plan
from tuner.words import duration, in_one_line, level_text, short

STATE_WIDTH = 20
MOST_ROWS = 40  # a longer live table scrolls off the screen; beyond it only busy cells are shown


class Progress:
    """The state of a search as it is shown; fed with what starts and what ends."""

    def __init__(
        self, plan: Plan, done: Iterable[Record], num_workers: int, under_way: Path
    ) -> None:
        self.plan = plan
        self.under_way = under_way
        self.records: dict[int, list[Record]] = defaultdict(list)
        self.training: dict[Key, tuple[Execution, float]] = {}
        self.pace = plan.pace(num_workers, ())
        for record in done:
            self.ended(record)

    @property
    def num_done(self) -> int:
        """The executions in the ledger."""
        return sum(len(records) for records in self.records.values())

    def started(self, execution: Execution) -> str:
        """An execution was submitted; returns a line that says so."""
        self.training[execution.key] = execution, time.monotonic()
        return f"{now()} begun: {self.levels(execution.cell)} replicate={execution.replicate}"

    def extended(self, plan: Plan) -> None:
        """The study has more replicates than before."""
        self.plan = plan
        self.pace.num_executions, self.pace.total = plan.num_executions, plan.total_seconds

    def states(self) -> dict[int, str]:
        """What is being done in each busy cell: the epoch that its first execution is in."""
        epochs = checkpoints.epochs(self.under_way)
        found: dict[int, str] = {}
        for key, (execution, since) in self.training.items():
            state = f"training {duration(time.monotonic() - since)}"
            if key in epochs:
                state = f"epoch {min(epochs[key] + 1, execution.epochs)}/{execution.epochs}"
            found.setdefault(execution.cell, state)
        return found

    def time_left(self) -> str:
        """The time left of the whole study, in words; what is under way is left by its epochs."""
        epochs, behind = checkpoints.epochs(self.under_way), 0.0
        for key, (execution, _) in self.training.items():
            done = epochs.get(key, execution.initial_epoch) - execution.initial_epoch
            share = done / (execution.epochs - execution.initial_epoch)
            behind += self.pace.expected(execution) * share
        return self.pace.time_left(behind)

    def levels(self, cell: int) -> str:
        """The levels of a cell, in words."""
        return " ".join(f"{k}={v}" for k, v in self.plan.design.cells[cell].levels.items())

    def ended(self, record: Record) -> None:
        """An execution is in the ledger."""
        self.training.pop(record.key, None)
        self.records[record.cell].append(record)
        self.pace.ended([record])


def line(record: Record, progress: Progress) -> str:
    """One finished execution as a line of text, timestamped."""
    objective = progress.plan.study.objective
    value = score_of(record, objective)
    result = (
        f"{objective.name} {value:.4f}"
        if value is not None
        else f"{record.status}: {short(in_one_line(record.message), 200)}"
    )
    return (
        f"{now()} {progress.num_done}/{progress.plan.num_executions} "
        f"{progress.levels(record.cell)} replicate={record.replicate} {result} "
        f"{record.seconds:.1f} s, {progress.time_left()} left"
    )


def now() -> str:
    """The time of a line."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def live_table(progress: Progress) -> Group:
    """The table of a terminal, at most 80 columns wide: one row a cell, and a bar below."""
    plan = progress.plan
    table = Table(box=None, pad_edge=False, header_style="dim")
    factors = list(dict.fromkeys(name for cell in plan.design.cells for name in cell.levels))
    for name in factors:
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("n", f"{plan.study.objective.short} ± sd", "params"):
        table.add_column(name, justify="right", no_wrap=True)
    # What is left of the line: a long reason is cut, so that the numbers never are.
    table.add_column("state", no_wrap=True, overflow="ellipsis", max_width=STATE_WIDTH)
    cells, states = plan.design.cells, progress.states()
    if len(cells) > MOST_ROWS:
        cells = tuple(cell for cell in cells if cell.index in states)
    for cell in cells:
        table.add_row(
            *[format_level(cell.levels.get(name)) for name in factors],
            *row(progress, cell, states.get(cell.index)),
        )
    heading = (
        f"{plan.study.name} · {plan.study.strategy} · {len(plan.design.planned)} cells x "
        f"{plan.study.replicates} replicates   {progress.num_done}/{plan.num_executions} "
    )
    bar = Table.grid(padding=(0, 1))
    share = ProgressBar(total=plan.num_executions, completed=progress.num_done, width=20)
    bar.add_row(Text(heading), share, Text(f"ETA {progress.time_left()}"))
    return Group(bar, table)


def row(progress: Progress, cell: Any, busy: str | None = None) -> list[str]:
    """The cells of a live row behind the factors: n, mean objective, parameters, state."""
    records = progress.records[cell.index]
    study, wanted = progress.plan.study, progress.plan.num_of_cell[cell.index]
    params = f"{cell.params:,}" if cell.params else "–"
    if cell.state != "planned":
        reason = cell.reason.rpartition(": ")[-1]
        return ["–", "–", params, f"{cell.state}: {reason}" if reason else cell.state]
    values = [score_of(record, study.objective) for record in without_tuning(records)]
    scores = [value for value in values if value is not None]
    spread = f"{statistics.stdev(scores):.3f}" if len(scores) > 1 else "–"
    mean = f"{statistics.fmean(scores):.3f} ± {spread}" if scores else "–"
    failed = len(records) - sum(record.status == "ok" for record in records)
    state = f"{failed} failed" if failed else "done" if len(records) == wanted else ""
    return [f"{len(records)}/{wanted}", mean, params, busy or state]


def format_level(level: Any) -> str:
    """A level as the tables show it; nothing for a factor that is inactive in a cell."""
    return "" if level is None else level_text(level)


def live(progress: Progress, console: Console) -> Live:
    """The live table of a terminal."""
    return Live(
        get_renderable=lambda: Printable(live_table(progress)), console=console,
        refresh_per_second=2, redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip
