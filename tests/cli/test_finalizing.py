"""The end of a study as a user meets it: what is said, what is refused, what a Ctrl-C leaves."""

import os
import re
import shutil
import signal
import time

import pytest

from tests.cli.commanding import invoke
from tests.test_looks import BEGUN, ENDED
from tuner import looks
from tuner.cli.finalizing import OF_WHAT, scores
from tuner.folder import StudyFolder
from tuner.objective import MEASURED
from tuner.training.backend import start_tensorflow

start_tensorflow()  # this process trains what a search has: with one thread, as that one

pytestmark = [
    pytest.mark.trains,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # Keras's own
]


@pytest.fixture
def folder(finished_study, tmp_path, monkeypatch):
    """A study that has ended, in results/ of the working directory."""
    monkeypatch.chdir(tmp_path)
    return StudyFolder(shutil.copytree(finished_study, tmp_path / "results" / "tiny"))


@pytest.fixture
def _handlers_as_before():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_it_says_which_network_what_it_was_trained_on_what_was_found_and_what_is_next(folder):
    result = invoke("finalize", "--onnx")
    assert result.exit_code == 0, result.output
    assert re.search(r"^Best: conv_blocks=\d: validation accuracy \d", result.stderr)
    assert "on the training and the validation images of replicate 0" in result.stderr
    told = result.stdout
    assert "Trained on training+validation: 300 images of replicate 0, 2 epochs" in told
    score = r"\d+\.\d% \(\d+\.\d to \d+\.\d\)"
    assert re.search(rf"Test accuracy: {score} on 360 test images, with a 95% interval\n", told)
    assert OF_WHAT in told
    assert re.search(rf"results/tiny were looked at once, on 20\S+: {score}\n", told)
    for name in ("model.keras", "model.onnx"):
        assert f"Kept: results/tiny/final/{name} (" in told
        assert (folder.final / name).exists()
    assert told.endswith("Next: tuner report results/tiny\n")


def test_pages_and_status_tell_whether_test_images_were_looked_at(folder):
    untouched = "Test images were not used: all numbers are of images held out of the training set."
    once = "looked at once, on 2026-11-28: 84.1% (83.4 to 84.8)"
    for look, page, status in ((None, untouched, "untouched"), (ENDED, once, once)):
        if look:
            looks.append(folder.final, look)
        assert invoke("report").exit_code == 0
        for name in ("report.html", "report.md"):
            assert page in (folder.report / name).read_text()
        assert f"test images  {status}" in invoke("status").stdout


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["--train-on", "trainning"], "got 'trainning'. Did you mean 'training'?", 2),
        (["--cell", "9"], "expected a cell with a finished execution (0, 1), got 9", 2),
        (["tin"], "no study 'tin' in results. Did you mean 'tiny'?", 2),
        (["runs.csv"], "runs.csv has no study.yaml: it is not a study's folder", 1),
        (["project"], "project has no study.yaml: it is not a study's folder", 1),
        ([], "were looked at once, on 2026-11-28: 84.1% (83.4 to 84.8). To look again", 1),
    ],
)
def test_bad_input_and_a_second_look_get_one_line(folder, tmp_path, arguments, message, code):
    (tmp_path / "runs.csv").write_text("width,accuracy\n1,0.5\n")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "oracle.json").write_text("{}")
    if not arguments:
        looks.append(folder.final, ENDED)
    result = invoke("finalize", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "project" / ".lock").exists(), "nothing is written in others' folders"


@pytest.mark.usefixtures("_handlers_as_before")
@pytest.mark.parametrize(
    ("interrupted", "told"),
    [
        ("train_final", "No test image was looked at.\nTo go on: tuner"),
        ("score", "The look at the test images has begun: it counts.\n"),
    ],
)
def test_a_ctrl_c_looks_at_nothing_unless_the_look_had_begun(
    folder, monkeypatch, interrupted, told
):
    def interrupt(*args):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)

    monkeypatch.setattr(f"tuner.finalizing.{interrupted}", interrupt)
    result = invoke("finalize", "-q")
    assert result.exit_code == 3
    assert f"Stopped: interrupted. {told}" in result.stderr
    assert [look.metrics for look in folder.looks] == ([] if interrupted == "train_final" else [{}])


def test_an_objective_that_is_no_accuracy_is_told_without_an_interval_beside_the_accuracy():
    first, second, of_what = scores(ENDED, MEASURED["val_loss"])
    assert first == (
        "Test loss: 0.5 on 1,000 test images, as the network itself measures it; without an "
        "interval"
    )
    assert second == "Test accuracy: 84.1% (83.4 to 84.8) on 1,000 test images, with a 95% interval"
    assert of_what == OF_WHAT
    assert list(scores(BEGUN, MEASURED["val_accuracy"])) == []
