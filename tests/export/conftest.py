"""A real study to be exported: of three cells two end well, and one execution was lost."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from tuner.folder import StudyFolder
from tuner.study import Study

SPACE = "tests.hypermodels:Sometimes"
CELLS = (
    {"units": 16, "head": "well"}, {"units": 64, "head": "well"}, {"units": 16, "head": "unwell"},
)  # fmt: skip


@pytest.fixture(scope="session")
def searched(shared: Path) -> Path:
    """A study that was trained on digits, not to be changed; one process trains it."""
    with FileLock(shared / "searched.lock"):
        path = shared / "searched" / "exported"
        return path if path.exists() else trained(path)


def trained(path: Path) -> Path:
    """Trains the study into a folder, and adds an execution that was lost."""
    from tuner.library import search

    study = Study(
        name="exported", space=SPACE, cells=CELLS, dataset="digits", train_size=200,
        validation_size=100, epochs=2, replicates=2,
    )  # fmt: skip
    folder = StudyFolder(search(study, path.parent, num_workers=0, quiet=True).path)
    lost = replace(
        folder.records[0], replicate=2, status="lost", metrics={}, history=[],
        message="tried 3 times; the last time its worker was killed",
    )  # fmt: skip
    folder.append(lost)
    return path


@pytest.fixture
def folder(searched: Path, tmp_path: Path) -> StudyFolder:
    """A copy of it that may be changed."""
    return StudyFolder(shutil.copytree(searched, tmp_path / "exported"))
