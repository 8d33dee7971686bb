"""The ledger: an append-only file of executions, the only truth of a study.

One line of JSON an execution. A line is written, flushed and synced before anything else happens
with its execution, so that a process killed at any instant loses at most the line it was
writing; that torn line is cut off when the ledger is next opened for writing.
"""

import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import MISSING, asdict, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, cast, get_type_hints

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from tuner import durable
from tuner.errors import StudyError
from tuner.execution import Measurement, Record, is_metric
from tuner.objective import METRICS
from tuner.reading import from_json
from tuner.words import in_one_line

if TYPE_CHECKING:
    import pandas as pd

LEDGER = "ledger.jsonl"
# The columns of executions.csv before and after the hyperparameters.
BEFORE = ("study", "trial", "cell", "replicate", "seed")
AFTER = (
    "epochs", "initial_epoch", "bracket", "rung", *METRICS, "params", "flops", "seconds",
    "peak_memory_mb", "worker", "status", "message",
)  # fmt: skip


def append(folder: Path, *records: Record) -> None:
    """Adds executions; they are on disk when this returns."""
    if not records:
        return
    durable.append(folder / LEDGER, (line_of(record) for record in records))


def replace(folder: Path, records: Sequence[Record]) -> Path:
    """Makes a ledger of these records alone; returns where the one that was there is kept."""
    path = folder / LEDGER
    before = first_free(path)
    before.write_bytes(path.read_bytes())
    write(folder, records)
    return before


def write(folder: Path, records: Sequence[Record]) -> None:
    """Makes a ledger of these records, whole or not at all; it is on disk when this returns."""
    durable.write(folder / LEDGER, (line_of(record).encode() for record in records))


def first_free(path: Path) -> Path:
    """The path with the first number behind its name that is not taken: "ledger.jsonl.1"."""
    numbered = (path.with_name(f"{path.name}.{number}") for number in itertools.count(1))
    return next(candidate for candidate in numbered if not os.path.lexists(candidate))


def repair(folder: Path) -> int:
    """Cuts off a torn last line; returns the number of bytes cut. Only a writer may call this."""
    return durable.repair(folder / LEDGER)


def read(folder: Path) -> list[Record]:
    """The executions in the order in which they ended; a torn last line is passed over.

    Raises:
        StudyError: naming the line that is no record.
    """
    path = folder / LEDGER
    records = []
    for number, line in enumerate(durable.whole_lines(path), start=1):
        try:
            records.append(from_json(line, record_from))
        except ValueError as error:
            raise StudyError(
                f"{path}, line {number} is not an execution's record; expected JSON as the line "
                "before it has. Remove that line to train its execution again"
            ) from error
    return records


def line_of(record: Record) -> str:
    """A record as a line of the ledger."""
    return json.dumps(as_json(record), allow_nan=False) + "\n"


def record_from(line: bytes) -> Record:
    """A record from a line of the ledger.

    Raises:
        ValueError: for what is none: no JSON, another field, a field of another type.
    """
    found = line_type().validate_json(line)
    metrics = {name: found.pop(name) for name in [*found] if is_metric(name)}
    try:
        return Record(**found, metrics=metrics)
    except TypeError as error:  # a field that records do not have
        raise ValueError(str(error)) from error


@cache
def line_type() -> TypeAdapter[dict[str, Any]]:
    """What a line holds: the fields of a record, its metrics beside them.

    One pass of compiled code reads and checks a line, in less time than `json.loads` reads it.
    """
    types = get_type_hints(Record, include_extras=True)
    del types["metrics"]
    for field in fields(Record):
        if field.name in types and not (field.default is field.default_factory is MISSING):
            types[field.name] = NotRequired[types[field.name]]
    line = cast(Any, TypedDict)("Line", types, extra_items=Measurement)
    return TypeAdapter(with_config(ConfigDict(strict=True, allow_inf_nan=False))(line))


def as_json(record: Record) -> dict[str, Any]:
    """A record as the ledger has it: its metrics side by side with its other fields."""
    fields = asdict(record)
    metrics = fields.pop("metrics")
    return {**fields, **metrics}


def executions_frame(name: str, records: list[Record]) -> "pd.DataFrame":
    """One row an execution: the columns BEFORE, the hyperparameters, AFTER, further metrics."""
    import pandas as pd

    rows = [{**flat(record), "study": name} for record in in_design_order(records)]
    hyperparameters = list(dict.fromkeys(key for record in records for key in record.values))
    return pd.DataFrame(rows, columns=[*BEFORE, *hyperparameters, *AFTER, *further(records)])


def further(records: list[Record]) -> list[str]:
    """The metrics that models report beside those that every execution measures."""
    met = dict.fromkeys(name for record in records for name in record.metrics)
    return [name for name in met if name not in METRICS]


def history_frame(records: list[Record]) -> "pd.DataFrame":
    """One row an epoch: trial, cell, replicate, hyperparameters, epoch (from 1), metrics."""
    import pandas as pd

    rows = [
        {"trial": record.trial, "cell": record.cell, "replicate": record.replicate}
        | record.values
        | row
        for record in in_design_order(records)
        for row in record.history
    ]
    return pd.DataFrame(rows)


def in_design_order(records: list[Record]) -> list[Record]:
    """Replicate by replicate, there trial by trial: in whichever order workers have finished.

    A trial is named by its number, and by its rung behind a dash where it was promoted.
    """

    def place(record: Record) -> tuple[int, list[int]]:
        return record.replicate, [int(part) for part in record.trial.split("-")]

    return sorted(records, key=place)


def flat(record: Record) -> dict[str, Any]:
    """A record as a row, its hyperparameters beside its metrics, its message in one line."""
    row = as_json(record)
    return {**row.pop("values"), **row, "message": in_one_line(record.message)}
