"""Which study is meant by a name, a folder or its settings."""

import os
from pathlib import Path

from tuner.errors import UsageError
from tuner.study import Study
from tuner.words import listed, nearest, received, short

TABLES = (".csv", ".tsv", ".txt", ".parquet", ".db", ".sqlite", ".sqlite3", ".log", ".journal")


def path_of(asked: object, output: Path, expected: str) -> Path:
    """The folder of a study, or another file, that is asked for from Python.

    Args:
        asked: a name, a path, what `load` gives of a study, or its settings as a Study.
        output: the folder of studies.
        expected: of the caller, in words, with an example.

    Raises:
        UsageError: for anything else, or where there is none of this name, with the nearest.
    """
    if isinstance(asked, Study):
        asked = asked.folder_name
    if isinstance(asked, str):
        asked = source_path(asked)
    if not isinstance(asked, os.PathLike):
        raise UsageError(f"expected {expected}, got {received(asked)}")
    return existing(Path(asked), output)


def source_path(text: str) -> Path:
    """The path of a source, also where it is spelled as Optuna does: sqlite:///study.db.

    Raises:
        UsageError: it is the address of a server.
    """
    scheme, is_address, rest = text.partition("://")
    if not is_address:
        return Path(text)
    if scheme.partition("+")[0] != "sqlite" or not rest.startswith("/"):
        raise UsageError(
            f"expected a file or sqlite:///FILE, got {text}: optuna.copy_study() copies a study of "
            "a server's into a file"
        )
    return Path(rest[1:])


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


def studies_in(output: Path) -> list[Path]:
    """The folders of studies, by name."""
    return sorted(path.parent for path in output.glob("*/study.yaml"))
