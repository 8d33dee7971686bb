"""The command line as a user meets it: real processes, real (tiny) trainings."""

import io
import json
import os
import re

import pandas as pd
import pytest

from tests.cli.commanding import TINY, executions, invoke, tuner
from tuner.training.backend import start_tensorflow

start_tensorflow()  # this process trains what another has: with one thread, as that one

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A finished tiny study: the result of its command, and its folder."""
    cwd = tmp_path_factory.mktemp("searched")
    one = ["--name", "tiny", "--workers", "1"]
    result = tuner("search", "--strategy", "grid", *TINY, *one, cwd=cwd)
    return result, cwd / "results" / "tiny"


def test_help_answers_at_once(tmp_path):
    before = os.times()
    assert tuner("--help", cwd=tmp_path).returncode == 0
    after = os.times()
    spent = after.children_user + after.children_system
    spent -= before.children_user + before.children_system
    assert spent < 1.5, "seconds of a processor: TensorFlow or pandas is in the way"


def test_a_search_trains_the_whole_design(searched):
    result, folder = searched
    assert result.returncode == 0, result.stderr
    rows = executions(folder)
    assert len(rows) == 4
    assert (rows["status"] == "ok").all()
    assert len(pd.read_csv(folder / "history.csv")) == 8


def test_progress_goes_to_stderr_and_results_to_stdout(searched):
    result, _ = searched
    assert len(result.stderr.splitlines()) == 4, "a line an execution, and nothing of TensorFlow's"
    for line in result.stderr.splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT.* \d+/4 conv_blocks=\d .*val_accuracy 0\.\d+", line)
    assert "\x1b" not in result.stderr + result.stdout
    assert "tiny: 4 of 4 executions" in result.stdout
    assert "tuner report" in result.stdout


def test_the_same_search_again_trains_nothing(searched, monkeypatch):
    _, folder = searched
    monkeypatch.chdir(folder.parents[1])
    before = (folder / "ledger.jsonl").read_bytes()
    again = invoke("search", *TINY, "--name", "tiny")
    assert again.exit_code == 0
    assert again.stderr == ""
    assert (folder / "ledger.jsonl").read_bytes() == before


def test_no_worker_and_cells_in_another_order_give_the_same_numbers(
    searched, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    turned = [part.replace("1,2", "2,1") for part in TINY]
    result = invoke("search", *turned, "--name", "turned", "--workers", "0")
    assert result.exit_code == 0, result.output
    for read, epoch in ((executions, []), (histories, ["epoch"])):
        mine, theirs = (
            read(folder)
            .drop(columns=["trial", "cell"])
            .sort_values(["conv_blocks", "replicate", *epoch], ignore_index=True)
            for folder in (tmp_path / "results" / "turned", searched[1])
        )
        pd.testing.assert_frame_equal(mine[theirs.columns], theirs)


def histories(folder):
    return pd.read_csv(folder / "history.csv")


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["--set", "conv_block=2"], "has no factor 'conv_block'. Did you mean 'conv_blocks'?", 2),
        (
            ["--set", "conv_blocks=2"],
            "factor conv_blocks has one level, 2: expected two or more",
            2,
        ),
        (["--objective", "val_accurcy"], "got 'val_accurcy'. Did you mean 'val_accuracy'?", 2),
        (["--strategy", "hyperband", "--epochs", "1"], "expected 2 epochs or more, got 1", 2),
        (["--max-time", "soon"], "expected a time such as 90s, 30m or 1.5h, got 'soon'", 2),
        (["--tune", "learning_rate", "--strategy", "random"], "goes with --strategy grid", 2),
        (["--tune", "conv_blocks"], "'conv_blocks' is both searched and tuned", 2),
        (["--set", "conv_blocks"], "expected --set FACTOR=V1,V2, got 'conv_blocks'", 2),
        (["--set", "conv_blocks=one"], "conv_blocks: expected a whole number, got 'one'", 2),
        (["--fix", "activation=rely"], "activation: expected one of relu, linear", 2),
        (["--strategy", "gird"], "no strategy 'gird'", 2),
        (["--epochs", "0"], "epochs: expected more than 0, got 0", 2),
        (["--max-trials", "0"], "max_trials: expected more than 0, got 0", 2),
        (["--replicates", "0"], "replicates: expected more than 0, got 0", 2),
        (["--shard", "9/8"], "of how many parts it is one, as in 3/8 (of at most 10,000), got", 2),
        (["--shard", "2/2", "--strategy", "bayesian"], "expected --strategy grid or random", 2),
        (["--shard", "28/28"], "--shard 28/28 has no execution, as the study has 27", 2),
        (["--space", "conv_pol"], "no search space 'conv_pol'. Did you mean 'conv_pool'?", 2),
        (["--config", "nowhere.yaml"], "no study 'nowhere.yaml'", 2),
        (["--dataset", "digit"], "no dataset 'digit'. Did you mean 'digits'?", 2),
        (["--dataset", "nowhere.npz"], "no file nowhere.npz", 1),
        (["--train-size", "5000"], "digits has 1437 training images", 1),
    ],
)
def test_bad_input_gets_one_clear_line(tmp_path, monkeypatch, arguments, message, code):
    monkeypatch.chdir(tmp_path)
    result = invoke("search", "--dataset", "digits", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "results").exists()


def test_debug_shows_the_traceback(tmp_path):
    result = tuner("search", "--config", "nowhere.yaml", "--debug", cwd=tmp_path)
    assert "Traceback" in result.stderr


def test_changed_settings_are_refused_by_name(searched, monkeypatch):
    monkeypatch.chdir(searched[1].parents[1])
    refused = invoke("search", *TINY, "--name", "tiny", "--epochs", "1")
    assert refused.exit_code == 1
    assert "epochs was 2 and is 1" in refused.stderr


def test_dry_run_and_plan_show_the_cells_and_train_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dry = invoke("search", "--dataset", "digits", "--dry-run")
    plan = invoke("plan", "--dataset", "digits")
    assert dry.stdout == plan.stdout
    assert "9 of 9 feasible cells x 3 replicates = 27 executions" in plan.stdout
    assert "infeasible" in plan.stdout
    assert not (tmp_path / "results").exists()


def test_a_plan_of_a_search_that_selects_tells_its_epochs_beside_the_grids(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = invoke("plan", "--dataset", "digits", "--strategy", "hyperband", COLUMNS="200")
    assert "13 trials among 9 feasible cells x 3 replicates = 39 executions" in plan.stdout
    assert "the grid's: 324" in plan.stdout


def test_status_says_where_a_study_stands(searched, monkeypatch):
    monkeypatch.chdir(searched[1].parents[1])
    told = invoke("status").stdout
    assert re.search(r"state +complete, last changed (now|\d+ (s|min) ago)", told)
    assert re.search(r"executions +4 of 4 *\n", told)
    assert re.search(r"best so far +conv_blocks=\d: validation accuracy \d+\.\d% ± \d", told)
    assert re.search(r"next +tuner report results/tiny *\n", told)


def test_data_tells_what_there_is():
    assert "digits" in invoke("data").stdout


@pytest.mark.parametrize("style", ["json", "csv", "md"])
def test_tables_are_shown_in_the_formats_of_other_tools(searched, monkeypatch, style):
    monkeypatch.chdir(searched[1].parents[1])
    shown = invoke("show", "--format", style).stdout
    read = {
        "json": lambda: [row["conv_blocks"] for row in json.loads(shown)],
        "csv": lambda: pd.read_csv(io.StringIO(shown))["conv_blocks"].tolist(),
        "md": lambda: [int(line.split("|")[2]) for line in shown.splitlines()[2:]],
    }
    assert sorted(read[style]()) == [1, 2]


def test_best_cells_are_ranked_within_one_budget_and_it_is_said(searched, monkeypatch):
    monkeypatch.chdir(searched[1].parents[1])
    assert "ranked within 2 epochs" in invoke("show", "--best").stdout
    assert len(json.loads(invoke("show", "--executions", "--format", "json").stdout)) == 4
    assert "planned" in invoke("show", "--cells").stdout
    table = invoke("show", "--executions").stdout
    assert re.search(r"trial +replicate +conv_blocks +epochs +val_accuracy", table)
    assert "…" not in table
    assert re.search(r"conv_blocks\s+factor\s+1, 2", invoke("show", "--space").stdout)
    assert invoke("show", "--best", "--cells").exit_code == 2


def test_a_grid_is_completed_at_no_cost_where_nothing_is_missing(searched, monkeypatch):
    monkeypatch.chdir(searched[1].parents[1])
    told = invoke("complete", "results/tiny", "--dry-run")
    assert "4 executions are reused; 0 to train" in told.stdout


def test_a_report_is_written_and_can_be_verified(searched, monkeypatch):
    monkeypatch.chdir(searched[1].parents[1])
    result = invoke("report", "results/tiny")
    assert result.exit_code == 0, result.output
    assert (searched[1] / "report" / "report.html").exists()
    assert (searched[1] / "report" / "report.md").exists()
    verified = invoke("report", "results/tiny", "--verify")
    assert verified.exit_code == 0, verified.output
    assert "all agree" in verified.stdout


def test_a_callback_is_told_what_search_and_complete_train(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "telling.py").write_text(
        "class Told:\n"
        "    def ended(self, record):\n"
        "        with open('told.txt', 'a') as file:\n"
        "            file.write(f'{record.cell} ')\n"
    )
    told = ["--callback", "telling:Told", "--workers", "0"]
    part = ["--strategy", "random", "--max-trials", "1", "--name", "part"]
    assert invoke("search", *TINY, *part, *told).exit_code == 0
    assert invoke("complete", "part", *told).exit_code == 0  # drawn cells are not gone on with
    trained = [executions(tmp_path / "results" / name) for name in ("part", "part-complete")]
    cells = [str(cell) for study in trained for cell in study["cell"]]
    assert sorted((tmp_path / "told.txt").read_text().split()) == sorted(cells)
