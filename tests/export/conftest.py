"""A real study to be exported: of three cells two end well, and one execution was lost."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tuner.folder import StudyFolder
from tuner.study import Study

SPACE = "tests.hypermodels:Sometimes"
CELLS = (
    {"units": 16, "head": "well"}, {"units": 64, "head": "well"}, {"units": 16, "head": "unwell"},
)  # fmt: skip


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study that was trained on digits; not to be changed."""
    from tuner.running import search

    study = Study(
        name="exported", space=SPACE, cells=CELLS, dataset="digits", train_size=200,
        validation_size=100, epochs=2, replicates=2,
    )  # fmt: skip
    path = search(study, tmp_path_factory.mktemp("searched"), num_workers=0)
    folder = StudyFolder(path)
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
