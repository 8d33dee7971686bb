"""A study's folder: every file in it has its name here, and is opened here."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tuner import ledger
from tuner.errors import StudyError, UsageError
from tuner.execution import Record
from tuner.strategies.extent import num_executions
from tuner.study import Study, read_study

if TYPE_CHECKING:
    import pandas as pd

#: What studies did before they had the setting.
BEFORE_SETTINGS = {"score_on": "validation"}


class Frames(NamedTuple):
    """The tables of a study: executions and history from the ledger, and the cells."""

    executions: "pd.DataFrame"
    history: "pd.DataFrame"
    cells: "pd.DataFrame"


@dataclass(frozen=True)
class StudyFolder:
    """The folder of one study.

    What it holds is read once: a process that writes to the ledger does so through `append`.
    """

    path: Path

    @property
    def study_file(self) -> Path:
        """The settings, as resolved."""
        return self.path / "study.yaml"

    @property
    def environment_file(self) -> Path:
        """What the study was begun in."""
        return self.path / "environment.json"

    @property
    def cells_file(self) -> Path:
        """The design."""
        return self.path / "cells.csv"

    @property
    def ledger_file(self) -> Path:
        """The executions."""
        return self.path / ledger.LEDGER

    @property
    def table_files(self) -> dict[str, Path]:
        """The tables that repeat the ledger, by their frame's name."""
        return {name: self.path / f"{name}.csv" for name in ("executions", "history")}

    @property
    def checkpoints(self) -> Path:
        """The folder of the states that may be gone on from."""
        return self.path / "checkpoints"

    @property
    def report(self) -> Path:
        """The folder of the page."""
        return self.path / "report"

    @property
    def lock_file(self) -> Path:
        """Held by the process that writes."""
        return self.path / ".lock"

    @property
    def holder_file(self) -> Path:
        """Who holds the lock."""
        return self.path / ".holder.json"

    @property
    def is_study(self) -> bool:
        """Whether a study lies here."""
        return self.study_file.is_file()

    @cached_property
    def study(self) -> Study:
        """The study's settings.

        Raises:
            StudyError: if there are none, or they are broken.
        """
        if not self.is_study:
            raise StudyError(f"{self.path} has no study.yaml: it is not a study's folder.")
        try:
            return read_study(self.study_file, BEFORE_SETTINGS)
        except UsageError as error:
            raise StudyError(f"{self.study_file} is broken: {error}") from error

    def replace_study(self, study: Study) -> None:
        """Writes the settings of a study that goes on with others."""
        write_whole(self.study_file, study.to_yaml())
        vars(self)["study"] = study  # as a cached property keeps it

    @cached_property
    def environment(self) -> dict[str, Any]:
        """What the study was begun in; empty where the file is missing.

        Raises:
            StudyError: if the file is broken.
        """
        if not self.environment_file.is_file():
            return {}
        try:
            found: dict[str, Any] = json.loads(self.environment_file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise StudyError(f"{self.environment_file} is not JSON: {error}") from error
        return found

    @cached_property
    def records(self) -> list[Record]:
        """The executions in the order in which they ended.

        Raises:
            StudyError: naming the line that is no record.
        """
        return ledger.read(self.path)

    def append(self, record: Record) -> None:
        """Adds an execution; it is on disk when this returns."""
        known = self.records
        ledger.append(self.path, record)
        known.append(record)

    def keep_only(self, records: list[Record]) -> None:
        """Makes a ledger of some of the records; the one with all of them is kept beside it."""
        ledger.replace(self.path, records)
        vars(self)["records"] = records  # as a cached property keeps it

    @cached_property
    def cells(self) -> "pd.DataFrame":
        """One row a cell of the design: cell, each factor, params, flops, state, reason.

        Raises:
            StudyError: if there are none.
        """
        import pandas as pd

        if not self.cells_file.exists():
            raise StudyError(f"{self.path} holds no study: expected a folder made by tuner search")
        empty = {"params": "", "flops": ""}
        return pd.read_csv(self.cells_file, keep_default_na=False, na_values=empty)

    @property
    def num_planned(self) -> int:
        """The executions of the whole study, those included that are not trained yet."""
        return num_executions(self.study, int((self.cells["state"] == "planned").sum()))

    @property
    def frames(self) -> Frames:
        """The tables of the study.

        Raises:
            StudyError: if the folder holds no study.
        """
        executions = ledger.executions_frame(self.path.name, self.records)
        return Frames(executions, ledger.history_frame(self.records), self.cells)

    def write_tables(self) -> None:
        """Writes executions.csv and history.csv, which only repeat the ledger."""
        executions = ledger.executions_frame(self.path.name, self.records)
        history = ledger.history_frame(self.records)
        for frame, path in zip((executions, history), self.table_files.values(), strict=True):
            write_whole(path, frame.to_csv(index=False))


def read_frames(path: str | Path) -> Frames:
    """The tables of a study's folder: executions, history and cells.

    Raises:
        StudyError: if the folder holds no study.
    """
    return StudyFolder(Path(path)).frames


def write_whole(path: Path, content: str) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(content, encoding="utf-8")
    partial.replace(path)
