"""A time limit: nothing begins that cannot end, and a study ends balanced."""

import time

from tuner.engine.pace import Pace
from tuner.engine.time_limit import TimeLimit
from tuner.execution import Execution, Record


def limit(study, seconds, **settings):
    """A limit so many seconds from now; executions are expected to take 10, and took others."""
    records = [
        Record("0", 0, replicate, 0, {}, 3, "ok", seconds=took)
        for replicate, took in enumerate(settings.pop("took"))
    ]
    pace = Pace(study, range(6), lambda cell, epochs: 10.0, 1, None, records)
    return TimeLimit(time.monotonic() + seconds, pace, **settings)


def execution(study, replicate):
    return Execution(study, "0", 0, replicate, {}, 3)


def test_what_fits_may_start_and_what_does_not_may_not(study):
    paced = {"took": [10.0] * 5}
    assert limit(study, 11, **paced).allows(execution(study, 0))
    late = limit(study, 9, **paced)
    assert not late.allows(execution(study, 0))
    assert late.is_up


def test_the_measured_pace_replaces_the_expected_one(study):
    slow = limit(study, 15, took=[20.0] * 5)
    assert not slow.allows(execution(study, 0))


def test_a_replicate_is_begun_only_if_all_of_it_fits(study):
    paced = {"took": [10.0] * 5, "a_replicate": [(0, 3)] * 6}
    assert not limit(study, 50, **paced).allows(execution(study, 1))
    enough = limit(study, 61, **paced)
    assert enough.allows(execution(study, 1))


def test_a_replicate_that_was_begun_goes_on_while_its_executions_fit(study):
    begun = limit(study, 15, took=[10.0] * 5, a_replicate=[(0, 3)] * 6, begun={1})
    assert begun.allows(execution(study, 1))


def test_a_worker_is_taken_to_hang_after_ten_times_what_is_expected(study):
    paced = {"took": [100.0] * 5}
    about = execution(study, 0)
    assert not limit(study, 1e6, **paced).is_late(about, 1201, quiet=901)
    assert limit(study, 1e6, **paced).is_late(about, 1201, quiet=1101)
    assert not limit(study, 1e6, took=[]).is_late(about, 601, quiet=599)
    assert limit(study, 1e6, took=[]).is_late(about, 601, quiet=601)


def test_an_execution_limit_counts_from_its_start(study):
    settings = {"took": [], "execution_seconds": 7.0}
    assert not limit(study, 1e6, **settings).is_late(execution(study, 0), 6.0, quiet=6.0)
    assert limit(study, 1e6, **settings).is_late(execution(study, 0), 8.0, quiet=1.0)


def test_no_worker_goes_on_for_long_after_the_deadline(study):
    paced = {"took": [10.0] * 5}
    assert not limit(study, -50, **paced).is_late(execution(study, 0), 1, 1)
    assert limit(study, -61, **paced).is_late(execution(study, 0), 1, 1)
