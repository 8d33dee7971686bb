"""The time left is told from the first execution on, and well from a fifth of the way on."""

import statistics

import pytest

from tests.engine.playing import moments_of, moments_played
from tuner.engine.pace import Pace, scheduled
from tuner.execution import Key, Record


def pace_of(study, seconds=(), num_slots=1, num_cells=6):
    """A pace of executions that are expected to take 10 s, after some have taken others."""
    records = [record(number % num_cells, number // num_cells, took)
               for number, took in enumerate(seconds)]  # fmt: skip
    study = study.model_copy(update={"strategy": "grid"})
    return Pace(study, range(num_cells), lambda cell, epochs: 10.0, num_slots, None, records)


def record(cell, replicate, seconds):
    return Record(f"{cell:04d}", cell, replicate, 0, {}, 3, "ok", seconds=seconds)


def test_workers_share_what_is_left(study):
    to_do = [(5, 3)] * 8
    alone = pace_of(study, [9.0, 12.0]).remaining(to_do)
    assert pace_of(study, [9.0, 12.0], num_slots=4).remaining(to_do) == pytest.approx(
        [seconds / 4 for seconds in alone]
    )


def test_doubt_falls_as_executions_finish(study):
    few, many = (pace_of(study, [8.0, 12.0] * num).remaining([(5, 3)] * 5) for num in (1, 8))
    assert few[0] == pytest.approx(many[0], rel=0.2)
    assert 0 < many[1] < few[1]


def test_nothing_left_takes_no_time(study):
    assert pace_of(study, [9.0, 12.0]).remaining([]) == (0, 0)


def test_the_time_left_is_of_the_whole_study(study):
    pace = pace_of(study, [20.0] * 17)
    assert pace.time_left().startswith("20 s ± ")
    assert pace.time_left(behind={Key("0005", 2): 8.0}).startswith("12 s ± ")
    pace.ended([record(5, 2, 20.0)])
    assert pace.time_left() == "0 s"


def test_a_study_that_grows_has_more_left(study):
    pace = pace_of(study, [20.0] * 17)
    pace.study = study.model_copy(update={"replicates": 4})
    pace.look_again()
    assert pace.left()[0] == pytest.approx(7 * 20, rel=0.05)


def test_few_executions_that_agree_leave_the_cells_in_doubt_that_are_not_met_yet(study):
    study = study.model_copy(update={"replicates": 1})
    few, many = (pace_of(study, [10.0] * num, num_cells=100) for num in (4, 60))
    assert few.time_left() == "16 min ± 4 min"
    assert many.time_left() == "7 min ± 12 s"


def test_of_a_thousand_executions_not_every_one_is_a_reason_to_look_again(study):
    study = study.model_copy(update={"replicates": 1})
    pace = pace_of(study, [10.0] * 1000, num_cells=2000)
    fit = pace.fit
    for cell in range(1000, 1020):
        pace.ended([record(cell, 0, 10.0)])
        assert pace.left()[0] == pytest.approx(10.0 * (2000 - cell - 1))
    assert pace.fit is fit
    pace.ended([record(1020, 0, 10.0)])
    assert pace.fit is not fit
    pace.ended(record(cell, 0, 10.0) for cell in range(1021, 2000))
    assert pace.time_left() == "0 s"


@pytest.mark.parametrize(
    ("chains", "num_slots", "seconds"),
    [
        ([[[4, 3, 2]]], 1, 9),
        ([[[4, 3, 2]]], 2, 5),
        ([[[4, 3, 2]]], 9, 4),
        ([[[2, 2], [5]]], 9, 7),  # the second rung waits for the first
        ([[[2, 2], [5]], [[6], [1]]], 2, 9),  # another chain fills the gap
        ([[[], [3]]], 2, 3),
        ([[[]], []], 2, 0),
    ],
)
def test_rungs_wait_for_one_another_and_chains_do_not(chains, num_slots, seconds):
    assert scheduled(chains, num_slots) == seconds


GRIDS = ["width-depth-cifar10", "kernel-schedule-cifar10", "dense-depth-cifar10"]


@pytest.mark.parametrize("name", [*GRIDS, "four-factors-cifar10", "hyperband-cifar10"])
def test_from_a_fifth_of_the_way_on_a_real_study_is_told_within_a_quarter(name):
    moments = moments_of(name)
    assert all(abs(one.off) < 0.25 for one in moments if 0.2 <= one.passed <= 0.95)
    assert all(abs(one.told - one.left) < 2 * one.error for one in moments if one.passed < 0.2)


@pytest.mark.parametrize("num_slots", [1, 2, 4])
@pytest.mark.parametrize(
    "settings",
    [
        {"strategy": "hyperband"},
        {"strategy": "random", "max_trials": 9},
        {"strategy": "bayesian", "max_trials": 20},
    ],
    ids=lambda settings: settings["strategy"],
)
def test_so_is_a_study_whose_real_results_another_strategy_meets_with_any_workers(
    settings, num_slots
):
    moments = [
        one
        for name in ("width-depth-cifar10", "dense-depth-cifar10")
        for seed in range(3)
        for one in moments_played(name, num_slots, seed=seed, **settings)
    ]
    off = [abs(one.off) for one in moments if 0.2 <= one.passed <= 0.9]
    early = [abs(one.told - one.left) < 2 * one.error for one in moments if one.passed < 0.2]
    assert statistics.quantiles(off, n=10)[-1] < 0.25
    assert statistics.fmean(early) > 0.9
