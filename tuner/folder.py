"""A study's folder: every file in it has its name here, and is opened here."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tuner import ledger, looks
from tuner.environment import Data, environment_from
from tuner.errors import StudyError, UsageError
from tuner.execution import Record
from tuner.looks import Look
from tuner.reading import read_bytes
from tuner.strategies.extent import num_executions
from tuner.study import Study, read_study
from tuner.words import listed, reason

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
    def under_way(self) -> Path:
        """The folder of how far the executions have come that have not ended."""
        return self.path / "under-way"

    @property
    def report(self) -> Path:
        """The folder of the page."""
        return self.path / "report"

    @property
    def final(self) -> Path:
        """The folder of the end of the study: the looks at the test images, the network kept."""
        return self.path / "final"

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

    def reopened(self) -> "StudyFolder":
        """The folder as it is now: its settings are read again, its ledger, once read, is not."""
        opened = StudyFolder(self.path)
        if "records" in vars(self):
            vars(opened)["records"] = self.records
        return opened

    def replace_study(self, study: Study) -> None:
        """Writes the settings of a study that goes on with others."""
        write_whole(self.study_file, study.to_yaml())
        vars(self)["study"] = study  # as a cached property keeps it

    @cached_property
    def environment(self) -> dict[str, Any]:
        """What the study was begun in, as Environment has it; empty where the file is missing.

        Raises:
            StudyError: if the file is broken.
        """
        path = self.environment_file
        try:
            return environment_from(content_of(path))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise StudyError(f"{path} is not {reason(error)}") from error

    @property
    def data(self) -> dict[str, Any]:
        """What is known of the images: its hash, its images' number and shape.

        Raises:
            StudyError: if nothing is.
        """
        known = self.environment.get("data", {})
        if missing := sorted(Data.__annotations__.keys() - known):
            raise StudyError(f"{self.environment_file} does not say {listed(missing)} of the data")
        return dict(known)

    @cached_property
    def records(self) -> list[Record]:
        """The executions in the order in which they ended.

        Raises:
            StudyError: naming the line that is no record, or that of a cell which is not there.
        """
        found = ledger.read(self.path)
        cells = set(self.cells["cell"]) if found and self.cells_file.exists() else None
        for number, record in enumerate(found, start=1):
            if cells is not None and record.cell not in cells:
                raise StudyError(
                    f"{self.ledger_file}, line {number} is not an execution's record: "
                    f"{self.cells_file.name} has no cell {record.cell}"
                )
        return found

    def append(self, *records: Record) -> None:
        """Adds executions; they are on disk when this returns."""
        known = self.records
        ledger.append(self.path, *records)
        known.extend(records)

    def keep_only(self, records: list[Record]) -> None:
        """Makes a ledger of some of the records; the one with all of them is kept beside it."""
        ledger.replace(self.path, records)
        vars(self)["records"] = records  # as a cached property keeps it

    @cached_property
    def cells(self) -> "pd.DataFrame":
        """One row a cell of the design: cell, each factor, params, flops, state, reason.

        Raises:
            StudyError: if there are none, or the file is broken.
        """
        from tuner.spreadsheet import from_csv

        path, empty = self.cells_file, {"params": "", "flops": ""}
        try:
            cells = from_csv(content_of(path), keep_default_na=False, na_values=empty)
        except FileNotFoundError as error:
            raise StudyError(
                f"{self.path} holds no study: expected a folder made by tuner search"
            ) from error
        except ValueError as error:
            raise StudyError(f"{path} is not a table of cells: {reason(error)}") from error
        if wrong := wrong_column(cells):
            raise StudyError(f"{path} is not a table of cells: {wrong}")
        return cells

    @property
    def looks(self) -> list[Look]:
        """The looks that were taken at the test images; a StudyError if their file is broken."""
        return looks.read(self.final)

    @property
    def num_planned(self) -> int:
        """The executions of the whole study, those included that are not trained yet."""
        return num_executions(self.study, int((self.cells["state"] == "planned").sum()))

    @property
    def frames(self) -> Frames:
        """The tables of the study.

        Raises:
            StudyError: if the folder holds no study, or none that was trained for its objective.
        """
        executions = ledger.executions_frame(self.path.name, self.records)
        found = Frames(executions, ledger.history_frame(self.records), self.cells)
        objective = self.study.objective.name
        if objective not in executions and (executions["status"] == "ok").any():
            raise StudyError(f"{self.study_file}: no execution has the objective, {objective}")
        return found

    def write_tables(self) -> None:
        """Writes executions.csv and history.csv, which only repeat the ledger."""
        from tuner.spreadsheet import as_csv

        executions = ledger.executions_frame(self.path.name, self.records)
        history = ledger.history_frame(self.records)
        for frame, path in zip((executions, history), self.table_files.values(), strict=True):
            write_whole(path, as_csv(frame))


def read_frames(path: str | Path) -> Frames:
    """The tables of a study's folder: executions, history and cells.

    Raises:
        StudyError: if the folder holds no study.
    """
    return StudyFolder(Path(path)).frames


def content_of(path: Path) -> bytes:
    """The content of a study's file.

    Raises:
        FileNotFoundError: if there is none.
        StudyError: if it cannot be read.
    """
    try:
        return read_bytes(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {reason(error)}") from error


def wrong_column(cells: "pd.DataFrame") -> str:
    """What is wrong with a table of cells: cell, params, flops, state, reason; "" if nothing is."""
    needed = ("cell", "params", "flops", "state", "reason")
    if missing := [name for name in needed if name not in cells]:
        return f"expected the columns {listed(needed)}; {listed(missing)} missing"
    for name, kinds in (("cell", "i"), ("params", "if"), ("flops", "if")):
        if cells[name].dtype.kind not in kinds or not cells[name].dropna().between(0, 1e300).all():
            return f"expected numbers of 0 and more in the column {name}"
    return "" if len(cells) and cells["cell"].is_unique else "expected different cells"


def studies_by_age(output: Path) -> list[StudyFolder]:
    """The studies in a folder, the one that was trained or begun last at the end."""
    found = [StudyFolder(path.parent) for path in output.glob("*/study.yaml")]
    return sorted(found, key=lambda folder: max(changes(folder.path), default=0.0))


def changes(folder: Path) -> Iterator[float]:
    """When each file of a folder changed, of those that are there to be asked.

    A search replaces its tables and drops states meanwhile; links may lead nowhere.
    """
    try:
        for path in folder.iterdir():
            with suppress(OSError):
                yield path.stat().st_mtime
    except OSError:
        return


def write_whole(path: Path, content: str) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(content, encoding="utf-8")
    partial.replace(path)
