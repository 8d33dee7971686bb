"""How much memory an execution took."""

import contextlib
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
