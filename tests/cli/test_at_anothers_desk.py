"""The command beside files of the user's own, and with trainings that all fail."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cli.commanding import TINY, begun, environment, invoke, tuner

pytestmark = pytest.mark.trains
SIZED = [
    "--dataset", "digits", "--train-size", "100", "--validation-size", "50", "--epochs", "1",
    "--workers", "0",
]  # fmt: skip
SPACE = """
import keras
import keras_tuner

class Small(keras_tuner.HyperModel):
    def build(self, hp):
        model = keras.Sequential([
            keras.layers.Flatten(),
            keras.layers.Dense(hp.Choice("units", [4, 8])),
            keras.layers.Dense(10, activation="softmax"),
        ])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model
"""
SCRIPT = """
from tuner import Study, search

search(Study(name="unguarded", space="small_space:Small", dataset="digits", train_size=100,
             validation_size=50, epochs=1, replicates=1), num_workers=1)
"""


def test_files_that_are_called_as_we_are_break_nothing_and_are_told(tmp_path):
    (tmp_path / "small_space.py").write_text(SPACE)
    for name in ("tuner.py", "search_spaces.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong file')\n")
    planned = tuner("plan", "--space", "small_space:Small", "--dataset", "digits", cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    assert "tuner.py here is shadowed by" in " ".join(planned.stdout.split())


@pytest.mark.parametrize("name", ["short", "long" * 25])
def test_a_search_leaves_nothing_in_the_temporary_folder_however_long_its_name_is(tmp_path, name):
    with tempfile.TemporaryDirectory() as short:
        temporary = Path(short) / name
        temporary.mkdir()
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        options = ["search", *TINY, "--name", "tidy", "--workers", "2"]
        search = begun(*options, cwd=tmp_path, changed={"TMPDIR": str(temporary)}, **pipes)
        told, _ = search.communicate(timeout=120)
        assert search.returncode == 0, told
        assert not list(temporary.iterdir())


def test_a_script_without_a_guard_is_told_so_and_records_nothing(tmp_path):
    (tmp_path / "small_space.py").write_text(SPACE)
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=environment(tmp_path), text=True,
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "put the call under if __name__ == '__main__':" in done.stderr
    assert not (tmp_path / "results" / "unguarded" / "ledger.jsonl").exists()


def test_a_search_of_which_all_failed_ends_with_1_and_its_reason_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    once = ["--replicates", "1"]
    failed = invoke("search", "--space", "tests.hypermodels:Diverges", *once, *SIZED)
    assert failed.exit_code == 1
    assert failed.stderr.count("executions failed or diverged: the loss was nan in epoch 1") == 1
    assert "Next:" not in failed.output


@pytest.mark.usefixtures("undrawn")
def test_a_study_of_another_metric_has_its_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    objective = ["--objective", "val_auc", "--replicates", "2"]
    searched = invoke("search", "--space", "tests.hypermodels:Auc", *objective, *SIZED)
    assert searched.exit_code == 0, searched.output
    told = invoke("report")
    assert told.exit_code == 0, told.output
    page = (tmp_path / "results" / "Auc-digits" / "report" / "report.md").read_text()
    assert "How does validation auc change with width?" in page
    assert "accuracy" not in page


@pytest.mark.usefixtures("undrawn")
def test_a_study_of_rates_that_were_drawn_has_its_report(tmp_path, monkeypatch):
    """No two cells are alike: there is a page, and it claims nothing."""
    monkeypatch.chdir(tmp_path)
    drawn = ["--strategy", "random", "--max-trials", "2", "--replicates", "2"]
    searched = invoke("search", "--space", "tests.hypermodels:Rate", *drawn, *SIZED)
    assert searched.exit_code == 0, searched.output
    told = invoke("report")
    assert told.exit_code == 0, told.output
    assert (tmp_path / "results" / "Rate-random-digits" / "report" / "report.md").is_file()
