"""Shards of a study, and copies of it that are partly done, joined into one study's folder."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuner import claiming, ledger, looks
from tuner.engine.retrying import AGAIN
from tuner.errors import StudyError
from tuner.execution import Record
from tuner.folder import StudyFolder, write_whole
from tuner.looks import Look
from tuner.strategies.extent import foreseen, is_foreseen
from tuner.study import Study, told

#: What two trainings of one execution may differ in, beside their numbers.
INCIDENTAL = {"seconds", "peak_memory_mb", "worker", "message", "versions"}


def merge(sources: Sequence[Path], output: Path, name: str | None = None) -> StudyFolder:
    """Joins the executions of shards or copies of one study in a new folder; returns it.

    Each execution is there once, replicate by replicate; one that failed or was lost gives way to
    one that did not. The sources are only read.

    Args:
        sources: folders of the study.
        output: the folder of studies.
        name: of the merged study; by default that of its shards.

    Raises:
        StudyError: if the sources are of different studies, or tell one execution differently; or
            something is in the merged study's place.
        UsageError: if the name is no folder's.
    """
    folders = [StudyFolder(source) for source in sources]
    largest = max(folders, key=lambda folder: folder.study.replicates)  # it may have been extended
    for folder in folders:
        check_same(folder, largest)
    study = largest.study.with_settings(name=name or largest.study.name, shard=None)
    records = joined(folders, study)
    return write_study(output / study.name, study, largest, records, looks_of(folders))


def check_same(folder: StudyFolder, other: StudyFolder) -> None:
    """Refuses two folders whose executions are not of the same study, known beforehand.

    Raises:
        StudyError: naming what differs.
    """
    if not is_foreseen(folder.study):
        raise StudyError(
            f"{folder.path} holds a study that chooses by results, which parts of it do not share: "
            "expected --strategy grid or random, without --tune"
        )
    about: dict[str, Any] = {"space": None, **other.environment, "data": other.data}
    study = other.study.model_copy(update={"shard": folder.study.shard})
    found = claiming.differences_from(folder, study, about)
    if not found and not folder.cells.equals(other.cells):
        found = [f"{folder.cells_file.name} differs"]
    if found:
        raise StudyError(
            f"{folder.path} and {other.path} hold different studies: {'; '.join(found)}"
        )


def joined(folders: Sequence[StudyFolder], study: Study) -> list[Record]:
    """The executions of all folders, each once, replicate by replicate.

    Raises:
        StudyError: naming an execution that the study does not have, or has with other numbers.
    """
    cells = expected_cells(folders[0], study)
    found: dict[tuple[int, int], tuple[Record, StudyFolder]] = {}
    for folder in folders:
        for record in folder.records:
            number = int(record.trial) if record.trial.isdecimal() else -1
            key = number, record.replicate
            if cells.get(key) != record.cell:
                raise StudyError(
                    f"{folder.ledger_file} holds an execution that this study does not have: trial "
                    f"{record.trial}, replicate {record.replicate}"
                )
            before, where = found.setdefault(key, (record, folder))
            if before.status in AGAIN:
                found[key] = record, folder
            elif record.status not in AGAIN:
                check_equal(before, where, record, folder, study.objective.name)
    return ledger.in_design_order([record for record, _ in found.values()])


def looks_of(folders: Sequence[StudyFolder]) -> list[Look]:
    """The looks at test images that copies of a study have taken, each once, the first first."""
    taken = {look.began: look for folder in folders for look in folder.looks}
    return [replace(taken[began], number=n) for n, began in enumerate(sorted(taken), start=1)]


def expected_cells(folder: StudyFolder, study: Study) -> dict[tuple[int, int], int]:
    """The cell of each execution of a whole study, by its trial's number and its replicate."""
    planned = folder.cells.query("state == 'planned'")["cell"].tolist()
    return {
        (execution.trial, execution.replicate): planned[execution.place]
        for replicate in foreseen(study, len(planned))
        for execution in replicate
    }


def check_equal(
    one: Record, here: StudyFolder, other: Record, there: StudyFolder, objective: str
) -> None:
    """Refuses two trainings of one execution that gave different numbers.

    Raises:
        StudyError: with the first number that differs, the objective before all others.
    """
    first, second = ledger.as_json(one), ledger.as_json(other)
    for name in dict.fromkeys([objective, *first, *second]):
        if name not in INCIDENTAL and first.get(name) != second.get(name):
            raise StudyError(
                f"cell {one.cell}, replicate {one.replicate} has two results: {name} is "
                f"{told(first.get(name))} in {here.path} and {told(second.get(name))} in "
                f"{there.path}; expected the same numbers, as one kind of processor gives them: "
                "leave one of these folders out"
            )


def write_study(
    path: Path, study: Study, like: StudyFolder, records: Sequence[Record], taken: Sequence[Look]
) -> StudyFolder:
    """Writes a new study's folder with these executions, there whole or not at all; returns it.

    Args:
        path: of the folder.
        study: resolved.
        like: whose cells and environment it has.
        records: replicate by replicate.
        taken: looks at its test images.

    Raises:
        StudyError: if something is there already.
    """
    if path.exists():
        raise StudyError(f"{path} is there already: choose another --name, or move it away")
    partial = StudyFolder(path.with_name(f".{path.name}.partial"))
    partial.path.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(like.environment_file, partial.environment_file)
    shutil.copyfile(like.cells_file, partial.cells_file)
    ledger.write(partial.path, records)
    for look in taken:
        looks.append(partial.final, look)
    write_whole(partial.study_file, study.to_yaml())
    partial.path.rename(path)
    merged = StudyFolder(path)
    merged.write_tables()
    return merged
