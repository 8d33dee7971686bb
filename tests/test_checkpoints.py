"""Checkpoints: whole or not there, and gone as soon as nothing can need them."""

import pytest

from tuner import checkpoints
from tuner.execution import Key


def test_a_state_is_read_back(tmp_path):
    checkpoints.write(tmp_path, Key("0006-1", 2), b"weights")
    assert checkpoints.read(tmp_path, Key("0006-1", 2)) == b"weights"


def test_a_state_that_is_not_there_is_none(tmp_path):
    assert checkpoints.read(tmp_path, Key("0006", 0)) is None


@pytest.mark.parametrize("name", [".DS_Store", "notes.txt", "model-10.h5", "model-10.npz", "old-1"])
def test_files_of_others_are_left_alone(tmp_path, name):
    foreign = tmp_path / name
    foreign.mkdir() if name == "old-1" else foreign.touch()
    checkpoints.write(tmp_path, Key("0006", -1), b"weights")
    checkpoints.drop(tmp_path, lambda key: False)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_is_not_needed_is_dropped_and_what_a_kill_left_too(tmp_path):
    for key in (Key("0006", 0), Key("0006-1", 0), Key("0006-1", 1)):
        checkpoints.write(tmp_path, key, b"weights")
    (tmp_path / "0007-0.partial").write_bytes(b"wei")
    checkpoints.drop(tmp_path, lambda key: key == Key("0006-1", 1))
    kept = [path.name for path in (tmp_path).iterdir()]
    assert kept == ["0006-1-1.npz"]
    assert checkpoints.size_mb(tmp_path) == 7 / 1e6


def test_an_execution_that_is_under_way_tells_its_epochs_until_it_is_forgotten(tmp_path):
    key = Key("0006-1", 2)
    checkpoints.tell_epoch(tmp_path, Key("0007", 0), {"epoch": 1, "loss": 0.5})
    for epoch in (1, 2):
        checkpoints.tell_epoch(tmp_path, key, {"epoch": epoch, "loss": None})
    checkpoints.write(tmp_path, key, b"weights")
    assert checkpoints.epochs(tmp_path) == {key: 2, Key("0007", 0): 1}
    assert checkpoints.rows(tmp_path)[key] == [
        {"epoch": 1, "loss": None}, {"epoch": 2, "loss": None},
    ]  # fmt: skip
    checkpoints.forget(tmp_path, key)
    assert checkpoints.epochs(tmp_path) == {Key("0007", 0): 1}
    assert checkpoints.read(tmp_path, key) is None


@pytest.mark.parametrize("written", ["", '{"epoch": 1, "lo'])
def test_a_note_that_is_being_written_tells_nothing(tmp_path, written):
    checkpoints.epoch_path(tmp_path, Key("0006", 0)).write_text(written)
    assert checkpoints.epochs(tmp_path) == {}


def test_what_cannot_be_written_whole_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        checkpoints.write(tmp_path, Key("0006", 0), b"weights")
    assert not list(tmp_path.iterdir())
