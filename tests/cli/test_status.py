"""What `tuner status` and `tuner list` show of studies whose trainings are stubbed."""

import os
import re
import threading

import pytest
from rich.console import Console

from tests.cli.commanding import invoke
from tests.stubbed import search
from tuner.claiming import lock
from tuner.cli import status as standings


@pytest.fixture
def folder(tmp_path, monkeypatch, study, design, stub_record):
    """A study that has ended, in the usual place."""
    monkeypatch.chdir(tmp_path)
    return search(tmp_path / "results", study, design, stub_record)


def stop(folder, num):
    """Leaves some executions of a study, as where it was stopped."""
    lines = folder.ledger_file.read_bytes().splitlines(keepends=True)
    folder.ledger_file.write_bytes(b"".join(lines[:num]))


def rows(text):
    """The rows of a standing, by what they are."""
    return dict(re.findall(r"^(\w[\w ]*?) {2,}(\S.*?) *$", text, re.MULTILINE))


def test_a_study_that_has_ended_tells_what_is_best_and_what_comes_next(folder):
    told = rows(invoke("status").stdout)
    assert told["state"].startswith("complete, last changed ")
    assert told["executions"] == "18 of 18"
    assert told["best so far"].startswith("conv_blocks=3, filter_multiplier=1: validation accuracy")
    assert told["next"] == "tuner report results/small"
    assert "time left" not in told


def test_a_study_that_was_stopped_tells_the_time_left_and_how_it_goes_on(folder):
    stop(folder, 7)
    told = rows(invoke("status", "small", COLUMNS="200").stdout)
    assert told["state"].startswith("stopped")
    assert re.fullmatch(r"\d+ \w+ ± \d+ \w+, 1 worker", told["time left"])
    goes_on = "tuner search --config results/small/study.yaml --output results"
    assert told["next"] == goes_on


def test_a_study_that_runs_tells_since_when_and_by_whom(folder):
    stop(folder, 7)
    with lock(folder):
        told = rows(invoke("status", COLUMNS="200").stdout)
    assert re.match(rf"running since \d\d:\d\d \(\d+ s\): process {os.getpid()}\b", told["state"])
    assert told["next"] == "once it has ended: tuner report results/small"


def test_what_did_not_end_well_is_counted_and_told(tmp_path, study, design, stub_record):
    def train(execution):
        is_bad = (execution.cell, execution.replicate) == (1, 0)
        return stub_record(execution, **({"status": "failed", "message": "why"} if is_bad else {}))

    folder = search(tmp_path, study, design, train)
    told = rows(invoke("status", str(folder.path), COLUMNS="200").stdout)
    assert told["executions"] == "18 of 18 (1 failed)"
    assert told["failed"] == "cell 1, replicate 0: why"


def test_a_study_is_watched_until_its_search_has_ended(folder, monkeypatch):
    monkeypatch.setattr(standings, "A_LOOK", 0.05)
    stop(folder, 7)
    release = threading.Event()
    looks = []

    def look(path, again=standings.looked_again):
        looks.append(path)
        if len(looks) == 3:
            release.set()
            holding.join()
        return again(path)

    monkeypatch.setattr(standings, "looked_again", look)
    held = threading.Event()

    def hold():
        with lock(folder):
            held.set()
            release.wait(60)

    holding = threading.Thread(target=hold)
    holding.start()
    held.wait(60)
    told = invoke("status", "--watch").stdout
    assert told.splitlines()[0] == "running: 7 of 18"
    assert told.splitlines()[-1] == "stopped: 7 of 18"
    assert len(looks) >= 3


def test_the_studies_of_a_folder_are_listed_the_newest_first(folder, study, design, stub_record):
    later = search(folder.path.parent, study.with_settings(name="later"), design, stub_record)
    os.utime(later.ledger_file, (2e9, 2e9))
    stop(folder, 7)
    lines = invoke("list").stdout.splitlines()
    assert re.match(r"study +state +size +best +age", lines[0])
    assert re.match(r"later +complete +18/18 +55\.1% ± 0\.1 +now", lines[2])
    assert re.match(r"small +stopped +7/18 +\S+%.* (now|\d+ s ago)$", lines[3])


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_list_fits_the_screen_and_cuts_names_in_the_middle(
    folder, study, design, stub_record, width
):
    name = "a-study-of-a-name-that-is-much-too-long-for-any-of-the-narrower-screens-there-are"
    search(folder.path.parent, study.with_settings(name=name), design, stub_record)
    console = Console(width=width)
    with console.capture() as shown:
        console.print(standings.list_table(folder.path.parent, width))
    lines = [line.rstrip() for line in shown.get().splitlines()]
    assert max(map(len, lines)) <= width
    assert (
        any(re.match(r"a-study\S*…\S*-are +complete +18/18 +55\.1% ± 0\.1", line) for line in lines)
        or name in shown.get()
    )
    assert len(lines) == 4, "a line a study"


def test_a_broken_study_is_listed_as_such(folder):
    folder.study_file.write_text("epochs: none")
    assert re.search(r"small +broken", invoke("list").stdout)


def test_a_folder_without_studies_says_what_makes_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert invoke("list").stdout == "no study in results: tuner search makes one\n"


@pytest.mark.parametrize("command", ["status", "show", "complete", "report"])
def test_a_study_is_named_as_it_is_called_and_its_nearest_is_offered(folder, command):
    told = invoke(command, "smal")
    assert told.exit_code == 2
    assert "no study 'smal' in results. Did you mean 'small'? (studies: small)" in told.stderr


def test_tables_on_a_screen_have_peoples_numbers_and_files_have_them_all(folder):
    assert re.search(r"\n +1 +3 +1 +55\.1% +0\.1 +3\b", invoke("show").stdout)
    assert re.search(r"\n +0 +1 +0\.5 +1\.0 k +10\.0 k", invoke("show", "--cells").stdout)
    assert re.search(r"\n1,3,1\.0,0\.551\d*,0\.00\d+,3,", invoke("show", "--format", "csv").stdout)
