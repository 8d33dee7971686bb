"""Shards from the command line: trained one by one, merged, and equal to the study itself."""

import re
import shlex

import pandas as pd
import pytest

from tests.cli.commanding import TINY, executions, invoke
from tuner.training.backend import start_tensorflow

start_tensorflow()

pytestmark = pytest.mark.trains


def succeeded(*arguments):
    result = invoke(*arguments, COLUMNS="500")
    assert result.exit_code == 0, result.output
    return result.stdout


def test_two_shards_merged_are_the_study_to_the_last_bit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = [*TINY, "--epochs", "1"]
    succeeded("search", *study, "--name", "whole", "--workers", "0")
    shards = [f"results/divided.shard-{number}-of-2" for number in (1, 2)]
    for number, shard in enumerate(shards, start=1):
        part = [*study, "--name", "divided", "--shard", f"{number}/2"]
        told = succeeded("search", *part, "--workers", "0")
        assert f"{shard}: 2 of 2 executions" in told
        assert "tuner merge results/divided.shard-*-of-2" in told
        assert f"shard {number} of 2: 2 executions of 4" in succeeded("status", shard)
    assert "shard 2 of 2: 2 executions;" in succeeded("plan", *part)

    assert "results/divided: 4 of 4 executions, of 2 folders" in succeeded("merge", *shards)
    incomplete = succeeded("merge", shards[0], "--name", "half")
    (command,) = re.findall(r"2 are missing; to train them: tuner (.*)", incomplete)
    succeeded(*shlex.split(command), "--workers", "0")
    whole = executions(tmp_path / "results" / "whole")
    for name in ("divided", "half"):
        merged = executions(tmp_path / "results" / name)
        pd.testing.assert_frame_equal(merged, whole, check_exact=True)
