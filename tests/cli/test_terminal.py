"""What a terminal shows: a real one, at the other end of which the test reads."""

import os
import pty
import re

import pytest

from tests.cli.commanding import TINY, begun

pytestmark = pytest.mark.trains


def test_a_terminal_shows_a_live_table_of_at_most_80_columns(tmp_path):
    leader, follower = pty.openpty()
    terminal = {"stdin": follower, "stdout": follower, "stderr": follower}
    one = ["--replicates", "1", "--workers", "0"]
    process = begun("search", *TINY, *one, cwd=tmp_path, **terminal)
    os.close(follower)
    shown = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        shown += chunk
    assert process.wait() == 0
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).replace("\r", "\n").split("\n")
    assert max(map(len, lines)) <= 80
    assert any("val acc" in line for line in lines)
    assert any("done" in line for line in lines)
