"""Peak memory is measured where the system tells, and never in the way where it does not."""

import subprocess
import sys

import pytest

from tuner.training import memory

#: In a process of its own: another test's peak would hide this one where it cannot be reset.
MEASURED = """
import numpy as np
from tuner.training import memory
memory.reset_peak_memory()
before = memory.peak_memory_mb()
np.ones(50_000_000, np.uint8).sum()
print(memory.peak_memory_mb() - before)
"""


def test_the_peak_rises_with_what_was_allocated():
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == pytest.approx(48, abs=8)


def test_a_system_that_does_not_tell_or_let_is_no_error(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "PROCESS", tmp_path / "nowhere")
    memory.reset_peak_memory()
    assert memory.peak_memory_mb() > 1
