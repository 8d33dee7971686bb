"""How long a search takes to begin and to end, and `tuner --help`, as somebody at a terminal sees.

    python benchmarks/startup.py                    27 executions on the digits, about a minute
    python benchmarks/startup.py --rounds 3 --dataset cifar10 --replicates 1 --epochs 1

Each round searches twice, on a pseudo-terminal and with pipes, and asks for help once. From the
start of the process pass the seconds to the first text on the terminal, to the plan (the folder has
its cells), and to the first execution's start (its line on a pipe, of `--verbose`); then those from
the last record on disk to the process's end. Medians of the rounds are printed.
"""

import argparse
import os
import pty
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measuring import Figure, conclude, middle, read_options, rounded, timed

COMMAND = str(Path(sys.executable).with_name("tuner"))
ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9])|\s")


def main() -> None:
    """Searches, and prints what is waited for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--replicates", type=int, default=3)
    options = read_options(parser)
    found: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for name, seconds in one_round(options):
            found.setdefault(name, []).append(rounded(seconds))
            print(f"{name:64} {seconds:6.2f} s", flush=True)
    figures = [
        Figure(name, middle(seconds), "s", in_table=not name.endswith("pipes"))
        for name, seconds in found.items()
    ]
    conclude(options, figures, found)


def one_round(options: argparse.Namespace) -> Iterator[tuple[str, float]]:
    """What is waited for, and the seconds."""
    asked = ["--dataset", options.dataset, "--train-size", "1000"]
    asked += ["--replicates", str(options.replicates), "--epochs", str(options.epochs)]
    terminal = searched(asked, is_terminal=True)
    pipes = searched([*asked, "--verbose"], is_terminal=False)
    yield "tuner search: first text on a terminal", terminal["first"]
    yield "tuner search: the plan", terminal["plan"]
    yield "tuner search: the first execution's start", pipes["first"]
    yield "tuner search: from the last record to the end", terminal["end"]
    yield "tuner search: the plan, with pipes", pipes["plan"]
    yield "tuner search: from the last record to the end, with pipes", pipes["end"]
    yield "tuner --help", timed(lambda: subprocess.run([COMMAND, "--help"], capture_output=True))[0]


def searched(options: list[str], is_terminal: bool) -> dict[str, float]:
    """The seconds to the first text and to the plan, and from the last record to the end.

    On pipes the first text is the line that says that an execution has begun.
    """
    with tempfile.TemporaryDirectory() as output:
        where = ["--output", output, "--name", "study"]
        reading, writing = pty.openpty() if is_terminal else os.pipe()
        begun = time.time()
        process = subprocess.Popen(
            [COMMAND, "search", *where, *options], stdin=writing if is_terminal else None,
            stdout=writing, stderr=writing, env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        )  # fmt: skip
        os.close(writing)
        first = first_text(reading, b"" if is_terminal else b" begun: ")
        if process.wait():
            raise SystemExit(f"{' '.join(process.args)} ended with {process.returncode}")
        ended = time.time()
        os.close(reading)
        folder = Path(output) / "study"
        planned, recorded = (
            (folder / name).stat().st_mtime for name in ("cells.csv", "ledger.jsonl")
        )
    return {"first": first - begun, "plan": planned - begun, "end": ended - recorded}


def first_text(reading: int, sought: bytes) -> float:
    """When the first text came that has something in it; reads until the other end is closed."""
    first, shown = 0.0, b""
    while True:
        try:
            chunk = os.read(reading, 65536)
        except OSError:  # a terminal's other end is closed
            chunk = b""
        if not chunk:
            return first
        shown += b"" if first else chunk
        if not first and sought in shown and ESCAPES.sub(b"", shown):
            first = time.time()


if __name__ == "__main__":
    main()
