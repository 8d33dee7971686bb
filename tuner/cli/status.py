"""Where studies stand, as the terminal shows it: one in full, a folder of them in a table."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from tuner import checkpoints
from tuner.cli.concluding import best_text, next_step
from tuner.cli.tables import table
from tuner.cli.telling import Printable, echo, is_lively
from tuner.errors import TunerError
from tuner.folder import StudyFolder
from tuner.looks import looks_text
from tuner.lookup import studies_in
from tuner.standing import Holder, Standing, cell_seconds, planned_seconds
from tuner.strategies.extent import in_shard
from tuner.words import age, counted, duration, in_one_line, listed, short, shortened

A_LOOK = 2.0  # seconds from one look at a study that is watched to the next
LEAST_NAME = 10  # signs of a study's name
STATE_ORDER = ("ok", "failed", "diverged", "lost")


def status_table(standing: Standing) -> Table:
    """Where a study stands: who trains it, what is done, what is best, what is left, what next."""
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="dim", no_wrap=True)
    shown.add_column(overflow="fold")
    for name, text in status_rows(standing):
        shown.add_row(name, text)
    return shown


def status_rows(standing: Standing) -> Iterator[tuple[str, str]]:
    """The rows of a study's standing: what, and its text."""
    folder, study = standing.folder, standing.folder.study
    yield "study", str(folder.path)
    yield "state", state_text(standing)
    yield "executions", executions_text(standing)
    if study.shard:
        parts = f"{standing.num_planned} executions of {folder.num_planned}"
        yield "part", f"{study.shard.text}: {parts}"
    if standing.best:
        yield "best so far", best_text(study, standing.best)
    begun = sorted(checkpoints.epochs(folder.under_way).items())
    for key, epoch in begun:
        done = counted(epoch, "epoch")
        yield "begun", f"trial {key.trial}, replicate {key.replicate}: {done} so far"
    if not standing.is_complete:
        yield "time left", time_left(standing, len(begun))
    for record in [record for record in standing.records if record.status != "ok"][:5]:
        reason = short(in_one_line(record.message), 200)
        yield record.status, f"cell {record.cell}, replicate {record.replicate}: {reason}"
    yield "test images", looks_text(folder.looks, study.objective)
    if size := checkpoints.size_mb(folder.checkpoints):
        yield "checkpoints", f"{size:.1f} MB"
    yield "next", next_step(standing).removeprefix(": ").removeprefix(", ")


def state_text(standing: Standing) -> str:
    """Whether a study is trained now, since when and by whom; else since when it is not."""
    if standing.holder:
        return f"running {holder_text(standing.holder)}"
    return f"{standing.state}, last changed {age(time.time() - standing.changed)}"


def holder_text(holder: Holder) -> str:
    """Who trains a study, and since when."""
    since = holder.since.astimezone()
    spent = duration(max(0.0, time.time() - since.timestamp()))
    by = f" of {holder.user}" if holder.user else ""
    return f"since {since:%H:%M} ({spent}): process {holder.pid}{by} on {holder.host}"


def executions_text(standing: Standing) -> str:
    """How many executions are done of how many, and how those ended that did not end well."""
    not_well = [
        f"{standing.statuses[status]} {status}"
        for status in STATE_ORDER[1:]
        if standing.statuses[status]
    ]
    done = f"{len(standing.records)} of {standing.num_planned}"
    return done + (f" ({listed(not_well)})" if not_well else "")


def time_left(standing: Standing, num_begun: int) -> str:
    """How long the rest of a study takes, at its pace so far."""
    workers = max(1, num_begun) if standing.holder else 1
    return f"{pace_of(standing.folder, workers).time_left()}, {counted(workers, 'worker')}"


def pace_of(folder: StudyFolder, num_workers: int = 1) -> Any:
    """The pace of a study, from what stands in its folder, as `engine.pace.Pace` has it."""
    from tuner.engine.pace import Pace

    study, cells = folder.study, folder.cells.set_index("cell")
    flops = dict(zip(cells.index, cells["flops"], strict=True))
    planned = [*cells.index[cells["state"] == "planned"]]
    part = in_shard(study, planned_seconds(folder)) if study.shard else None

    def expected(cell: int, epochs: int) -> float:
        return cell_seconds(folder, flops[cell], epochs)

    return Pace(study, planned, expected, num_workers, part, [*folder.records])


def watch(path: Path) -> None:
    """Shows where a study stands until nobody trains it any more; a line a change in a pipe."""
    console = Console()
    standing = Standing(StudyFolder(path))
    if not is_lively(console.file):
        told = ""
        while told != (told := line_of(standing)) or standing.holder:
            standing = looked_again(path)
        return
    with Live(Printable(status_table(standing)), console=console, auto_refresh=False) as live:
        while standing.holder:
            standing = looked_again(path)
            live.update(Printable(status_table(standing)), refresh=True)


def looked_again(path: Path) -> Standing:
    """Where a study stands a moment later."""
    time.sleep(A_LOOK)
    return Standing(StudyFolder(path))


def line_of(standing: Standing) -> str:
    """Where a study stands in one line, which is told."""
    text = f"{standing.state}: {executions_text(standing)}"
    echo(text)
    return text


def list_table(output: Path, width: int) -> Table:
    """The studies of a folder, the newest first: state, size, best, age.

    Args:
        output: the folder.
        width: of the terminal: names are shortened in the middle, numbers never.
    """
    rows = sorted(map(list_row, studies_in(output)), reverse=True)
    texts = [row[1:] for row in rows]
    taken = [max(len(cell) for cell in column) for column in zip(*texts, strict=True)]
    room = max(LEAST_NAME, width - sum(max(5, size) for size in taken[1:]) - 2 * (len(taken) - 1))
    found = table("study", "state", ">size", ">best", ">age")
    for name, *others in texts:
        found.add_row(shortened(name, room), *others)
    return found


def list_row(path: Path) -> tuple[float, str, str, str, str, str]:
    """When a study changed last; its name, state, size, best and age."""
    standing = Standing(StudyFolder(path))
    changed = standing.changed
    when = age(time.time() - changed)
    try:
        objective, best = standing.folder.study.objective, standing.best
        size = f"{len(standing.records)}/{standing.num_planned}"
        best_so_far = objective.written(best.mean, best.sd) if best else "–"
        return changed, path.name, standing.state, size, best_so_far, when
    except (TunerError, OSError, ValueError, KeyError):
        return changed, path.name, "broken", "–", "–", when
