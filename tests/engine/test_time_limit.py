"""A time limit: nothing begins that cannot end, and a study ends balanced."""

import time

from tuner.engine.pace import Ended, Pace
from tuner.engine.time_limit import TimeLimit
from tuner.execution import Execution


def limit(study, seconds, **settings):
    finished = [Ended(*seconds) for seconds in settings.pop("finished")]
    pace = Pace(lambda execution: 10.0, 12, 120.0, 1, finished=finished)
    return TimeLimit(time.monotonic() + seconds, pace, **settings)


def execution(study, replicate):
    return Execution(study, "0", 0, replicate, {}, 3)


def test_what_fits_may_start_and_what_does_not_may_not(study):
    paced = {"finished": [(10.0, 10.0)] * 5}
    assert limit(study, 11, **paced).allows(execution(study, 0))
    late = limit(study, 9, **paced)
    assert not late.allows(execution(study, 0))
    assert late.is_up


def test_the_measured_pace_replaces_the_expected_one(study):
    slow = limit(study, 15, finished=[(20.0, 10.0)] * 5)
    assert not slow.allows(execution(study, 0))


def test_a_replicate_is_begun_only_if_all_of_it_fits(study):
    paced = {"finished": [(10.0, 10.0)] * 5, "replicate_seconds": [10.0] * 6}
    assert not limit(study, 50, **paced).allows(execution(study, 1))
    enough = limit(study, 61, **paced)
    assert enough.allows(execution(study, 1))


def test_a_replicate_that_was_begun_goes_on_while_its_executions_fit(study):
    begun = limit(study, 15, finished=[(10.0, 10.0)] * 5, replicate_seconds=[10.0] * 6, begun={1})
    assert begun.allows(execution(study, 1))


def test_a_worker_is_taken_to_hang_after_ten_times_what_is_expected(study):
    paced = {"finished": [(100.0, 10.0)] * 5}
    about = execution(study, 0)
    assert not limit(study, 1e6, **paced).is_late(about, 1001, quiet=999)
    assert limit(study, 1e6, **paced).is_late(about, 1001, quiet=1001)
    assert not limit(study, 1e6, finished=[]).is_late(about, 601, quiet=599)
    assert limit(study, 1e6, finished=[]).is_late(about, 601, quiet=601)


def test_an_execution_limit_counts_from_its_start(study):
    settings = {"finished": [], "execution_seconds": 7.0}
    assert not limit(study, 1e6, **settings).is_late(execution(study, 0), 6.0, quiet=6.0)
    assert limit(study, 1e6, **settings).is_late(execution(study, 0), 8.0, quiet=1.0)


def test_no_worker_goes_on_for_long_after_the_deadline(study):
    paced = {"finished": [(10.0, 10.0)] * 5}
    assert not limit(study, -50, **paced).is_late(execution(study, 0), 1, 1)
    assert limit(study, -61, **paced).is_late(execution(study, 0), 1, 1)
