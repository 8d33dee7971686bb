"""Where a study stands: running or not and by whom, what is done, what is best so far."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stubbed import search
from tuner.claiming import lock
from tuner.completing import best_values
from tuner.execution import TUNING, Record
from tuner.folder import StudyFolder
from tuner.objective import MEASURED, VALIDATION_ACCURACY
from tuner.standing import Standing, best_cell, holder_of

DEAD = 2**22 + 1  # more than Linux gives


@pytest.fixture
def folder(tmp_path, study, design, stub_record):
    return search(tmp_path, study, design, stub_record)


def record(cell, score, replicate=0, epochs=3):
    found = {"val_accuracy": score, "val_loss": score}
    return Record("0000", cell, replicate, 0, {"depth": cell}, epochs, "ok", metrics=found)


def test_a_study_of_which_all_has_ended_is_complete(folder):
    standing = Standing(folder)
    assert (standing.state, standing.is_complete) == ("complete", True)
    assert (len(standing.records), standing.num_planned) == (18, 18)


def test_it_is_stopped_where_some_have_ended_and_begun_where_none_has(folder):
    ledger = folder.ledger_file.read_bytes().splitlines(keepends=True)
    folder.ledger_file.write_bytes(b"".join(ledger[:7]))
    assert Standing(folder).state == "stopped"
    folder.ledger_file.unlink()
    assert Standing(folder).state == "begun"


def test_it_is_running_while_a_process_holds_it(folder):
    with lock(folder):
        holder = Standing(folder).holder
        assert Standing(folder).state == "running"
        assert (holder.pid, holder.host) == (os.getpid(), socket.gethostname())
    assert Standing(folder).holder is None


@pytest.mark.parametrize(
    ("said", "is_held"),
    [
        ({"pid": DEAD, "host": socket.gethostname()}, False),
        ({"pid": DEAD, "host": "another"}, True),
        ({"pid": "many", "host": "another"}, False),
        ({}, False),
    ],
)
def test_a_process_of_this_machine_that_died_holds_nothing(folder, said, is_held):
    since = {"since": "2026-01-01T00:00:00+00:00"}
    folder.holder_file.write_text(json.dumps({**since, **said}))
    assert (holder_of(folder) is not None) == is_held


def test_the_executions_of_a_shard_are_its_own(tmp_path, study, design, stub_record):
    shard = search(tmp_path, study.with_settings(shard="1/4"), design, stub_record)
    assert Standing(shard).num_planned == len(shard.records) < 18


def test_the_best_cell_is_that_of_the_best_mean_at_the_largest_budget():
    records = [record(0, 0.9, epochs=1), record(1, 0.5), record(1, 0.7, 1), record(2, 0.65)]
    best = best_cell(records, VALIDATION_ACCURACY)
    assert (best.values, best.n, best.epochs, best.sd) == ({"depth": 2}, 1, 3, None)
    assert best_cell(records, MEASURED["val_loss"]).values == {"depth": 1}
    assert best_cell([record(0, 0.9, TUNING)], VALIDATION_ACCURACY) is None


def test_the_best_cell_is_what_a_study_is_completed_around(folder):
    assert best_values(folder) == Standing(folder).best.values


def test_standings_are_told_without_pandas_and_tensorflow(folder):
    script = (
        "import sys; from pathlib import Path; from tuner.cli.status import list_table; "
        f"list_table(Path({str(folder.path.parent)!r}), 80); "
        "print(*({'pandas', 'tensorflow', 'scipy', 'matplotlib'} & {*sys.modules}))"
    )
    root = Path(__file__).parent.parent
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root
    )
    assert told.stdout.strip() == ""


def test_a_broken_design_is_told_as_the_folder_tells_it(folder):
    folder.cells_file.write_bytes(b"\x80")
    with pytest.raises(Exception, match="is not a table of cells"):
        _ = Standing(StudyFolder(folder.path)).num_planned
