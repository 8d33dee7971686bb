"""The command in a process of its own, or in this one, with tiny studies to train."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import DataFrame
from typer.testing import CliRunner, Result

from tuner.cli import app

COMMAND = Path(sys.executable).with_name("tuner")
TINY = [
    "--dataset", "digits", "--set", "conv_blocks=1,2", "--fix", "filter_multiplier=0.5",
    "--epochs", "2", "--train-size", "200", "--validation-size", "100", "--replicates", "2",
]  # fmt: skip
TIMINGS = ["study", "seconds", "peak_memory_mb", "worker"]


def tuner(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command in a folder; stdout and stderr are pipes."""
    return subprocess.run(
        [COMMAND, *arguments], cwd=cwd, env=environment(cwd), capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip


def begun(
    *arguments: str, cwd: Path, changed: dict[str, str | None] | None = None, **pipes: Any
) -> subprocess.Popen[Any]:
    """Starts the command in a folder, without waiting for it.

    It hears a Ctrl-C also where these tests run in the background of a shell that ignores it.

    Args:
        arguments: behind `tuner`.
        cwd: the folder.
        changed: variables that it finds otherwise; None for those that it does not find.
        pipes: as Popen takes them.
    """
    variables = {**environment(cwd), **(changed or {})}
    found = {name: value for name, value in variables.items() if value is not None}
    return subprocess.Popen(
        [COMMAND, *arguments], cwd=cwd, env=found, preexec_fn=hear_interrupts, **pipes
    )


def hear_interrupts() -> None:
    """Lets SIGINT end this process, as in the foreground of a terminal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment(cwd: Path) -> dict[str, str]:
    """What the command finds: a narrow terminal, and a home without anything."""
    return {**os.environ, "HOME": str(cwd), "COLUMNS": "80", "TERM": "xterm"}


def invoke(*arguments: str, **env: str) -> Result:
    """Runs the command in this process, which starts TensorFlow once for all of them."""
    return CliRunner(env={"COLUMNS": "80", **env}).invoke(app, arguments)


def executions(folder: Path) -> DataFrame:
    """A study's table of executions, without what differs between two trainings of it."""
    return pd.read_csv(folder / "executions.csv").drop(columns=TIMINGS)


def workers_of(process: subprocess.Popen[Any]) -> list[int]:
    """The worker processes of a search that runs: forked by a server of its, or spawned."""
    servers = children_of(process.pid, b"forkserver")
    forked = [worker for server in servers for worker in children_of(server, b"forkserver")]
    return forked + children_of(process.pid, b"spawn_main")


def children_of(pid: int, kind: bytes) -> list[int]:
    """The processes that a process has started, of a kind."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it ends meanwhile
            is_child = f"PPid:\t{pid}\n" in status.read_text()
            if is_child and kind in status.with_name("cmdline").read_bytes():
                found.append(int(status.parent.name))
    return found
