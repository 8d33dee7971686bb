"""The end of a study: one network, kept, and one look at the test images that cannot be hidden."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from tuner.training.backend import start_tensorflow

start_tensorflow()  # this process trains what a search has: with one thread, as that one

from tuner import claiming, finalizing  # noqa: E402
from tuner.cli.showing import best_cells  # noqa: E402
from tuner.errors import DataError, StudyError, UsageError  # noqa: E402
from tuner.finalizing import chosen, finalize  # noqa: E402
from tuner.folder import StudyFolder  # noqa: E402
from tuner.training.datasets import load_dataset  # noqa: E402

pytestmark = [
    pytest.mark.trains,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # Keras's own
]

#: What a stranger does with the network: neither tuner nor its search spaces can be imported.
ELSEWHERE = """
import sys
sys.modules["tuner"] = sys.modules["search_spaces"] = None
import json, keras, numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
found = load_digits()
images, labels = (found.images * (255 / 16)).round().astype(np.uint8)[..., None], found.target
_, test = train_test_split(np.arange(len(labels)), test_size=0.2, stratify=labels, random_state=0)
outputs = keras.saving.load_model(sys.argv[1]).predict(images[test], verbose=0)
print(json.dumps([len(test), float((outputs.argmax(axis=1) == labels[test]).mean())]))
"""


@pytest.fixture
def folder(finished_study, tmp_path):
    """A study that has ended, to be finalized."""
    return StudyFolder(shutil.copytree(finished_study, tmp_path / "tiny"))


@pytest.fixture(scope="module")
def ended(finished_study, tmp_path_factory):
    """A study that was finalized: its folder, what was chosen, and what came of it."""
    path = shutil.copytree(finished_study, tmp_path_factory.mktemp("finalized") / "tiny")
    with chosen(StudyFolder(path)) as found:
        return StudyFolder(path), found, finalize(found)


def numbers(folder, **settings):
    """Finalizes a study and gives what it has found."""
    with chosen(folder, **settings) as found:
        look = finalize(found).look
    return replace(look, number=0, began="")


def refused(folder, error, message, **settings):
    """Asserts that a study is not finalized, and why not."""
    with pytest.raises(error, match=message), chosen(folder, **settings):
        pass


def test_the_best_cell_is_the_one_that_show_ranks_first(ended):
    folder, found, _ = ended
    _, ranked = best_cells(folder)
    best = ranked.iloc[0]
    assert (best["conv_blocks"], best["n"]) == (found.best.values["conv_blocks"], found.best.n)
    assert best["val_accuracy"] == pytest.approx(found.best.mean)


def test_it_is_trained_on_training_and_validation_images_of_the_first_replicate(ended):
    folder, found, result = ended
    look = result.look
    assert (look.trained_on, look.num_training_images) == ("training+validation", 300)
    assert (look.replicate, look.seed) == (0, folder.records[0].seed)
    assert (look.cell, look.epochs, look.values) == (found.best.cell, 2, found.best.values)


def test_the_look_is_recorded_with_its_interval(ended):
    folder, _, result = ended
    assert folder.looks == [result.look]
    look = result.look
    num_right = round(look.metrics["test_accuracy"] * 360)
    assert (look.low, look.high) == proportion_confint(num_right, 360, method="wilson")
    assert look.low < look.metrics["test_accuracy"] < look.high
    assert look.num_test_images == 360
    assert "tensorflow" in look.versions


def test_keras_alone_loads_the_network_and_finds_the_same(ended, tmp_path):
    result = ended[2]
    hidden = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    told = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, result.kept[0]], cwd=tmp_path, env=os.environ | hidden,
        capture_output=True, text=True, check=True, timeout=300,
    ).stdout  # fmt: skip
    num_images, accuracy = json.loads(told)
    assert num_images == result.look.num_test_images
    assert accuracy == pytest.approx(result.look.metrics["test_accuracy"], abs=1e-6)


def test_the_same_is_found_whenever_it_is_repeated(ended, folder):
    assert numbers(folder) == replace(ended[2].look, number=0, began="")


def test_the_network_is_kept_as_the_study_had_it_where_that_is_asked(folder):
    with chosen(folder, trained_on="training") as found:
        result = finalize(found)
    assert (result.look.trained_on, result.look.num_training_images) == ("training", 200)
    assert result.notices == [], "its validation accuracy is not that of the ledger"


def test_numbers_that_are_not_those_of_the_ledger_are_told(folder):
    records = [replace(r, metrics=r.metrics | {"val_accuracy": 1.0}) for r in folder.records]
    folder.keep_only(records)
    with chosen(folder, trained_on="training") as found:
        result = finalize(found)
    assert result.notices[0].endswith("and was 1.0: another kind of processor, or other versions")


def test_a_second_look_is_refused_and_counted_where_it_is_asked_for(ended, tmp_path):
    folder = StudyFolder(shutil.copytree(ended[0].path, tmp_path / "again"))
    refused(folder, StudyError, r"were looked at once, on 20.*: --again")
    assert len(folder.looks) == 1
    first = (folder.final / "model.keras").read_bytes()
    with chosen(folder, again=True, cell=0) as found:
        result = finalize(found)
    assert [look.number for look in folder.looks] == [1, 2]
    assert (folder.final / "model.keras.1").read_bytes() == first
    assert "model.keras.1" in result.notices[0]


def test_a_look_that_is_killed_while_it_scores_counts(folder, monkeypatch):
    def killed(*args):
        raise SystemExit

    monkeypatch.setattr(finalizing, "score", killed)
    with pytest.raises(SystemExit), chosen(folder) as found:
        finalize(found)
    assert [look.metrics for look in folder.looks] == [{}]
    assert (folder.final / "model.keras").exists(), "what was trained is lost"
    refused(folder, StudyError, "begun, and ended before its score")


def test_what_fails_before_the_look_leaves_the_test_images_untouched(folder, monkeypatch):
    monkeypatch.setattr("tuner.training.execute.scaling", lambda *args: 1 / 0)
    with (
        pytest.raises(StudyError, match="no test image was looked at: ZeroDivisionError"),
        chosen(folder) as found,
    ):
        finalize(found)
    assert folder.looks == []


def test_a_cell_may_be_named(folder):
    with chosen(folder, cell=0) as found:
        assert found.execution.values["conv_blocks"] == 1
    refused(folder, UsageError, r"cell with a finished execution \(0, 1\), got 7", cell=7)


def test_the_best_by_a_loss_is_the_smallest_and_it_is_what_is_scored(folder):
    folder.replace_study(folder.study.with_settings(objective="val_loss"))
    losses = {r.cell: [s.metrics["val_loss"] for s in folder.records if s.cell == r.cell]
              for r in folder.records}  # fmt: skip
    with chosen(folder) as found:
        assert found.best.cell == min(losses, key=lambda cell: np.mean(losses[cell]))


def test_images_without_a_test_set_and_other_images_are_refused(folder, tmp_path):
    digits = load_dataset("digits")
    there, none = tmp_path / "digits.npz", np.zeros((0, 8, 8), np.uint8)
    train = {"x_train": digits.images, "y_train": digits.labels}
    np.savez(there, **train, x_test=none, y_test=np.zeros(0, np.int32))
    refused(folder, DataError, r"digits\.npz has no test images", dataset=str(there))
    np.savez(there, **train | {"x_train": digits.images[::-1]}, x_test=none, y_test=none)
    load_dataset.cache_clear()
    refused(folder, StudyError, r"cannot be trained on as it was: dataset was", dataset=str(there))


def test_what_is_no_whole_study_is_refused(folder, tmp_path):
    with claiming.lock(folder):
        refused(folder, StudyError, "is being written by process")
    refused(StudyFolder(tmp_path), StudyError, "it is not a study's folder")
    folder.replace_study(folder.study.with_settings(shard="1/2"))
    refused(folder, StudyError, "expected the whole study, which tuner merge makes")
    folder.replace_study(folder.study.with_settings(shard=None))
    folder.ledger_file.unlink()
    refused(StudyFolder(folder.path), StudyError, "no finished execution: run tuner search first")
    assert not folder.final.exists()
