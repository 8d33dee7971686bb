"""The ledger: nothing that was appended is lost, and a torn last line costs one execution."""

import json

import pytest

from tuner import ledger
from tuner.errors import StudyError
from tuner.execution import Execution, record_of


@pytest.fixture
def records(study, stub_record):
    values = {"conv_blocks": 2, "filter_multiplier": 0.5}
    history = [{"epoch": 1, "val_accuracy": 0.4}, {"epoch": 2, "val_accuracy": None}]
    return [
        stub_record(Execution(study, "0", 4, replicate, values, 2), history=history).record
        for replicate in range(3)
    ]


@pytest.fixture
def folder(tmp_path, records):
    for record in records:
        ledger.append(tmp_path, record)
    return tmp_path


def test_what_was_appended_is_read_back(folder, records):
    assert ledger.read(folder) == records


def test_a_record_is_one_line_of_strict_json(folder):
    lines = (folder / ledger.LEDGER).read_text().splitlines()
    assert [json.loads(line)["replicate"] for line in lines] == [0, 1, 2]


def test_what_is_not_a_number_never_reaches_the_file(folder, study, stub_record):
    execution = Execution(study, "0", 4, 3, {}, 2)
    with pytest.raises(ValueError, match="JSON"):
        ledger.append(folder, stub_record(execution, val_loss=float("nan")).record)
    assert len(ledger.read(folder)) == 3


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_torn_last_line_costs_that_execution_alone(folder, records, cut):
    path = folder / ledger.LEDGER
    path.write_bytes(path.read_bytes()[:-cut])
    assert ledger.read(folder) == records[:2]
    assert ledger.repair(folder) > 0
    ledger.append(folder, records[2])
    assert ledger.read(folder) == records


def test_a_whole_ledger_needs_no_repair(folder, records):
    assert ledger.repair(folder) == 0
    assert ledger.read(folder) == records


def test_a_broken_line_in_the_middle_is_named_and_kept(folder):
    path = folder / ledger.LEDGER
    first, second, third = path.read_text().splitlines(keepends=True)
    path.write_text(first + second[:20] + "\n" + third)
    with pytest.raises(StudyError, match="line 2"):
        ledger.read(folder)
    assert third in path.read_text()


@pytest.mark.parametrize(
    "replaced",
    [
        {"trial": 5}, {"trial": "x"}, {"cell": "x"}, {"cell": -1}, {"replicate": None},
        {"values": []}, {"values": {"a": [1]}}, {"epochs": "x"}, {"epochs": 10**400},
        {"initial_epoch": None}, {"val_accuracy": "x"}, {"history": 5}, {"history": [[]]},
        {"status": "\ufffdk"}, {"message": None}, {"unknown": 1}, {"seconds": float("inf")},
    ],
)  # fmt: skip
def test_a_line_of_other_types_is_named(folder, records, replaced):
    line = json.dumps(ledger.as_json(records[0]) | replaced)
    with (folder / ledger.LEDGER).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(StudyError, match="line 4 is not an execution's record"):
        ledger.read(folder)


@pytest.mark.parametrize("line", [b'{"status": "\xffk"}', b"[" * 10**5, b"", b"null", b"NaN"])
def test_a_line_that_is_no_json_is_named(folder, line):
    with (folder / ledger.LEDGER).open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(StudyError, match="line 4 is not an execution's record"):
        ledger.read(folder)


def test_a_message_of_signs_that_cannot_be_written_is_spelled_out(folder, study):
    record = record_of(Execution(study, "0", 4, 3, {}, 2), "failed", message="bad \udcff\n\x1b[2J")
    assert record.message == "bad \\udcff \\x1b[2J"
    older = {**ledger.as_json(record), "message": "bad \udcff"}  # as versions before wrote it
    with (folder / ledger.LEDGER).open("a") as file:
        file.write(json.dumps(older) + "\n")
    assert ledger.read(folder)[-1].message == "bad \\udcff"
    ledger.executions_frame("small", ledger.read(folder)).to_csv().encode()


def test_executions_have_their_columns_in_the_documented_order(records):
    executions = ledger.executions_frame("small", records)
    assert list(executions.columns) == [
        "study", "trial", "cell", "replicate", "seed", "conv_blocks", "filter_multiplier",
        "epochs", "initial_epoch", "bracket", "rung", "val_accuracy", "val_loss",
        "best_val_accuracy", "best_epoch", "train_accuracy", "params", "flops", "seconds",
        "peak_memory_mb", "worker", "status", "message",
    ]  # fmt: skip


def test_history_has_a_row_an_epoch(records):
    history = ledger.history_frame(records)
    assert len(history) == 6
    assert history["epoch"].tolist() == [1, 2] * 3
