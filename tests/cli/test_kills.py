"""Real processes that are killed or interrupted, and the studies that they leave behind.

TUNER_TEST_KILLS sets how often one is killed; the default keeps `make test` short.
"""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress

import pandas as pd
import pytest

from tests.cli.commanding import TINY, begun, executions, invoke, workers_of
from tuner.training.backend import start_tensorflow

start_tensorflow()  # this process trains what the killed ones should have: with one thread, as they

pytestmark = pytest.mark.trains
NUM_KILLS = int(os.environ.get("TUNER_TEST_KILLS", "1"))
PROMOTING = ["search", "--strategy", "hyperband", *TINY, "--epochs", "3", "--name", "killed"]


def test_a_hyperband_study_killed_at_random_moments_ends_as_one_never_killed(tmp_path, monkeypatch):
    whole = ended(tmp_path / "whole", monkeypatch)
    assert (whole["initial_epoch"] > 0).any(), "none goes on from another's state"
    rng, done, number = random.Random(0), 0, 0
    while done < NUM_KILLS:  # a study ends after a few of them: then another one is begun
        folder = tmp_path / f"killed {number}"
        kills = killed(folder, rng, NUM_KILLS - done)
        assert kills > 0
        pd.testing.assert_frame_equal(ended(folder, monkeypatch), whole)
        assert not list((folder / "results" / "killed" / "checkpoints").iterdir())
        assert not (folder / "results" / "killed" / "under-way").exists()
        done, number = done + kills, number + 1


def ended(folder, monkeypatch):
    """Runs the study of a folder to its end, undisturbed; its executions."""
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    result = invoke(*PROMOTING, "--workers", "0")
    assert result.exit_code == 0, result.output
    return executions(folder / "results" / "killed")


def killed(folder, rng, most):
    """Begins a study again and again, and kills a worker and then the search, until it has ended.

    Returns how often it was.
    """
    folder.mkdir()
    ledger = folder / "results" / "killed" / "ledger.jsonl"
    nowhere = subprocess.DEVNULL
    for kills in range(most):
        process = begun(*PROMOTING, "--workers", "2", cwd=folder, stdout=nowhere, stderr=nowhere)
        wait_for_an_execution(process, ledger)
        if not (workers := workers_of(process)):
            process.wait()
            return kills
        with suppress(ProcessLookupError):
            os.kill(rng.choice(workers), signal.SIGKILL)  # the search goes on without it
        wait_for_an_execution(process, ledger)
        time.sleep(rng.uniform(0, 0.5))
        process.kill()
        process.wait()
    return most


def wait_for_an_execution(process, ledger):
    """Waits until a search has added an execution to its ledger, or has ended."""
    size = ledger.stat().st_size if ledger.exists() else 0
    while process.poll() is None and (ledger.stat().st_size if ledger.exists() else 0) == size:
        time.sleep(0.01)


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
