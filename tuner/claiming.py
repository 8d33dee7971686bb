"""Who holds a study's folder, whether it is the same study, and what stands in it at first."""

import json
import os
import platform
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tuner.design import Design
from tuner.errors import StudyError
from tuner.folder import StudyFolder, write_whole
from tuner.space import Space
from tuner.study import Study, differences
from tuner.training.backend import gpus, versions
from tuner.training.datasets import Dataset


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
            }
            holder.write_text(json.dumps(about))
            try:
                yield
            finally:
                holder.unlink(missing_ok=True)
    except Timeout as error:
        about = json.loads(holder.read_text()) if holder.exists() else {}
        who = "process {pid} on {host}, since {since}".format(**about) if about else "a process"
        raise StudyError(
            f"{folder.path} is being written by {who}; wait for it, stop it, or choose another "
            "--name"
        ) from error


def clear(folder: StudyFolder) -> None:
    """Removes what a search and a report have written, and nothing that a user put beside it."""
    written = (folder.study_file, folder.environment_file, folder.cells_file, folder.ledger_file)
    for path in (*written, *folder.table_files.values()):
        path.unlink(missing_ok=True)
    for path in (folder.checkpoints, folder.report):
        shutil.rmtree(path, ignore_errors=True)


def prepare(
    folder: StudyFolder, study: Study, design: Design, space: Space, dataset: Dataset
) -> None:
    """Writes study.yaml, environment.json and cells.csv, or finds the same study there.

    More replicates than before extend a study; any other difference is refused.

    Raises:
        StudyError: naming the differences from the study that is there.
    """
    about = environment(space, dataset)
    if folder.is_study:
        if found := differences_from(folder, study, about):
            raise StudyError(
                f"{folder.path} holds another study: {'; '.join(found)}. Choose another --name, or "
                "--overwrite to begin it anew"
            )
        # A study that goes on keeps what it was begun in; each record has its own versions.
        about = {**folder.environment, "space": about["space"]}
    elif folder.ledger_file.exists():
        raise StudyError(f"{folder.path} has a ledger but no study.yaml; choose another --name")
    write_whole(folder.environment_file, json.dumps(about, indent=2) + "\n")
    # The study last: a folder with a study.yaml is a whole one.
    write_whole(folder.cells_file, design.frame().to_csv(index=False))
    write_whole(folder.study_file, study.to_yaml())


def differences_from(folder: StudyFolder, study: Study, about: dict[str, Any]) -> list[str]:
    """What differs between a folder's study and another, one phrase a difference."""
    before, after = folder.study.model_dump(mode="json"), study.model_dump(mode="json")
    data_before = folder.environment.get("data", {})
    same_images = data_before.get("sha256") == about["data"]["sha256"]
    if same_images:  # wherever they lie
        before["dataset"] = after["dataset"]
    if after["replicates"] > before["replicates"]:
        before["replicates"] = after["replicates"]
    found = differences(before, after)
    if not same_images and before["dataset"] == after["dataset"]:
        found.append(f"the images of the dataset {study.dataset} have changed")
    if before["space"] == after["space"]:
        found += changed_sources(study.space, folder.environment.get("space"), about["space"])
    return found


def changed_sources(space: str, before: object, after: dict[str, str]) -> list[str]:
    """The source files of a search space that changed under a study, in one phrase.

    Studies from before files were recorded, with one hash in their place, are taken as they are.
    """
    if not isinstance(before, dict) or before == after:
        return []
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [f"the search space {space} has changed ({', '.join(names)})"]


def environment(space: Space, dataset: Dataset) -> dict[str, Any]:
    """What the numbers of a study depend on, beside its settings."""
    return {
        "versions": {"python": platform.python_version(), **versions()},
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
