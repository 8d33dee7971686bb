"""Checkpoints: whole or not there, and gone as soon as nothing can need them."""

from tuner.engine import checkpoints
from tuner.execution import Key


def test_a_state_is_read_back(tmp_path):
    checkpoints.write(tmp_path, Key("0006-1", 2), b"weights")
    assert checkpoints.read(tmp_path, Key("0006-1", 2)) == b"weights"


def test_what_is_not_needed_is_dropped_and_what_a_kill_left_too(tmp_path):
    for key in (Key("0006", 0), Key("0006-1", 0), Key("0006-1", 1)):
        checkpoints.write(tmp_path, key, b"weights")
    (tmp_path / "0007-0.partial").write_bytes(b"wei")
    checkpoints.drop(tmp_path, lambda key: key == Key("0006-1", 1))
    kept = [path.name for path in (tmp_path).iterdir()]
    assert kept == ["0006-1-1.npz"]
    assert checkpoints.size_mb(tmp_path) == 7 / 1e6
