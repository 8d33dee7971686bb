"""The command in a process of its own, or in this one, with tiny studies to train."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import DataFrame
from typer.testing import CliRunner, Result

from tuner.cli import app

TINY = [
    "--dataset", "digits", "--set", "conv_blocks=1,2", "--fix", "filter_multiplier=0.5",
    "--epochs", "2", "--train-size", "200", "--validation-size", "100", "--replicates", "2",
]  # fmt: skip
TIMINGS = ["study", "seconds", "peak_memory_mb", "worker"]


def tuner(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command in a folder; stdout and stderr are pipes."""
    process = begun(*arguments, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def begun(*arguments: str, cwd: Path, **pipes: Any) -> subprocess.Popen[Any]:
    """Starts the command in a folder, without waiting for it."""
    env = {**os.environ, "HOME": str(cwd), "COLUMNS": "80", "TERM": "xterm"}
    command = [Path(sys.executable).with_name("tuner"), *arguments]
    return subprocess.Popen(command, cwd=cwd, env=env, **pipes)


def invoke(*arguments: str, **env: str) -> Result:
    """Runs the command in this process, which starts TensorFlow once for all of them."""
    return CliRunner(env={"COLUMNS": "80", **env}).invoke(app, arguments)


def executions(folder: Path) -> DataFrame:
    """A study's table of executions, without what differs between two trainings of it."""
    return pd.read_csv(folder / "executions.csv").drop(columns=TIMINGS)
