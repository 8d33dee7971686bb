"""A study's folder: who holds it, whether it is the same study, what stands in it at first."""

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

from tuner import ledger
from tuner.design import Design
from tuner.errors import StudyError, UsageError
from tuner.space import hyperparameters
from tuner.study import Study, differences, fingerprint, read_study
from tuner.training.backend import gpus, versions
from tuner.training.datasets import Dataset

# What a search writes; `clear` removes these and nothing that a user may have put beside them.
FILES = (
    "study.yaml", "environment.json", ledger.LEDGER, "executions.csv", "history.csv", "cells.csv",
)  # fmt: skip
FOLDERS = ("checkpoints", "report")


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Holds the folder for writing, for one process at a time.

    Raises:
        StudyError: if another process holds it, saying which.
    """
    from filelock import FileLock, Timeout

    path.mkdir(parents=True, exist_ok=True)
    holder = path / ".holder.json"
    try:
        with FileLock(path / ".lock", timeout=0):
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
            f"{path} is being written by {who}; wait for it, stop it, or choose another --name"
        ) from error


def clear(path: Path) -> None:
    """Removes what a search and a report have written."""
    for name in FILES:
        (path / name).unlink(missing_ok=True)
    for name in FOLDERS:
        shutil.rmtree(path / name, ignore_errors=True)


def prepare(path: Path, study: Study, design: Design, space: Any, dataset: Dataset) -> None:
    """Writes study.yaml, environment.json and cells.csv, or finds the same study there.

    More replicates than before extend a study; any other difference is refused.

    Raises:
        StudyError: naming the differences from the study that is there.
    """
    about = environment(space, study, dataset)
    if (path / "study.yaml").exists():
        found = differences_from(path, study, about)
        if found:
            raise StudyError(
                f"{path} holds another study: {'; '.join(found)}. Choose another --name, or "
                "--overwrite to begin it anew"
            )
    elif (path / ledger.LEDGER).exists():
        raise StudyError(f"{path} has a ledger but no study.yaml; choose another --name")
    else:  # a study that goes on keeps what it was begun in; each record has its own versions
        replace(path / "environment.json", json.dumps(about, indent=2) + "\n")
    # The study last: a folder with a study.yaml is a whole one.
    replace(path / "cells.csv", design.frame().to_csv(index=False))
    replace(path / "study.yaml", study.to_yaml())


def differences_from(path: Path, study: Study, about: dict[str, Any]) -> list[str]:
    """What differs between a folder's study and another, one phrase a difference."""
    try:
        before = read_study(path / "study.yaml").model_dump(mode="json")
        data_before = json.loads((path / "environment.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, UsageError) as error:
        raise StudyError(
            f"{path}: its study.yaml or environment.json is broken: {error}"
        ) from error
    after = study.model_dump(mode="json")
    same_images = data_before["data"]["sha256"] == about["data"]["sha256"]
    if same_images:  # wherever they lie
        before["dataset"] = after["dataset"]
    if after["replicates"] > before.get("replicates", 0):
        before["replicates"] = after["replicates"]
    found = differences(before, after)
    if not same_images and before["dataset"] == after["dataset"]:
        found.append(f"the images of the dataset {study.dataset} have changed")
    if data_before["space"] != about["space"] and before["space"] == after["space"]:
        found.append(f"the search space {study.space} has changed")
    return found


def environment(space: Any, study: Study, dataset: Dataset) -> dict[str, Any]:
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
        "space": space_fingerprint(space),
    }


def space_fingerprint(space: Any) -> str:
    """A hash of the names that a space declares and, unless it is one of ours, of its source text.

    The levels that a study uses stand in its settings.
    """
    import inspect

    ours = type(space).__module__.startswith("search_spaces.")
    return fingerprint([*hyperparameters(space), "" if ours else inspect.getsource(type(space))])


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


def replace(path: Path, content: str) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(content, encoding="utf-8")
    partial.replace(path)
