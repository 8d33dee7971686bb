"""`tuner export` says what it wrote and how it is opened, and what is wrong in one line."""

import sys

import pytest

from tests.cli.commanding import invoke
from tests.stubbed import search


@pytest.fixture
def folder(tmp_path, study, design, stub_record):
    """A study of 18 executions."""
    return search(tmp_path / "results", study, design, stub_record)


def test_it_says_what_was_added_and_how_it_is_opened(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = "results/small/tensorboard"
    opened = f"Next: tensorboard --logdir {place}\n"
    told = invoke("export", "small", "--to", "tensorboard").stdout
    assert told == f"{place}: 18 executions added\n{opened}"
    again = invoke("export", "small").stdout
    assert again == f"{place}: 0 executions added, 18 there before\n{opened}"
    assert len([*(tmp_path / place).glob("cell-*/*")]) == 18


def test_another_folder_can_be_named_and_the_study_stays_as_it_was(folder, tmp_path):
    before = sorted(path.name for path in folder.path.iterdir())
    told = invoke("export", str(folder.path), "--output", str(tmp_path / "else where"))
    assert told.exit_code == 0
    assert f"Next: tensorboard --logdir '{tmp_path / 'else where'}'" in told.stdout
    assert sorted(path.name for path in folder.path.iterdir()) == before


def test_what_cannot_be_exported_is_told(folder):
    told = invoke("export", str(folder.path), "--to", "keras-tuner").stdout
    assert "6 trials added\n" in told
    assert "Left out: the models of trials, as no execution's is kept" in told
    assert "Next: keras_tuner.GridSearch(build, keras_tuner.Objective(" in told


@pytest.mark.parametrize("name", ["mlflow", "wandb"])
def test_a_target_that_is_not_installed_is_told_with_its_extra(folder, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, f"tuner.export.{name}", raising=False)
    told = invoke("export", str(folder.path), "--to", name)
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
    assert f"pip install 'width-depth-tuner[{name}]'" in told.stderr


def test_another_target_is_told_with_the_nearest(folder):
    told = invoke("export", str(folder.path), "--to", "tensorbord")
    assert (told.exit_code, told.stderr) == (
        2,
        "Error: --to: expected tensorboard, mlflow, wandb, keras-tuner, got 'tensorbord'. Did you "
        "mean 'tensorboard'?\n",
    )


def test_a_study_without_an_execution_is_told(folder):
    folder.keep_only([])
    told = invoke("export", str(folder.path))
    assert told.exit_code == 1
    assert "holds no execution yet: tuner search trains them" in told.stderr
