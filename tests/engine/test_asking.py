"""What waits for which worker: replicates that one trains are traced once."""

from collections import defaultdict

import pytest

from tuner.engine.asking import Asked
from tuner.strategies import make_oracle


@pytest.fixture
def asked(study, design):
    return Asked(make_oracle(study, design), study, design)


def given(asked, workers):
    """The cell and the replicate of the next execution, for one worker after the other."""
    executions = [asked.next_execution(worker) for worker in workers]
    return [(execution.cell, execution.replicate) for execution in executions]


def test_a_worker_is_given_the_cells_that_it_holds(asked):
    cells = defaultdict(set)
    turns = [0, 1, 1, 0, 1, 0, *[1, 0] * 6]
    for worker, (cell, _) in zip(turns, given(asked, turns), strict=True):
        cells[worker].add(cell)
    assert cells[0] | cells[1] == set(range(6))
    assert not cells[0] & cells[1]


def test_a_worker_that_has_none_left_takes_one_of_anothers_and_keeps_it(asked):
    given(asked, [0] * 6)
    taken, *_ = given(asked, [1, 0, 0, 0, 0, 0])
    assert given(asked, [1]) == [(taken[0], 2)]


@pytest.mark.parametrize("workers", [[0], [0, 1], [2, 0, 1, 1]])
def test_replicate_by_replicate_whoever_asks(asked, workers):
    turns = (workers * 18)[:18]
    executions = given(asked, turns)
    assert [replicate for _, replicate in executions] == [0] * 6 + [1] * 6 + [2] * 6
    assert len(set(executions)) == 18
    assert asked.next_execution(0) is None


def test_who_holds_a_cell_is_known_to_the_replicates_that_are_added(study, design):
    first = study.model_copy(update={"replicates": 1})
    asked = Asked(make_oracle(first, design), first, design)
    before = dict(zip([cell for cell, _ in given(asked, [0, 1] * 3)], [0, 1] * 3, strict=True))
    again = Asked(make_oracle(study, design), study, design, home=asked.home)
    for _ in range(6):
        again.next_execution()  # replayed
    after = dict(zip([cell for cell, _ in given(again, [1, 0] * 3)], [1, 0] * 3, strict=True))
    assert after == before
