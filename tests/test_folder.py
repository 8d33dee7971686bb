"""A study's folder: one writer at a time, one study a folder, and nothing overwritten unasked."""

import json
from dataclasses import replace

import pytest

from tuner import folder, ledger
from tuner.errors import StudyError
from tuner.study import Study
from tuner.training.backend import start_tensorflow

start_tensorflow()

from tuner.planning import claimed, make_plan  # noqa: E402


@pytest.fixture(scope="module")
def plan():
    return make_plan(Study(factors={"conv_blocks": (1, 2)}, dataset="digits", epochs=2))


def changed(plan, **settings):
    return replace(plan, study=plan.study.model_copy(update=settings))


def claim(plan, path, **how):
    with claimed(plan, path, **how):
        pass


def test_a_claimed_folder_has_the_study_its_cells_and_its_environment(plan, tmp_path):
    claim(plan, tmp_path)
    about = json.loads((tmp_path / "environment.json").read_text())
    assert about["data"]["sha256"] == plan.dataset.sha256
    assert {"tensorflow", "keras", "python"} <= set(about["versions"])
    executions, history, cells = ledger.read_frames(tmp_path)
    assert executions.empty
    assert history.empty
    assert cells["conv_blocks"].tolist() == [1, 2]


def test_the_same_study_may_go_on(plan, tmp_path):
    claim(plan, tmp_path)
    claim(plan, tmp_path)


def test_a_study_that_goes_on_keeps_the_environment_it_was_begun_in(plan, tmp_path):
    claim(plan, tmp_path)
    about = json.loads((tmp_path / "environment.json").read_text())
    (tmp_path / "environment.json").write_text(json.dumps({**about, "git_commit": "the first"}))
    claim(plan, tmp_path)
    assert json.loads((tmp_path / "environment.json").read_text())["git_commit"] == "the first"


def test_the_same_images_elsewhere_are_the_same_data(plan, tmp_path):
    claim(plan, tmp_path)
    claim(changed(plan, dataset="elsewhere.npz"), tmp_path)


def test_more_replicates_extend_a_study_and_fewer_are_refused(plan, tmp_path):
    claim(plan, tmp_path)
    claim(changed(plan, replicates=5), tmp_path)
    with pytest.raises(StudyError, match="replicates was 5 and is 3"):
        claim(plan, tmp_path)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"epochs": 3}, "epochs was 2 and is 3"),
        ({"seed": 7}, "seed was 0 and is 7"),
        ({"train_size": 500}, "train_size was 1078 and is 500"),
        ({"factors": {"conv_blocks": (1, 3)}}, "factors was"),
    ],
)
def test_changed_settings_are_refused_by_name(plan, tmp_path, settings, named):
    claim(plan, tmp_path)
    with pytest.raises(StudyError, match=named):
        claim(changed(plan, **settings), tmp_path)


def test_changed_images_are_refused(plan, tmp_path):
    claim(plan, tmp_path)
    other = replace(plan, dataset=replace(plan.dataset, sha256="0" * 64))
    with pytest.raises(StudyError, match="the images of the dataset digits have changed"):
        claim(other, tmp_path)


def test_a_changed_space_is_refused(plan, tmp_path, monkeypatch):
    claim(plan, tmp_path)
    monkeypatch.setattr(folder, "space_fingerprint", lambda space: "another")
    with pytest.raises(StudyError, match="the search space conv_pool has changed"):
        claim(plan, tmp_path)


def test_overwrite_begins_anew_and_leaves_what_a_user_put_there(plan, tmp_path):
    claim(plan, tmp_path)
    (tmp_path / ledger.LEDGER).write_text("")
    (tmp_path / "notes.txt").write_text("mine")
    claim(changed(plan, epochs=9), tmp_path, overwrite=True)
    assert not (tmp_path / ledger.LEDGER).exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_second_writer_is_told_who_holds_the_study(plan, tmp_path):
    told = pytest.raises(StudyError, match=r"is being written by process \d+ on .*, since")
    with claimed(plan, tmp_path), told:
        claim(plan, tmp_path)
    claim(plan, tmp_path)


def test_a_refused_writer_changes_nothing(plan, tmp_path):
    claim(plan, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(StudyError):
        claim(changed(plan, epochs=3), tmp_path)
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert after == before


def test_a_torn_last_line_is_cut_when_a_writer_comes(plan, tmp_path):
    claim(plan, tmp_path)
    (tmp_path / ledger.LEDGER).write_text('{"trial": "0", "ce')
    claim(plan, tmp_path)
    assert (tmp_path / ledger.LEDGER).read_text() == ""
