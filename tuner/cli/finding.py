"""Which study is meant by what was typed: a folder, the name of one, or nothing for the newest."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tuner.errors import StudyError, UsageError
from tuner.lookup import existing, studies_in

if TYPE_CHECKING:
    from tuner.folder import StudyFolder
    from tuner.report import Source

RESULTS = Path("results")


def study_folder(typed: Path | None, output: Path) -> "StudyFolder":
    """The folder of the study that was typed, or of the newest where none was.

    Raises:
        UsageError: where there is none of this name, with the nearest.
        StudyError: if there is no study at all.
    """
    from tuner.folder import StudyFolder

    return StudyFolder(newest_study(output) if typed is None else existing(typed, output))


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
