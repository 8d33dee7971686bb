"""A replicate that starts in the network of the last one is one built anew, bit for bit."""

from dataclasses import replace

import pytest

from tests.hypermodels import NOISY
from tuner.execution import Execution
from tuner.study import Study
from tuner.training.backend import start_tensorflow

start_tensorflow()

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
    [*((kind, "adam") for kind in NOISY if kind not in NOT_KEPT),
     *(("dropout", optimizer) for optimizer in ("sgd", "lion", "nadam"))],
)  # fmt: skip
def test_a_replicate_in_a_kept_network_is_one_built_anew(kind, optimizer):
    alone = numbers(execution(kind, optimizer, replicate=1))
    traced._kept.clear()
    first = numbers(execution(kind, optimizer, replicate=0))
    (kept,) = traced._kept.values()
    assert numbers(execution(kind, optimizer, replicate=1)) == alone
    assert [*traced._kept.values()] == [kept], "it was built and traced anew"
    assert first != alone


@pytest.mark.parametrize("kind", NOT_KEPT)
def test_what_keeps_more_than_variables_or_is_not_keras_own_is_built_anew(kind):
    numbers(execution(kind))
    assert not traced._kept


def test_what_went_wrong_is_kept_no_longer():
    execute(execution("batch"))
    assert len(traced._kept) == 1
    failing = replace(execution("batch", replicate=1), state=b"no state", initial_epoch=1, epochs=2)
    assert execute(failing).record.status == "ok"
    assert len(traced._kept) == 1


def test_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(traced, "MOST_KEPT", 1)
    for optimizer in ("adam", "sgd"):
        execute(execution("dropout", optimizer))
    assert len(traced._kept) == 1
    (text,) = traced._kept
    assert '"SGD"' in text


@pytest.mark.parametrize(
    ("settings", "how_many"),
    [({"train_size": 50}, 1), ({"scaling": "unit"}, 1), ({"epochs": 1}, 1)],
)
def test_other_settings_of_a_study_change_nothing_in_a_kept_network(settings, how_many):
    alone = numbers(execution("augmentation", **settings))
    traced._kept.clear()
    numbers(execution("augmentation"))
    assert numbers(execution("augmentation", **settings)) == alone
    assert len(traced._kept) == how_many
