"""A Hyperband study killed again and again ends as one that never was, row for row.

TUNER_TEST_KILLS sets how often; the default keeps `make test` short.
"""

import os
import random
import subprocess
import time

import pandas as pd
import pytest

from tests.cli.test_commands import begun, executions, tuner

pytestmark = pytest.mark.trains
NUM_KILLS = int(os.environ.get("TUNER_TEST_KILLS", "1"))
COMMAND = [
    "search", "--strategy", "hyperband", "--dataset", "digits", "--set", "conv_blocks=1,2,3",
    "--fix", "filter_multiplier=0.5",
    "--epochs", "9", "--train-size", "300", "--validation-size", "100", "--replicates", "2",
    "--name", "killed",
]  # fmt: skip


def test_a_hyperband_study_killed_at_random_moments_ends_as_one_never_killed(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir(), killed.mkdir()
    assert tuner(*COMMAND, "--workers", "0", cwd=whole).returncode == 0
    rng = random.Random(0)
    ledger = killed / "results" / "killed" / "ledger.jsonl"
    for _ in range(NUM_KILLS):
        nowhere = subprocess.DEVNULL
        process = begun(*COMMAND, cwd=killed, stdout=nowhere, stderr=nowhere)
        size = ledger.stat().st_size if ledger.exists() else 0
        while process.poll() is None and (ledger.stat().st_size if ledger.exists() else 0) == size:
            time.sleep(0.01)  # until this process has added an execution
        time.sleep(rng.uniform(0, 1.5))
        process.kill()
        process.wait()
    last = tuner(*COMMAND, cwd=killed)
    assert last.returncode == 0, last.stderr
    mine, theirs = (executions(folder / "results" / "killed") for folder in (killed, whole))
    pd.testing.assert_frame_equal(mine, theirs)
    assert not list((killed / "results" / "killed" / "checkpoints").iterdir())
