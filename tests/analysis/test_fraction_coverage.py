"""A fraction's intervals hold the whole table's steps: the benchmark in short."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "chosen_cells.py"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fractions():
    spec = importlib.util.spec_from_file_location("fractions_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_intervals_hold_the_steps_and_chosen_fractions_have_narrower_ones(fractions):
    """The fractions are fixed by their seeds; 250 of each kind are in the benchmark."""
    setting = fractions.Setting(328, 3)
    parts = [fractions.random_fraction(328, seed) for seed in range(8)]
    table = fractions.saturating()
    tried = fractions.try_fractions(table, setting, parts)
    assert 0.9 <= tried["coverage"].mean() <= 0.99
    assert tried["all_inside"].mean() >= 0.85
    chosen = fractions.try_fractions(table, setting, [fractions.chosen_fraction(328, 0)])
    assert chosen["coverage"].mean() >= 0.85
    assert chosen["half_width"].mean() < 0.75 * tried["half_width"].mean()


def test_shared_replicates_that_disagree_are_taken_in(fractions):
    setting = fractions.Setting(328, 3, shared=True)
    parts = [fractions.random_fraction(328, seed) for seed in range(4)]
    tried = fractions.try_fractions(fractions.saturating(), setting, parts)
    assert tried["coverage"].mean() >= 0.85
    assert tried["ordinary_coverage"].mean() < 0.8
