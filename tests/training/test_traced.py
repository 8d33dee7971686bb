"""A replicate that starts in the network of the last one is one built anew, bit for bit."""

import gc
from dataclasses import replace

import pytest

from tuner.execution import Execution
from tuner.study import Study
from tuner.training.backend import start_tensorflow

start_tensorflow()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from tuner.planning import make_plan  # noqa: E402
from tuner.training import traced  # noqa: E402
from tuner.training.execute import execute  # noqa: E402

pytestmark = pytest.mark.trains
SMALL = {"dataset": "digits", "train_size": 100, "validation_size": 50, "epochs": 2}
NOT_KEPT = ("own", "lambda", "recurrent")


def execution(kind, optimizer="adam", replicate=0, **settings):
    study = Study(space="tests.hypermodels:Noisy", **{**SMALL, **settings})
    values = {"layers": kind, "optimizer": optimizer}
    return Execution(study, "0000", 0, replicate, values, study.epochs)


def numbers(asked):
    record = execute(asked).record
    assert record.status == "ok", record.message
    return record.history, record.metrics


@pytest.fixture(autouse=True)
def nothing_kept():
    traced._kept.clear()


@pytest.mark.parametrize(
    ("kind", "optimizer"),
    [("noise", "adam"), ("normalization", "sgd"), ("augmentation", "lion"), ("dropout", "nadam")],
)
def test_a_replicate_in_a_kept_network_is_one_built_anew(kind, optimizer):
    alone = numbers(execution(kind, optimizer, replicate=1))
    traced._kept.clear()
    first = numbers(execution(kind, optimizer, replicate=0))
    (kept,) = traced._kept.values()
    assert numbers(execution(kind, optimizer, replicate=1)) == alone
    assert [*traced._kept.values()] == [kept], "it was built and traced anew"
    assert first != alone


def test_networks_of_conv_pool_are_kept_with_all_that_draws_in_them():
    chosen = {"conv_blocks": 2, "dropout": 0.5, "augmentation": "flip_crop", "dense_depth": 1}
    study = make_plan(Study(factors={"filter_multiplier": (0.5, 1.0)}, fixed=chosen, **SMALL)).study
    values = {**study.fixed, "filter_multiplier": 0.5}

    def of(replicate):
        return Execution(study, "0000", 0, replicate, values, study.epochs)

    alone = numbers(of(1))
    traced._kept.clear()
    numbers(of(0))
    (kept,) = traced._kept.values()
    assert numbers(of(1)) == alone
    assert [*traced._kept.values()] == [kept], "it was built and traced anew"


@pytest.mark.parametrize("kind", NOT_KEPT)
def test_what_keeps_more_than_variables_or_is_not_keras_own_is_built_anew(kind):
    numbers(execution(kind))
    assert not traced._kept


def test_what_a_users_own_fit_trains_is_not_kept():
    study = Study(space="tests.hypermodels:Fits", **SMALL)
    asked = Execution(
        study, "0000", 0, 0, {"units": 16, "batch_size": 32, "shuffle": True}, study.epochs
    )
    assert execute(asked).record.status == "ok"
    assert not traced._kept


def test_a_network_in_which_something_went_wrong_is_kept_no_longer():
    def fails(*_):
        raise RuntimeError("out of memory")

    execute(execution("dropout"))
    ((text, kept),) = traced._kept.items()
    traced._kept[text] = replace(kept, train=fails)
    assert execute(execution("dropout", replicate=1)).record.status == "failed"
    assert not traced._kept


def graphs():
    """All graphs of TensorFlow that something still holds."""
    traced._kept.clear()
    keras.backend.clear_session()  # and collects
    return [each for each in gc.get_objects() if isinstance(each, tf.Graph)]


def test_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(traced, "MOST_KEPT", 1)
    for optimizer in ("adam", "sgd"):
        execute(execution("dropout", optimizer))
    assert len(traced._kept) == 1
    (text,) = traced._kept
    assert '"SGD"' in text


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_nothing_is_left_of_a_network_that_is_kept_no_longer(optimizer):
    execute(execution("dropout", optimizer))  # and what is traced once in a process
    before = len(graphs())
    execute(execution("dropout", optimizer, replicate=1))
    assert len(graphs()) == before


def test_other_settings_of_a_study_change_nothing_in_a_kept_network():
    settings = {"train_size": 60, "scaling": "unit", "epochs": 1}
    alone = numbers(execution("dropout", **settings))
    traced._kept.clear()
    numbers(execution("dropout"))
    assert numbers(execution("dropout", **settings)) == alone
    assert len(traced._kept) == 1
