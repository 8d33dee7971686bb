"""Who holds a study's folder, whether it is the same study, and what stands in it at first."""

import getpass
import json
import os
import platform
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tuner import ledger
from tuner.design import Design
from tuner.errors import StudyError
from tuner.folder import StudyFolder, write_whole
from tuner.reading import from_json, read_bytes
from tuner.space import Space
from tuner.spreadsheet import as_csv
from tuner.strategies import strategy_of
from tuner.study import Study, differences
from tuner.training.backend import SETTINGS, gpus, versions
from tuner.training.datasets import Dataset
from tuner.words import listed


@contextmanager
def lock(folder: StudyFolder) -> Iterator[None]:
    """Holds the folder for writing, for one process at a time.

    Raises:
        StudyError: if another process holds it, saying which.
    """
    from filelock import FileLock, Timeout

    folder.path.mkdir(parents=True, exist_ok=True)
    holder = folder.holder_file
    try:
        with FileLock(folder.lock_file, timeout=0):
            about = {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
                "user": user_name(),
            }
            holder.write_text(json.dumps(about))
            try:
                yield
            finally:
                holder.unlink(missing_ok=True)
    except Timeout as error:
        raise StudyError(
            f"{folder.path} is being written by {told(holder)}; wait for it, stop it, or choose "
            "another --name"
        ) from error


#: What finds a search space and reads files that change it: a study has what they say resolved.
FINDING = {
    f"search_spaces/{name}.py"
    for name in ("__init__", "loading", "packages", "narrowing", "yaml_files")
}


def user_name() -> str:
    """Who this process belongs to; "" where the system does not know, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def told(holder: Path) -> str:
    """Who holds a study's folder, as the file of its holder says, if it does."""
    try:
        return "process {pid} on {host}, since {since}".format(**from_json(read_bytes(holder)))
    except (OSError, ValueError, KeyError, TypeError):
        return "a process"


def move_aside(folder: StudyFolder) -> Path | None:
    """Moves a study's folder, whole, to "NAME.1" or the next number that is free.

    Returns:
        Where it is now; None if there was no study.

    Raises:
        StudyError: if another process holds the folder.
    """
    if not (folder.is_study or folder.ledger_file.exists()):
        return None
    with lock(folder):
        aside = ledger.first_free(folder.path)
        folder.holder_file.unlink()
        folder.path.rename(aside)
    return aside


def written(folder: StudyFolder) -> list[str]:
    """The names of what a study's commands write in its folder."""
    paths = (
        *folder.table_files.values(), folder.report, folder.checkpoints, folder.under_way,
        folder.final, folder.ledger_file, folder.cells_file, folder.environment_file,
        folder.study_file,
    )  # fmt: skip
    return [path.name for path in paths]


def check(folder: StudyFolder, study: Study, about: dict[str, Any]) -> None:
    """Refuses a folder that this study cannot go on in; nothing is written.

    More replicates than before extend a study; any other difference is refused.

    Args:
        folder: of the study.
        study: resolved.
        about: as `environment` says it.

    Raises:
        StudyError: naming the differences from the study that is there, or the files of others.
    """
    if folder.is_study:
        if found := differences_from(folder, study, about):
            raise StudyError(
                f"{folder.path} holds another study: {'; '.join(found)}. Choose another --name, or "
                "--overwrite to begin anew (what is there is moved aside)"
            )
        return
    if folder.ledger_file.exists():
        raise StudyError(f"{folder.path} has a ledger but no study.yaml; choose another --name")
    ours = written(folder)
    foreign = [
        path.name for path in folder.path.iterdir()
        if not path.name.startswith(".") and path.name.removesuffix(".partial") not in ours
    ]  # fmt: skip
    if foreign:
        raise StudyError(
            f"{folder.path} holds files and no study ({listed(sorted(foreign), most=3)}): choose "
            "another --name or --output"
        )


def prepare(folder: StudyFolder, study: Study, design: Design, about: dict[str, Any]) -> None:
    """Writes study.yaml, environment.json and cells.csv of a study that `check` lets in."""
    if folder.is_study:
        # A study that goes on keeps what it was begun in; each record has its own versions.
        about = {**folder.environment, "space": about["space"]}
    write_whole(folder.environment_file, json.dumps(about, indent=2) + "\n")
    # The study last: a folder with a study.yaml is a whole one.
    write_whole(folder.cells_file, as_csv(design.frame()))
    write_whole(folder.study_file, study.to_yaml())


def differences_from(folder: StudyFolder, study: Study, about: dict[str, Any]) -> list[str]:
    """What differs between a folder's study and another, one phrase a difference."""
    before, after = folder.study.model_dump(mode="json"), study.model_dump(mode="json")
    data_before = folder.environment.get("data", {})
    same_images = data_before.get("sha256") == about["data"]["sha256"]
    if same_images:  # wherever they lie
        before["dataset"] = after["dataset"]
    is_extended = after["replicates"] > before["replicates"]
    if is_extended and strategy_of(study).is_known_beforehand:
        before["replicates"] = after["replicates"]
    found = differences(before, after)
    if is_extended and not strategy_of(study).is_known_beforehand:
        found.append(
            f"{study.strategy} has chosen by the mean of {before['replicates']} replicates"
        )
    if not same_images and before["dataset"] == after["dataset"]:
        found.append(f"the images of the dataset {study.dataset} have changed")
    if before["space"] == after["space"]:
        found += changed_sources(study.space, folder.environment.get("space"), about["space"])
    # Studies from before settings were recorded are taken as they are.
    known = {"environment": folder.environment.get("settings", SETTINGS)}
    return found + differences(known, {"environment": about.get("settings", SETTINGS)})


def changed_sources(space: str, before: object, after: object) -> list[str]:
    """The source files of a search space that changed under a study, in one phrase.

    Studies from before files were recorded, with one hash in their place, are taken as they are.
    """
    if not (isinstance(before, dict) and isinstance(after, dict)) or before == after:
        return []
    names = [
        name
        for name in {**before, **after}
        if before.get(name) != after.get(name) and name not in FINDING
    ]
    return [] if not names else [f"the search space {space} has changed ({', '.join(names)})"]


def environment(space: Space, dataset: Dataset) -> dict[str, Any]:
    """What the numbers of a study depend on, beside its settings."""
    return {
        "versions": {"python": platform.python_version(), **versions()},
        "begun": datetime.now(UTC).date().isoformat(),
        "cpu": cpu_name(),
        "gpus": [gpu.name for gpu in gpus()],
        "git_commit": git_commit(),
        "data": {
            "name": dataset.name,
            "sha256": dataset.sha256,
            "num_images": len(dataset.labels),
            "image_shape": list(dataset.input_shape),
            "num_classes": dataset.num_classes,
        },
        "space": space.fingerprint(),
        "settings": SETTINGS,
    }


def cpu_name() -> str:
    """The processor's model name."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def git_commit() -> str | None:
    """The commit of the working directory, if it is a git checkout."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None
