"""Which study is meant by what was typed: a folder, the name of one, or nothing for the newest."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tuner.errors import StudyError, UsageError
from tuner.words import listed, nearest, short

if TYPE_CHECKING:
    from tuner.folder import StudyFolder
    from tuner.report import Source

RESULTS = Path("results")
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".db", ".sqlite", ".sqlite3", ".log", ".journal")


def study_folder(typed: Path | None, output: Path) -> "StudyFolder":
    """The folder of the study that was typed, or of the newest where none was.

    Raises:
        UsageError: where there is none of this name, with the nearest.
        StudyError: if there is no study at all.
    """
    from tuner.folder import StudyFolder

    return StudyFolder(newest_study(output) if typed is None else existing(typed, output))


def existing(typed: Path, output: Path) -> Path:
    """What was typed, or the study of this name in the folder of studies.

    Raises:
        UsageError: if neither is there, with the nearest name.
    """
    if os.path.lexists(typed) or typed.suffix in TABLES:
        return typed
    place = output if len(typed.parts) == 1 else typed.parent
    known = [folder.name for folder in studies_in(place)]
    if typed.name in known:
        return place / typed.name
    raise UsageError(
        f"no study {short(typed.name, 60)!r} in {place}.{nearest(typed.name, known)} "
        f"(studies: {listed(known, most=8) or 'none yet: tuner search makes one'})"
    )


def different(paths: list[Path]) -> list[Path]:
    """Paths to different studies.

    Raises:
        UsageError: for one of them alone, or twice.
    """
    known = [path.resolve() for path in paths]
    for path in paths:
        if known.count(path.resolve()) > 1:
            raise UsageError(f"expected different studies, got {path} twice")
    if len(paths) < 2:
        raise UsageError(f"expected two studies or more to compare, got {paths[0]} alone")
    return paths


def apart(sources: "list[Source]", paths: list[Path]) -> "list[Source]":
    """The sources, those of one name called after their folders too: "one/runs" and "two/runs"."""
    names = [source.name for source in sources]
    return [
        replace(source, name=f"{path.resolve().parent.name}/{source.name}")
        if names.count(source.name) > 1
        else source
        for source, path in zip(sources, paths, strict=True)
    ]


def studies_in(output: Path) -> list[Path]:
    """The folders of studies, by name."""
    return sorted(path.parent for path in output.glob("*/study.yaml"))


def newest_study(output: Path) -> Path:
    """The study that was trained or begun last.

    Raises:
        StudyError: if there is none.
    """
    from tuner.folder import studies_by_age

    if not (studies := studies_by_age(output)):
        raise StudyError(f"no study in {output}: expected one made by tuner search, or its folder")
    return studies[-1].path


def complete_study(incomplete: str) -> list[str]:
    """The names of studies that a shell may complete."""
    return [path.name for path in studies_in(RESULTS) if path.name.startswith(incomplete)]
