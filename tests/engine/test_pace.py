from csv import DictReader
from dataclasses import replace
from pathlib import Path

import pytest

from tuner.cli.status import pace_of
from tuner.engine.pace import Ended, Pace
from tuner.folder import StudyFolder


def remaining_seconds(finished, to_do, num_workers):
    """The time that executions take, and its doubt, after some have ended."""
    ended = [Ended(*seconds) for seconds in finished]
    return Pace(lambda record: 10.0, 8, 80.0, num_workers, finished=ended).remaining(to_do)


def test_before_anything_has_finished_the_expected_times_count_with_much_doubt():
    left, doubt = remaining_seconds([], [10.0, 20.0], num_workers=1)
    assert left == 30
    assert doubt >= left / 2


def test_measured_times_correct_the_expected_ones():
    left, doubt = remaining_seconds([(20.0, 10.0), (40.0, 20.0)], [10.0, 30.0], num_workers=1)
    assert left == pytest.approx(80)
    assert doubt == 0


def test_workers_share_what_is_left():
    finished, to_do = [(9.0, 10.0), (12.0, 10.0)], [10.0] * 8
    alone = remaining_seconds(finished, to_do, num_workers=1)
    assert remaining_seconds(finished, to_do, num_workers=4) == pytest.approx(
        [seconds / 4 for seconds in alone]
    )


def test_doubt_falls_as_executions_finish():
    to_do = [10.0] * 5
    few = remaining_seconds([(8.0, 10.0), (12.0, 10.0)], to_do, 1)
    many = remaining_seconds([(8.0, 10.0), (12.0, 10.0)] * 8, to_do, 1)
    assert many[0] == pytest.approx(few[0])
    assert 0 < many[1] < few[1]


def test_what_every_execution_costs_beside_its_training_is_told_from_what_it_is_expected_to():
    finished = [(2.0 + expected / 2, expected) for expected in (1.0, 2.0, 4.0, 8.0) * 2]
    left, doubt = remaining_seconds(finished, [100.0, 200.0], num_workers=1)
    assert left == pytest.approx(2 + 50 + 2 + 100)
    assert doubt == pytest.approx(0, abs=1e-6)


def test_nothing_left_takes_no_time():
    assert remaining_seconds([(9.0, 10.0), (12.0, 10.0)], [], 2) == (0, 0)


def test_the_time_left_is_of_the_whole_study():
    pace = Pace(lambda record: 10.0, 4, 40.0, 1, finished=[Ended(20.0, 10.0)] * 3)
    assert pace.time_left().startswith("20 s ± ")
    assert pace.time_left(behind=4.0).startswith("12 s ± ")
    pace.finished.append(Ended(20.0, 10.0))
    assert pace.time_left() == "0 s"


def test_few_executions_that_agree_leave_the_cells_in_doubt_that_are_not_met_yet():
    few, many = (
        Pace(lambda record: 10.0, 100, 1000.0, 1, finished=[Ended(10.0, 10.0)] * num)
        for num in (4, 60)
    )
    assert few.time_left() == "16 min ± 4 min"
    assert many.time_left() == "7 min ± 13 s"


def test_executions_that_took_no_time_leave_none():
    assert remaining_seconds([(0.0, 10.0)] * 3, [10.0], 1) == (0, 0)
    assert remaining_seconds([(0.0, 10.0)] * 10, [10.0], 1) == (0, 0)


def test_a_strategy_that_chooses_goes_on_with_cells_that_cost_what_its_best_do():
    cheap, dear = Ended(1.0, 1.0, 1, score=0.2), Ended(10.0, 10.0, 1, score=0.8)
    pace = Pace(lambda record: 5.0, 9, 50.0, 1, epochs=26, finished=[cheap] * 4 + [dear] * 2)
    assert pace.time_left().startswith("3 min")  # 20 epochs of 10 seconds


def as_on_an_idle_machine(records):
    """The records, with the seconds that the same executions took where nothing else was done."""
    with (Path(__file__).parent / "hyperband_seconds.csv").open() as file:
        took = {(row["trial"], int(row["replicate"])): row["seconds"] for row in DictReader(file)}
    return [replace(r, seconds=float(took[r.trial, r.replicate])) for r in records]


def test_from_a_fifth_of_the_way_on_a_grid_is_told_within_a_third_and_hyperband_within_a_half():
    for name, most in (("width-depth-cifar10", 1 / 3), ("hyperband-cifar10", 1 / 2)):
        folder = StudyFolder(Path(__file__).parents[2] / "results" / name)
        pace, records = pace_of(folder), folder.records
        if name == "hyperband-cifar10":  # trained where other work came and went
            records = as_on_an_idle_machine(records)
        pace.finished.clear()
        total = sum(record.seconds for record in records)
        left = total
        for record in records[:-3]:
            pace.ended([record])
            left -= record.seconds
            if left < 0.8 * total:
                to_do = pace.expected_left() / (pace.num_executions - len(pace.finished))
                told, _ = pace.remaining([to_do] * (pace.num_executions - len(pace.finished)))
                assert told == pytest.approx(left, rel=most)
