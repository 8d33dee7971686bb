"""The intervals hold what they should as often as they say: the benchmark in short."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NUM_STUDIES = 300  # fixed by their seed; 1,000 of every condition are in the benchmark


@pytest.fixture(scope="module")
def coverage():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        import coverage as module

        assert Path(module.__file__).parent == BENCHMARKS
        yield module
    for name in ("coverage", "error_structures"):
        sys.modules.pop(name)


@pytest.mark.parametrize(
    "condition",
    [
        ("3x4", 2, "normal"),
        ("3x4", 3, "t3"),
        ("3x4", 3, "flagship's strata"),
        ("3x4", 3, "spread .3 to 2.7"),
        ("3x4", 5, "one hole"),
        ("3x4", 3, "unequal counts"),
        ("one of 3", 3, "replicate x depth"),
        ("2x2", 5, "flagship's residuals"),
    ],
)
def test_intervals_hold_and_nothing_is_found_where_nothing_is(coverage, condition):
    tried = coverage.try_condition(*condition, NUM_STUDIES, seed=0)
    for share, error in tried.coverage.values():
        assert 0.93 - 2 * error < share < 0.995
    share, error = tried.family_wise
    assert share - 2 * error < 0.06


def test_three_replicates_find_what_a_paired_test_cannot(coverage):
    tried = coverage.try_condition("3x4", 3, "normal", NUM_STUDIES, seed=0)
    assert tried.power > 0.5 > 5 * tried.paired_power


@pytest.mark.slow
def test_simultaneous_intervals_hold_all_contrasts(coverage):
    share, error = coverage.simultaneous("flagship's strata", 3, 25, seed=0)
    assert 0.93 - 2 * error < share


def test_planted_steps_are_found_and_only_where_they_are(coverage):
    """The benchmark's own arithmetic: a step raises the cells above it by one."""
    family = coverage.contrasts(coverage.full((3, 4)))
    for step in (family.kinds == "step").nonzero()[0]:
        assert family.weights[step] @ family.raised[step] == pytest.approx(1)
    assert family.weights.sum(axis=1) == pytest.approx(0)
    assert family.printed.sum() == 7 + 3 * 4 + 4 * 3
