"""Peak memory is measured where the system tells, and never in the way where it does not."""

import numpy as np
import pytest

from tuner.training import memory


def test_the_peak_rises_with_what_was_allocated():
    memory.reset_peak_memory()
    before = memory.peak_memory_mb()
    np.ones(50_000_000, np.uint8).sum()
    assert memory.peak_memory_mb() - before == pytest.approx(48, abs=8)


def test_a_system_that_does_not_tell_or_let_is_no_error(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "PROCESS", tmp_path / "nowhere")
    memory.reset_peak_memory()
    assert memory.peak_memory_mb() > 1
