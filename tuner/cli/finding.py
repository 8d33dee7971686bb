"""Which study is meant by what was typed: a folder, the name of one, or nothing for the newest."""

from pathlib import Path
from typing import TYPE_CHECKING

from tuner.errors import StudyError
from tuner.lookup import existing, studies_in

if TYPE_CHECKING:
    from tuner.folder import StudyFolder

RESULTS = Path("results")


def study_folder(typed: Path | None, output: Path) -> "StudyFolder":
    """The folder of the study that was typed, or of the newest where none was.

    Raises:
        UsageError: where there is none of this name, with the nearest.
        StudyError: if there is no study at all.
    """
    from tuner.folder import StudyFolder

    return StudyFolder(newest_study(output) if typed is None else existing(typed, output))


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
