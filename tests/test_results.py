"""What a study has found, as Python has it."""

import os

import pytest

import tuner
from tests.report.conftest import study_folder  # noqa: F401  # a fixture
from tuner.errors import StudyError, UsageError
from tuner.folder import read_frames
from tuner.ledger import LEDGER

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture
def found(study_folder):  # noqa: F811
    return tuner.load(study_folder)


def test_it_has_the_tables_of_the_folder_and_is_its_path(found, study_folder):  # noqa: F811
    executions, history, cells = read_frames(found)
    assert found.executions.equals(executions)
    assert found.history.equals(history)
    assert found.cells.equals(cells)
    assert os.fspath(found) == str(study_folder)
    assert found.study.name == "width-depth"


def test_its_best_cell_is_the_one_with_the_best_mean(found):
    means = found.executions.groupby("cell")["val_accuracy"].mean()
    assert found.best.mean == pytest.approx(means.max())
    assert found.best.n == 3


@pytest.mark.slow
def test_it_says_what_its_page_says(found, study_folder):  # noqa: F811
    assert not (study_folder / "report").exists()
    assert found.answers
    assert found._repr_html_()
    assert not (study_folder / "report").exists()  # which only `report` writes
    written = found.report()
    assert written.answers == found.answers
    assert written.effects.equals(found.effects)
    assert written.html == study_folder / "report" / "report.html"


def test_where_nothing_is_trained_a_notebook_says_so(study_folder):  # noqa: F811
    (study_folder / LEDGER).unlink()
    found = tuner.load(study_folder)
    assert found.best is None
    assert "holds no execution yet" in found._repr_html_()
    with pytest.raises(StudyError, match="holds no execution yet"):
        found.effects  # noqa: B018


def test_a_study_is_found_by_name_and_by_its_settings(found, study_folder):  # noqa: F811
    assert tuner.load("width-depth", study_folder.parent) == found
    assert tuner.load(found.study, study_folder.parent) == found


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        (None, UsageError, r"expected a study's name, its folder or a Study, .* got None"),
        (42, UsageError, r"got 42 \(int\)"),
        ("width-detph", UsageError, "no study 'width-detph' in .*Did you mean 'width-depth'"),
        (".", StudyError, "has no study.yaml"),
    ],
)
def test_what_is_no_study_is_told_in_a_line(asked, error, told, study_folder):  # noqa: F811
    with pytest.raises(error, match=told):
        tuner.load(asked, study_folder.parent)
