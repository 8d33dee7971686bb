"""Where a study stands: who trains it, how much of it is done, what is best so far.

Told from its files alone, without pandas and TensorFlow: a folder of studies is told at once.
"""

import csv
import io
import math
import os
import socket
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from tuner import ledger
from tuner.execution import Record, score_of, without_tuning
from tuner.folder import StudyFolder, changes, content_of
from tuner.objective import Objective
from tuner.reading import from_json, read_bytes
from tuner.setting_types import Level
from tuner.strategies import strategy_of
from tuner.strategies.extent import in_shard, num_executions


class Holder(NamedTuple):
    """The process that trains a study."""

    pid: int
    host: str
    since: datetime
    user: str = ""


class Best(NamedTuple):
    """The cell with the best mean objective at the largest budget that was reached."""

    cell: int
    values: dict[str, Level]
    mean: float
    sd: float | None
    n: int
    epochs: int


@dataclass(frozen=True)
class Standing:
    """Where a study stands; what is read is read once."""

    folder: StudyFolder

    @cached_property
    def holder(self) -> Holder | None:
        """The process that trains it; None where none does, or its machine says that it died."""
        return holder_of(self.folder)

    @cached_property
    def records(self) -> list[Record]:
        """The executions that have ended."""
        return ledger.read(self.folder.path)

    @cached_property
    def statuses(self) -> "Counter[str]":
        """How many executions ended in which way."""
        return Counter(record.status for record in self.records)

    @cached_property
    def num_planned(self) -> int:
        """The executions of the study, or of its shard."""
        if self.folder.study.shard:
            return len(in_shard(self.folder.study, planned_seconds(self.folder)))
        try:
            rows = csv.DictReader(io.StringIO(content_of(self.folder.cells_file).decode()))
            num_cells = sum(row["state"] == "planned" for row in rows)
        except (ValueError, KeyError, csv.Error, FileNotFoundError):
            return self.folder.num_planned  # which says what is wrong with the file
        return num_executions(self.folder.study, num_cells)

    @property
    def is_complete(self) -> bool:
        """Whether all that was planned has ended."""
        return len(self.records) >= self.num_planned

    @property
    def selects(self) -> bool:
        """Whether results chose what was trained, so that effects have to be completed."""
        return not strategy_of(self.folder.study).covers

    @property
    def state(self) -> str:
        """In a word: running, complete, stopped, or begun where nothing has ended yet."""
        if self.holder:
            return "running"
        return "complete" if self.is_complete else "stopped" if self.records else "begun"

    @cached_property
    def best(self) -> Best | None:
        """The best cell so far; None where no execution has ended well."""
        return best_cell(self.records, self.folder.study.objective)

    @property
    def changed(self) -> float:
        """When one of its files changed last, in seconds since 1970."""
        return max(changes(self.folder.path), default=0.0)


def planned_seconds(folder: StudyFolder) -> list[float]:
    """A rough time of one execution of each planned cell, at the full budget, in seconds."""
    planned = folder.cells.query("state == 'planned'")
    return [cell_seconds(folder, flops, folder.study.epochs) for flops in planned["flops"]]


def cell_seconds(folder: StudyFolder, flops: float, epochs: int) -> float:
    """A rough time of one execution of a cell; its FLOPs are NaN where they are not known."""
    from tuner.design import execution_seconds

    data, known = folder.data, None if math.isnan(flops) else flops or None
    return execution_seconds(folder.study, data["image_shape"], data["num_images"], known, epochs)


def best_cell(records: Iterable[Record], objective: Objective) -> Best | None:
    """The cell with the best mean objective at the largest budget; None where none ended well."""
    found = None
    for cell, of_cell in at_largest_budget(records, objective).items():
        scores = [score_of(record, objective) or 0.0 for record in of_cell]
        mean, sd = statistics.fmean(scores), statistics.stdev(scores) if len(scores) > 1 else None
        if found is None or objective.is_better(mean, found.mean):
            found = Best(cell, of_cell[0].values, mean, sd, len(scores), of_cell[0].epochs)
    return found


def at_largest_budget(records: Iterable[Record], objective: Objective) -> dict[int, list[Record]]:
    """The executions that ended well and had the largest budget of those that did, by their cell.

    In the order of the design: of cells that are as good the first is the best. What served to
    choose nuisances is left out, as it is one replicate more in which some candidate always does
    well.
    """
    done = [r for r in without_tuning(records) if score_of(r, objective) is not None]
    epochs = max((record.epochs for record in done), default=0)
    cells: dict[int, list[Record]] = defaultdict(list)
    for record in ledger.in_design_order([r for r in done if r.epochs == epochs]):
        cells[record.cell].append(record)
    return cells


def holder_of(folder: StudyFolder) -> Holder | None:
    """The process that holds a study's folder, as its file says, unless it is known to be dead."""
    try:
        said: dict[str, Any] = from_json(read_bytes(folder.holder_file))
        since = datetime.fromisoformat(said["since"])
        holder = Holder(int(said["pid"]), str(said["host"]), since, str(said.get("user", "")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if holder.host == socket.gethostname() and not is_alive(holder.pid):
        return None
    return holder


def is_alive(pid: int) -> bool:
    """Whether a process of this machine runs."""
    with suppress(PermissionError, OverflowError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
