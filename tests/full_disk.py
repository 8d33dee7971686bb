"""Real searches on a real disk that fills up, at 20 sizes: python -m tests.full_disk (root, Linux).

Each runs `tuner search` on digits in a tmpfs of so many KiB, which must end with one line. Then the
disk gets larger, the same command is run again, and the rows must be those of an undisturbed study.
"""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from tests.cli.commanding import TINY, executions, tuner

SEARCH = ["search", "--strategy", "hyperband", *TINY, "--epochs", "3", "--name", "full",
          "--workers", "1"]  # fmt: skip
SIZES = range(8, 168, 8)  # KiB; an undisturbed study takes more than the last


@contextmanager
def mounted(folder: Path, kib: int) -> Iterator[None]:
    """Mounts a file system of so many KiB at a folder."""
    size = ["-o", f"size={kib}k"]
    subprocess.run(["mount", "-t", "tmpfs", *size, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def enlarged(folder: Path) -> None:
    """Gives a file system 64 MiB."""
    subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)


def main() -> None:
    """Prints what each search said, and compares what it ended with.

    Raises:
        AssertionError: for a traceback, more than one line, or other rows.
    """
    with tempfile.TemporaryDirectory() as place:
        undisturbed = Path(place) / "undisturbed"
        undisturbed.mkdir()
        assert tuner(*SEARCH, cwd=undisturbed).returncode == 0
        expected = executions(undisturbed / "results" / "full")
        disk = Path(place) / "disk"
        disk.mkdir()
        for kib in SIZES:
            with mounted(disk, kib):
                full = tuner(*SEARCH, cwd=disk)
                said = [line for line in full.stderr.splitlines() if "Error" in line]
                assert "Traceback" not in full.stderr, full.stderr
                assert full.returncode in (0, 1), full.stderr
                assert len(said) == full.returncode, full.stderr
                enlarged(disk)
                again = tuner(*SEARCH, cwd=disk)
                assert again.returncode == 0, again.stderr
                pd.testing.assert_frame_equal(executions(disk / "results" / "full"), expected)
            print(f"{kib:4} KiB: {said[0] if said else 'enough'}; then the same rows", flush=True)


if __name__ == "__main__":
    main()
