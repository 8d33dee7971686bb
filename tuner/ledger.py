"""The ledger: an append-only file of executions, the only truth of a study.

One line of JSON an execution. A line is written, flushed and synced before anything else happens
with its execution, so that a process killed at any instant loses at most the line it was
writing; that torn line is cut off when the ledger is next opened for writing.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner.errors import StudyError
from tuner.execution import Record

if TYPE_CHECKING:
    import pandas as pd

LEDGER = "ledger.jsonl"
# The columns of executions.csv before and after the hyperparameters.
BEFORE = ("study", "trial", "cell", "replicate", "seed")
AFTER = (
    "epochs", "initial_epoch", "bracket", "rung", "val_accuracy", "val_loss", "best_val_accuracy",
    "best_epoch", "train_accuracy", "params", "flops", "seconds", "peak_memory_mb", "worker",
    "status", "message",
)  # fmt: skip


def append(folder: Path, record: Record) -> None:
    """Adds an execution; it is on disk when this returns."""
    line = json.dumps(asdict(record), allow_nan=False) + "\n"
    with (folder / LEDGER).open("a", encoding="utf-8") as ledger:
        ledger.write(line)
        ledger.flush()
        os.fsync(ledger.fileno())


def repair(folder: Path) -> int:
    """Cuts off a torn last line; returns the number of bytes cut. Only a writer may call this."""
    path = folder / LEDGER
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole == len(content):
        return 0
    with path.open("r+b") as ledger:
        ledger.truncate(whole)
        os.fsync(ledger.fileno())
    return len(content) - whole


def read(folder: Path) -> list[Record]:
    """The executions in the order in which they ended; a torn last line is passed over.

    Raises:
        StudyError: naming the line that is no record.
    """
    path = folder / LEDGER
    if not path.exists():
        return []
    *lines, _torn = path.read_text(encoding="utf-8", errors="replace").split("\n")
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(Record(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise StudyError(
                f"{path}, line {number} is not an execution's record; expected JSON as the line "
                "before it has. Remove that line to train its execution again"
            ) from error
    return records


def executions_frame(name: str, records: list[Record]) -> "pd.DataFrame":
    """One row an execution, with the columns BEFORE, the hyperparameters, and AFTER."""
    import pandas as pd

    rows = [{**flat(record), "study": name} for record in in_design_order(records)]
    hyperparameters = list(dict.fromkeys(key for record in records for key in record.values))
    return pd.DataFrame(rows, columns=[*BEFORE, *hyperparameters, *AFTER])


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
    """A record as a row, its hyperparameters side by side with its metrics."""
    row = asdict(record)
    return {**row.pop("values"), **row}


def read_frames(folder: Path) -> tuple["pd.DataFrame", "pd.DataFrame", "pd.DataFrame"]:
    """The frames of a study's folder: executions and history from the ledger, and the cells.

    Raises:
        StudyError: if the folder holds no study.
    """
    import pandas as pd

    cells = folder / "cells.csv"
    if not cells.exists():
        raise StudyError(f"{folder} holds no study: expected a folder made by tuner search")
    records = read(folder)
    return (
        executions_frame(folder.name, records),
        history_frame(records),
        pd.read_csv(cells, keep_default_na=False, na_values={"params": "", "flops": ""}),
    )


def write_tables(folder: Path) -> None:
    """Writes executions.csv and history.csv, which only repeat the ledger."""
    records = read(folder)
    for name, frame in (
        ("executions.csv", executions_frame(folder.name, records)),
        ("history.csv", history_frame(records)),
    ):
        partial = folder / f"{name}.partial"
        frame.to_csv(partial, index=False)
        partial.replace(folder / name)
