"""Real processes that are killed or interrupted, and the studies that they leave behind.

TUNER_TEST_KILLS sets how often one is killed; the default keeps `make test` short.
"""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.commanding import TINY, begun, executions, invoke
from tuner.training.backend import start_tensorflow

start_tensorflow()  # this process trains what the killed ones should have: with one thread, as they

pytestmark = pytest.mark.trains
NUM_KILLS = int(os.environ.get("TUNER_TEST_KILLS", "1"))
PROMOTING = ["search", "--strategy", "hyperband", *TINY, "--epochs", "3", "--name", "killed"]


def test_a_hyperband_study_killed_at_random_moments_ends_as_one_never_killed(tmp_path, monkeypatch):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir(), killed.mkdir()
    rng = random.Random(0)
    ledger = killed / "results" / "killed" / "ledger.jsonl"
    left = []
    for _ in range(NUM_KILLS):
        nowhere = subprocess.DEVNULL
        process = begun(*PROMOTING, "--workers", "2", cwd=killed, stdout=nowhere, stderr=nowhere)
        wait_for_an_execution(process, ledger)
        os.kill(rng.choice(workers_of(process)), signal.SIGKILL)  # the search goes on without it
        wait_for_an_execution(process, ledger)
        time.sleep(rng.uniform(0, 0.5))
        process.kill()
        process.wait()
        left.append(ledger.read_bytes().count(b"\n"))
    for folder in (killed, whole):
        monkeypatch.chdir(folder)
        ended = invoke(*PROMOTING, "--workers", "0")
        assert ended.exit_code == 0, ended.output
    mine, theirs = (executions(folder / "results" / "killed") for folder in (killed, whole))
    pd.testing.assert_frame_equal(mine, theirs)
    assert 0 < left[0] < len(theirs)
    assert (theirs["initial_epoch"] > 0).any(), "none goes on from another's state"
    assert not list((killed / "results" / "killed" / "checkpoints").iterdir())


def wait_for_an_execution(process, ledger):
    """Waits until a search has added an execution to its ledger, or has ended."""
    size = ledger.stat().st_size if ledger.exists() else 0
    while process.poll() is None and (ledger.stat().st_size if ledger.exists() else 0) == size:
        time.sleep(0.01)


def workers_of(process):
    """The worker processes of a search."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it ends meanwhile
            is_child = f"PPid:\t{process.pid}\n" in status.read_text()
            if is_child and b"spawn_main" in status.with_name("cmdline").read_bytes():
                found.append(int(status.parent.name))
    return found


@pytest.mark.parametrize(
    ("signal_number", "num_workers"), [(signal.SIGINT, "1"), (signal.SIGTERM, "0")]
)
def test_an_interrupt_keeps_what_was_trained_and_says_how_to_go_on(
    tmp_path, signal_number, num_workers
):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = ["search", *TINY, "--name", "tiny", "--workers", num_workers]
    process = begun(*command, cwd=tmp_path, **pipes)
    assert process.stderr.readline()  # the first execution has ended
    process.send_signal(signal_number)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "To go on: tuner search --dataset digits" in rest
    assert "Traceback" not in rest
    assert 1 <= len(executions(tmp_path / "results" / "tiny")) < 4
