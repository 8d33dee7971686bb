"""A search one of whose workers is killed every minute must end as one that was left alone.

    python -m tests.worker_deaths results/width-depth-cifar10 60 \
        search --strategy grid --dataset cifar10.npz --name killed

The first argument is the folder of the undisturbed study, the second the seconds between two kills,
the rest a command of tuner's. What its workers' deaths have lost is trained again at the end.
"""

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pandas as pd

from tests.cli.commanding import begun, executions, workers_of


def main() -> None:
    """Prints each kill; compares the rows at the end.

    Raises:
        AssertionError: if they differ from the undisturbed study's.
    """
    undisturbed, seconds, *command = sys.argv[1:]
    rng = random.Random(0)
    killed = search_with_kills(command, float(seconds), rng)
    folder = Path("results") / command[command.index("--name") + 1]
    rows = pd.read_csv(folder / "executions.csv")
    lost = int((rows["status"] == "lost").sum())
    if lost:
        assert begun(*command, "--retry-failed", cwd=Path.cwd()).wait() == 0
    found, expected = (executions(path) for path in (folder, Path(undisturbed)))
    pd.testing.assert_frame_equal(found, expected)
    left = [path.name for path in folder.iterdir() if path.name == "under-way"]
    assert not left, left
    print(f"{killed} kills, {lost} lost and trained again: {len(found)} equal rows")


def search_with_kills(command: list[str], seconds: float, rng: random.Random) -> int:
    """Runs a command to its end, killing one of its workers after each so many seconds."""
    process = begun(*command, cwd=Path.cwd())
    kills = 0
    while True:
        with suppress(subprocess.TimeoutExpired):
            assert process.wait(timeout=seconds) == 0
            return kills
        if workers := workers_of(process):
            worker = rng.choice(workers)
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                kills += 1
                print(f"kill {kills}: process {worker}", flush=True)


if __name__ == "__main__":
    main()
