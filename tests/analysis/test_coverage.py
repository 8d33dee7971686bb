"""The intervals hold the planted effects as often as they say: the benchmark in short."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "coverage.py"
NUM_STUDIES = 25
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("cheap_corrections")]


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("coverage_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "shape",
    [
        "additive, 3 replicates",
        "interacting, 3 replicates",
        "heteroscedastic, 5 replicates",
        "holed, 3 replicates",
        "imbalanced, 3 to 10 replicates",
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(coverage, shape):
    """The studies are fixed by their seed; 1,000 of each are in the benchmark."""
    summary = coverage.summarise(coverage.try_shape(coverage.SHAPES[shape], NUM_STUDIES, seed=0))
    assert 0.91 <= summary["coverage"] <= 0.99
    assert not summary["wrong sign"] > 0.01


def test_nothing_is_found_where_nothing_is(coverage):
    shape = coverage.SHAPES["no effect at all, 3 replicates"]
    tried = coverage.try_shape(shape, NUM_STUDIES, seed=0)
    assert coverage.summarise(tried)["family-wise error"] <= 0.2
