"""One execution: a pure function, whose failures are results. Trains real, tiny networks."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tuner.execution import Execution
from tuner.study import Study
from tuner.training.backend import start_tensorflow

start_tensorflow()

from tuner.design import make_design  # noqa: E402
from tuner.planning import make_plan  # noqa: E402
from tuner.space import make_space  # noqa: E402
from tuner.training.epochs import scaling  # noqa: E402
from tuner.training.execute import build, execute, learning_rates  # noqa: E402

pytestmark = pytest.mark.trains
DROPOUT = {"dropout": 0.5, "augmentation": "flip_crop"}


@pytest.fixture(scope="module")
def study() -> Study:
    return make_plan(
        Study(
            factors={"conv_blocks": (1, 2), "filter_multiplier": (0.5, 1.0)}, dataset="digits",
            train_size=200, validation_size=100, epochs=2, fixed=DROPOUT,
        )
    ).study  # fmt: skip


@pytest.fixture(scope="module")
def execution(study: Study) -> Execution:
    values = {**study.fixed, "conv_blocks": 2, "filter_multiplier": 0.5}
    return Execution(study, "0", 2, 1, values, study.epochs)


@pytest.fixture(scope="module")
def record(execution):
    return execute(execution).record


@pytest.fixture(scope="module")
def other(execution):
    """Of another replicate."""
    return execute(replace(execution, replicate=0)).record


def numbers(record):
    return replace(record, seconds=0.0, peak_memory_mb=None, worker="")


def test_equal_executions_give_equal_numbers_whatever_was_trained_between(execution, record, other):
    assert other.status == "ok"
    assert numbers(execute(execution).record) == numbers(record)


def test_replicates_differ(record, other):
    assert other.seed != record.seed
    assert other.history != record.history


def test_seed_zero_is_a_seed(execution):
    zero = replace(execution, study=execution.study.model_copy(update={"seed": 0}), replicate=0)
    one = replace(zero, study=execution.study.model_copy(update={"seed": 1}))
    assert zero.seed == zero.seed != one.seed


def test_a_record_says_what_was_measured(record, execution):
    assert record.status == "ok"
    assert [row["epoch"] for row in record.history] == [1, 2]
    assert record.metrics.get("best_val_accuracy") == max(
        row["val_accuracy"] for row in record.history
    )
    assert record.history[record.metrics.get("best_epoch") - 1][
        "val_accuracy"
    ] == record.metrics.get("best_val_accuracy")
    space = make_space("conv_pool", (8, 8, 1), 10)
    assert (record.params, record.flops) == space.cost(execution.values)
    assert record.seconds > 0
    assert record.peak_memory_mb > 50
    assert {"tensorflow", "keras"} <= set(record.versions)


def test_a_diverged_execution_is_a_result(execution):
    wild = {**execution.values, "learning_rate": 1e30, "optimizer": "sgd", "normalization": "none"}
    record = execute(replace(execution, values=wild)).record
    assert record.status == "diverged"
    assert "loss" in record.message
    assert record.metrics.get("val_accuracy") is None


def test_a_crashed_execution_is_a_result_with_its_message(execution):
    record = execute(replace(execution, values={**execution.values, "conv_blocks": 5})).record
    assert record.status == "failed"
    assert "block 4: 1 px map cannot be pooled" in record.message


def test_training_learns(execution):
    plain = {**execution.values, "dropout": 0.0, "augmentation": "none"}
    more = execution.study.model_copy(update={"train_size": 1000, "epochs": 5})
    assert (
        execute(replace(execution, study=more, values=plain, epochs=5)).record.metrics.get(
            "val_accuracy"
        )
        > 0.5
    )


def test_standardized_pixels_have_mean_zero_and_deviation_one_a_channel():
    pixels = np.random.default_rng(0).integers(0, 200, (50, 4, 4, 3), np.uint8)
    scaled = np.asarray(scaling("standardize", pixels)(pixels))
    assert scaled.mean((0, 1, 2)) == pytest.approx(np.zeros(3), abs=1e-5)
    assert scaled.std((0, 1, 2)) == pytest.approx(np.ones(3), abs=1e-5)


def test_the_mean_and_the_deviation_are_numpys():
    pixels = np.random.default_rng(0).integers(0, 200, (700, 5, 4, 3), dtype=np.uint8)
    pixels[..., 1] //= 3
    scale = scaling("standardize", pixels)
    np.testing.assert_allclose(scale.mean, pixels.mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(scale.deviation, pixels.std((0, 1, 2)), rtol=1e-6)


def test_unit_pixels_are_from_zero_to_one():
    pixels = np.array([[[[0]], [[255]]]], np.uint8)
    assert np.asarray(scaling("unit", pixels)(pixels)).ravel().tolist() == [0.0, 1.0]


def test_the_cosine_falls_over_the_whole_budget(execution):
    space = make_space("conv_pool", (8, 8, 1), 10)
    rates = [learning_rates(space, execution, epoch, 4).numpy() for epoch in range(2)]
    expected = [0.5 * (1 + math.cos(math.pi * step / 8)) for step in range(8)]
    start = execution.values["learning_rate"]
    assert np.concatenate(rates) / start == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_one_epoch_and_then_two_more_are_three_in_one_go(execution, optimizer):
    study = execution.study.model_copy(update={"epochs": 3})
    held = {"conv_blocks": 1, "optimizer": optimizer, "learning_rate_schedule": "constant"}
    three = replace(execution, study=study, values={**execution.values, **held}, epochs=3)
    whole = execute(three).record
    first = execute(replace(three, epochs=1, keeps_state=True))
    then = execute(replace(three, initial_epoch=1, state=first.state)).record
    assert first.record.history + then.history == whole.history
    assert then.metrics.get("val_accuracy") == whole.metrics.get("val_accuracy")


def test_the_cells_of_a_replicate_share_their_images_and_their_order(study):
    design = make_design(study, make_space("conv_pool", (8, 8, 1), 10))
    seeds = {Execution(study, "0", cell.index, 1, {}, 2).seed for cell in design.planned}
    assert len(seeds) == 1


def test_initial_weights_come_from_the_seed(execution):
    space = make_space("conv_pool", (8, 8, 1), 10)
    first, again, other = (
        build(space, item).get_weights()[0]
        for item in (execution, execution, replace(execution, replicate=0))
    )
    assert (first == again).all()
    assert (first != other).any()


def test_the_last_epoch_is_scored_on_every_image_that_was_not_trained_on(execution, record):
    study = execution.study.with_settings(score_on="validation")
    on_validation = execute(replace(execution, study=study)).record
    num_idle, num_validation = 1437 - 200, 100
    assert record.metrics.get("val_accuracy") * num_idle == pytest.approx(
        round(record.metrics.get("val_accuracy") * num_idle)
    )
    assert on_validation.metrics.get("val_accuracy") == record.history[-1]["val_accuracy"]
    hits = on_validation.metrics.get("val_accuracy") * num_validation
    assert hits == pytest.approx(round(hits))
    assert record.history == on_validation.history
