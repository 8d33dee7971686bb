"""States to go on from: one that is missing, cut short or foreign is trained again."""

from dataclasses import replace

import pytest

from tuner.execution import Execution
from tuner.study import Study
from tuner.training.backend import start_tensorflow

start_tensorflow()

from tuner.planning import make_plan  # noqa: E402
from tuner.training.execute import execute  # noqa: E402

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def first() -> Execution:
    study = make_plan(
        Study(
            factors={"conv_blocks": (1, 2), "filter_multiplier": (0.5, 1.0)}, dataset="digits",
            train_size=100, validation_size=50, epochs=2, fixed={"dropout": 0.5},
        )
    ).study  # fmt: skip
    values = {**study.fixed, "conv_blocks": 1, "filter_multiplier": 0.5}
    return Execution(study, "0000", 0, 0, values, epochs=1, keeps_state=True)


@pytest.fixture(scope="module")
def state(first):
    return execute(first).state


@pytest.fixture(scope="module")
def then(first, state):
    return gone_on(first, state)


def gone_on(first, state):
    record = execute(replace(first, epochs=2, initial_epoch=1, state=state)).record
    return replace(record, seconds=0.0, peak_memory_mb=None)


def test_a_missing_state_is_trained_again(first, then):
    assert gone_on(first, None) == then
    assert [row["epoch"] for row in then.history] == [2]


@pytest.mark.parametrize("kept", [0, 100, -100])
def test_a_state_that_was_cut_short_is_trained_again(first, state, then, kept):
    assert gone_on(first, state[:kept]) == then


def test_the_state_of_another_execution_is_not_gone_on_from(first, then):
    other = execute(replace(first, replicate=1)).state
    assert gone_on(first, other) == then
