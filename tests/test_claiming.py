"""A study's folder: one writer at a time, one study a folder, and nothing overwritten unasked."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tuner import ledger
from tuner.claiming import changed_sources, move_aside
from tuner.errors import StudyError
from tuner.execution import Execution
from tuner.folder import StudyFolder, read_frames
from tuner.space import Space
from tuner.study import Study
from tuner.training.backend import start_tensorflow

start_tensorflow()

from tuner.planning import make_plan  # noqa: E402
from tuner.running import claimed  # noqa: E402


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
    executions, history, cells = read_frames(tmp_path)
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
        (
            {"factors": {"conv_blocks": (1, 3)}},
            r"factors conv_blocks was \[1, 2\] and is \[1, 3\]\.",
        ),
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
    monkeypatch.setattr(Space, "fingerprint", lambda space: {"shapes.py": "another"})
    with pytest.raises(StudyError, match=r"the search space conv_pool has changed \(.*shapes\.py"):
        claim(plan, tmp_path)


def test_other_settings_of_the_environment_are_refused_by_name(plan, tmp_path):
    claim(plan, tmp_path)
    about = json.loads((tmp_path / "environment.json").read_text())
    name, setting = next(iter(about["settings"].items()))
    about["settings"][name] = "another"
    (tmp_path / "environment.json").write_text(json.dumps(about))
    with pytest.raises(StudyError, match=f"environment {name} was 'another' and is {setting!r}"):
        claim(plan, tmp_path)


def test_overwrite_moves_the_study_aside_with_what_a_user_put_there(plan, tmp_path):
    path = tmp_path / "mine"
    claim(plan, path)
    (path / "notes.txt").write_text("mine")
    aside = move_aside(StudyFolder(path))
    claim(changed(plan, epochs=9), path)
    assert aside == tmp_path / "mine.1"
    assert (StudyFolder(aside).study.epochs, StudyFolder(path).study.epochs) == (2, 9)
    assert (aside / "notes.txt").read_text() == "mine"
    claim(plan, aside)  # it can be gone on with


def test_every_study_that_is_moved_aside_stays(plan, tmp_path):
    for _ in range(3):
        claim(plan, tmp_path)
        move_aside(StudyFolder(tmp_path))
    kept = sorted(path.name for path in tmp_path.parent.glob(f"{tmp_path.name}.*"))
    assert kept == [f"{tmp_path.name}.{number}" for number in (1, 2, 3)]
    assert move_aside(StudyFolder(tmp_path)) is None


def test_a_folder_with_files_and_no_study_is_refused_untouched(plan, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(StudyError, match=r"holds files and no study \(thesis\.tex\)"):
        claim(plan, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name[0] != "."] == ["thesis.tex"]


def test_what_a_kill_left_before_the_study_was_written_is_gone_on_with(plan, tmp_path):
    (tmp_path / "environment.json.partial").touch()
    (tmp_path / "cells.csv").touch()
    claim(plan, tmp_path)
    assert StudyFolder(tmp_path).is_study


def test_more_replicates_of_a_search_that_selects_are_refused_untouched(plan, tmp_path):
    selecting = changed(plan, strategy="bayesian")
    claim(selecting, tmp_path)
    before = (tmp_path / "study.yaml").read_bytes()
    told = r"replicates was 3 and is 5; bayesian has chosen by the mean of 3"
    with pytest.raises(StudyError, match=told):
        claim(changed(selecting, replicates=5), tmp_path)
    assert (tmp_path / "study.yaml").read_bytes() == before
    claim(selecting, tmp_path)


def test_a_ledger_that_the_plan_would_not_have_made_is_refused_untouched(
    plan, tmp_path, stub_record
):
    claim(plan, tmp_path)
    values = plan.design.values(plan.design.planned[0])
    execution = Execution(plan.study, "0007", 0, 0, values, 2)
    ledger.append(tmp_path, stub_record(execution).record)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(StudyError, match="holds an execution that this study does not have"):
        claim(changed(plan, replicates=5), tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before


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


SPACE = """
import keras
import keras_tuner
from beside import units

class Networks(keras_tuner.HyperModel):
    def build(self, hp):
        model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
        model.add(keras.layers.Dense(units(hp.Choice("width", [1, 2]))))
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model
"""


def test_a_study_whose_spaces_helper_was_edited_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "edited_space.py").write_text(SPACE)
    (tmp_path / "beside.py").write_text("def units(width):\n    return 5 + 5 * width\n")
    foreign = make_plan(Study(space="edited_space:Networks", dataset="digits", epochs=2))
    claim(foreign, tmp_path / "study")
    (tmp_path / "unrelated.py").write_text("")
    claim(foreign, tmp_path / "study")
    (tmp_path / "beside.py").write_text("def units(width):\n    return 10\n")
    with pytest.raises(StudyError, match=r"edited_space:Networks has changed \(beside\.py\)"):
        claim(foreign, tmp_path / "study")


def test_a_study_does_not_depend_on_what_finds_its_space():
    before = {"search_spaces/loading.py": "1", "search_spaces/shapes.py": "1"}
    after = {"search_spaces/packages.py": "2", "search_spaces/shapes.py": "1"}
    assert changed_sources("conv_pool", before, after) == []
    told = changed_sources("conv_pool", before, {**after, "search_spaces/shapes.py": "2"})
    assert told == ["the search space conv_pool has changed (search_spaces/shapes.py)"]


def test_a_study_whose_yaml_was_edited_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text("space: conv_pool\nfixed: {dropout: 0.2}")
    Path("mine.yaml").write_text("space: base.yaml\nlevels: {conv_blocks: [1, 2]}")
    factors = {"conv_blocks": (1, 2)}
    mine = make_plan(Study(space="mine.yaml", dataset="digits", epochs=2, factors=factors))
    assert mine.study.fixed["dropout"] == 0.2
    claim(mine, tmp_path / "study")
    claim(mine, tmp_path / "study")
    Path("base.yaml").write_text("space: conv_pool\nfixed: {dropout: 0.2, pooling: average}")
    with pytest.raises(StudyError, match=r"mine\.yaml has changed \(base\.yaml\)"):
        claim(mine, tmp_path / "study")


def test_a_study_from_before_sources_were_recorded_goes_on_and_records_them(plan, tmp_path):
    claim(plan, tmp_path)
    about = json.loads((tmp_path / "environment.json").read_text())
    (tmp_path / "environment.json").write_text(json.dumps({**about, "space": "one hash of all"}))
    claim(plan, tmp_path)
    assert json.loads((tmp_path / "environment.json").read_text()) == about


def test_how_a_study_is_told_may_change(plan, tmp_path):
    claim(plan, tmp_path)
    claim(changed(plan, width=None, depth=None, step="stage"), tmp_path)
    assert "step: stage" in (tmp_path / "study.yaml").read_text()


def test_a_study_that_goes_on_reads_its_ledger_once(plan, tmp_path, monkeypatch):
    claim(plan, tmp_path)
    read = []
    monkeypatch.setattr(ledger, "read", lambda folder: read.append(folder) or [])
    claim(plan, tmp_path)
    assert read == [tmp_path]
