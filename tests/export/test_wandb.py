"""A study as W&B's offline files, read back by W&B's own reader of them."""

import json
import struct

import pytest

from tuner.export import export
from tuner.export.exported import executions_of

pytest.importorskip("wandb")
pytestmark = pytest.mark.trains


BLOCK = 32768  # bytes, of LevelDB's log, which W&B's files are behind a header of 7


def read_back(folder):
    """What the file of an offline W&B run holds, by kind, in W&B's own messages."""
    from wandb.proto.wandb_internal_pb2 import Record

    (path,) = folder.glob("*.wandb")
    found = {"history": [], "summary": {}}
    for message in messages(path.read_bytes()):
        record = Record.FromString(message)
        kind = record.WhichOneof("record_type")
        if kind == "run":
            found["run"] = record.run
            found["config"] = values(record.run.config.update)
        elif kind == "history":
            found["history"].append(values(record.history.item))
        elif kind == "summary":
            found["summary"] |= values(record.summary.update)
        elif kind == "exit":
            found["exit_code"] = record.exit.exit_code
    return found


def messages(content):
    """The messages of a log: each in parts, which end with one of type 1 (whole) or 4 (last)."""
    place, message = 7, b""
    while place + 7 <= len(content):
        if BLOCK - place % BLOCK < 7:
            place += BLOCK - place % BLOCK
        _, length, kind = struct.unpack_from("<IHB", content, place)
        message += content[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            yield message
            message = b""


def values(items):
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def test_each_execution_is_there_with_its_config_epochs_and_summary(folder, tmp_path):
    export(folder, "wandb", tmp_path)
    executions = executions_of(folder)
    for execution in executions:
        (written,) = (tmp_path / "wandb").glob(f"offline-run-*-{execution.key}")
        found = read_back(written)
        assert found["run"].project == "exported"
        assert found["run"].display_name == execution.name
        assert found["run"].run_group == execution.group
        assert found["run"].notes == execution.message
        assert [*found["run"].tags] == [execution.about["status"]]
        told = {**execution.hyperparameters, **execution.about}
        assert {name: found["config"][name] for name in told} == told
        assert found["exit_code"] == (0 if execution.is_ok else 1)
        rows = {row["_step"]: row for row in found["history"]}
        for epoch, row in execution.curves.items():
            for name, value in row.items():
                assert rows[epoch][name] == pytest.approx(value)
        for name, value in execution.metrics.items():
            assert found["summary"][name] == pytest.approx(value)
    assert len([*(tmp_path / "wandb").iterdir()]) == len(executions)


def test_exporting_again_adds_only_what_is_new(folder, tmp_path):
    whole = folder.records[:]
    folder.keep_only(whole[:1])
    assert export(folder, "wandb", tmp_path)[:2] == (1, 0)
    folder.keep_only(whole[:2])
    assert export(folder, "wandb", tmp_path)[:2] == (1, 1)


def test_one_that_was_cut_off_is_written_again(folder, tmp_path, monkeypatch):
    from tuner.export import wandb

    def dies(*about):
        raise KeyboardInterrupt

    folder.keep_only(folder.records[:1])
    with monkeypatch.context() as changed:
        changed.setattr(wandb.shutil, "move", dies)
        with pytest.raises(KeyboardInterrupt):
            export(folder, "wandb", tmp_path)
    assert [*(tmp_path / "wandb").iterdir()] == []
    assert export(folder, "wandb", tmp_path)[:2] == (1, 0)
