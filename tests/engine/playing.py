"""A committed study played again by another strategy, on a clock of its own; nothing is trained.

Each execution takes the seconds, and has the validation accuracy after its epochs, that the study's
ledger has of its cell and replicate. Seconds are those of all epochs, by their share of what the
execution was expected to take: the scoring of the images that are left costs the same however few
the epochs are.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tuner.cli.status import pace_of
from tuner.design import Cell, Design
from tuner.engine.asking import Asked
from tuner.engine.pace import Pace
from tuner.execution import Record, record_of
from tuner.folder import StudyFolder
from tuner.strategies import make_oracle

RESULTS = Path(__file__).parents[2] / "results"


@dataclass(frozen=True)
class Moment:
    """When an execution has ended: the share of the time that has passed, and what is told.

    `left`, `told` and `error` are seconds: those that were left, and the estimate of them.
    """

    passed: float
    left: float
    told: float
    error: float

    @property
    def off(self) -> float:
        """By what share the estimate is too high."""
        return self.told / self.left - 1


def moments_of(name: str) -> list[Moment]:
    """Those of a committed study, as if its executions had been trained one behind the other."""
    folder = StudyFolder(RESULTS / name)
    pace, records = pace_of(folder, 1), folder.records
    pace.records.clear()
    pace.look_again()
    ends, now = [], 0.0
    for record in records:
        now += record.seconds
        ends.append((now, record))
    return told(pace, ends)


def moments_played(name: str, num_slots: int, **settings: object) -> list[Moment]:
    """Those of the same cells searched by another strategy, so many at a time."""
    folder = StudyFolder(RESULTS / name)
    study = folder.study.with_settings(**settings)
    design = design_of(folder)
    expected = pace_of(folder).expected
    return told(Pace(study, range(len(design.cells)), expected, num_slots),
                ends_of(folder, study, design, expected, num_slots))  # fmt: skip


def design_of(folder: StudyFolder) -> Design:
    """The cells of a committed study."""
    names = [*folder.study.factors]
    rows = folder.cells.to_dict("records")
    values = {record.cell: record.values for record in folder.records}
    return Design(tuple(
        Cell(row["cell"], {name: values[row["cell"]][name] for name in names}, row["params"],
             row["flops"], "planned")
        for row in rows
    ), dict(folder.study.fixed))  # fmt: skip


def ends_of(folder, study, design, expected, num_slots) -> list[tuple[float, Record]]:
    """The records of a search, each with when it ends, in that order."""
    trained = defaultdict(list)
    for record in folder.records:
        trained[record.cell].append(record)
    asked = Asked(make_oracle(study, design), study, design)
    under_way, ended, now, number = [], [], 0.0, 0
    while True:
        while len(under_way) < num_slots and (execution := asked.next_execution()):
            known = trained[execution.cell][execution.replicate % len(trained[execution.cell])]
            epochs = execution.epochs - execution.initial_epoch
            share = expected(known.cell, epochs) / expected(known.cell, known.epochs)
            accuracy = known.history[execution.epochs - 1]["val_accuracy"]
            record = record_of(
                execution, "ok", seconds=known.seconds * share, val_accuracy=accuracy
            )
            number += 1
            heapq.heappush(under_way, (now + record.seconds, number, record))
        if not under_way:
            return ended
        now, _, record = heapq.heappop(under_way)
        asked.tell(record)
        ended.append((now, record))


def told(pace: Pace, ends: list[tuple[float, Record]]) -> list[Moment]:
    """What a pace tells whenever an execution has ended, but for the last."""
    whole, moments = ends[-1][0], []
    for place, (now, record) in enumerate(ends):
        pace.ended([record])
        begun = {other.key: end - other.seconds for end, other in ends[place + 1 :]}
        behind = {key: now - start for key, start in begun.items() if start <= now}
        if now < whole:
            moments.append(Moment(now / whole, whole - now, *pace.left(behind)))
    return moments
