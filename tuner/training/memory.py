"""How much memory there is, and how much an execution took."""

import contextlib
import gc
import math
import multiprocessing
import os
import sys
from pathlib import Path

PROCESS = Path("/proc/self")


def reset_peak_memory() -> None:
    """Starts a new measurement of the peak memory, where the system can and lets us (Linux)."""
    with contextlib.suppress(OSError):
        (PROCESS / "clear_refs").write_text("5")


def peak_memory_mb() -> float | None:
    """Peak resident memory of this process in MB; since the reset on Linux, else in its life.

    None where the system does not tell.
    """
    with contextlib.suppress(OSError):
        for line in (PROCESS / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)


def set_aside() -> None:
    """Has a worker's garbage collector pass over all that there is by now.

    To collect is to look at every object, and TensorFlow and the networks that are kept have so
    many that it takes as long as the training of a small network.
    """
    if multiprocessing.parent_process() is not None:
        gc.freeze()


def collect() -> None:
    """Frees what only cycles hold, also among what was set aside."""
    gc.unfreeze()
    gc.collect()


def total_memory() -> float:
    """The memory of this machine in bytes; infinite where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows, and others
        return math.inf


def refuse_beyond_memory(num_bytes: int, what: str) -> None:
    """Refuses what would not fit into memory, before any is taken.

    Raises:
        ValueError: naming what it is.
    """
    if num_bytes > total_memory():
        raise ValueError(f"{what}: {num_bytes:,} bytes do not fit into memory")
