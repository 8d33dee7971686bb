"""A space's own fit(), epoch by epoch; labels as a loss wants them; metrics by any name."""

from dataclasses import replace

import numpy as np
import pytest

from tests import hypermodels
from tuner.execution import Execution
from tuner.objective import MEASURED, named
from tuner.study import Study
from tuner.training.backend import start_tensorflow

start_tensorflow()

from tuner.training.execute import execute  # noqa: E402
from tuner.training.labels import label_form, shaped  # noqa: E402
from tuner.training.reported import accuracy_name, final_metrics, missing  # noqa: E402

pytestmark = pytest.mark.trains
SMALL = {"dataset": "digits", "train_size": 100, "validation_size": 50, "epochs": 2}


def execution(name, values, **settings):
    study = Study(space=f"tests.hypermodels:{name}", **{**SMALL, **settings})
    return Execution(study, "0", 0, 0, values, study.epochs)


def test_epochs_of_an_own_fit_are_gone_on_with_as_if_they_were_one_training():
    whole = execution("Fits", {"units": 16, "batch_size": 32, "shuffle": True})
    first = execute(replace(whole, epochs=1, keeps_state=True))
    then = execute(replace(whole, initial_epoch=1, state=first.state)).record
    record = execute(whole).record
    assert record.status == "ok", record.message
    assert first.record.history + then.history == record.history
    assert [row["epoch"] for row in record.history] == [1, 2]


def test_another_batch_size_of_an_own_fit_is_another_training():
    small = execution("Fits", {"units": 16, "batch_size": 32, "shuffle": False}, epochs=1)
    large = replace(small, values={**small.values, "batch_size": 64})
    assert execute(small).record.history != execute(large).record.history


def test_what_was_not_planned_is_no_default_in_silence():
    record = execute(execution("Stack", {"num_layers": 2, "units_0": 16}, epochs=1)).record
    assert record.status == "failed"
    assert "build() asks for units_1, which was not found" in record.message


def test_any_metric_may_be_the_objective():
    record = execute(
        execution("Auc", {"units": 16}, epochs=1, objective="val_auc", score_on="validation")
    ).record
    assert record.status == "ok", record.message
    assert record.metrics["val_auc"] == record.history[-1]["val_auc"]
    assert record.metrics["best_epoch"] == 1


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("OneHot", "one-hot"), ("SparseObject", "sparse"), ("Regression", "number"),
        ("OwnLoss", "one-hot"), ("NoInput", "sparse"), ("Subclassed", "sparse"),
    ],
)  # fmt: skip
def test_labels_follow_the_loss(name, form):
    import keras_tuner

    model = getattr(hypermodels, name)().build(keras_tuner.HyperParameters())
    assert label_form(model, np.zeros((1, 8, 8, 1), np.float32), 10) == form


def test_labels_are_numbers_rows_or_a_column():
    labels = np.array([2, 0], np.int32)
    assert shaped(labels, "sparse", 3).tolist() == [2, 0]
    assert shaped(labels, "one-hot", 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert shaped(labels, "number", 3).tolist() == [[2], [0]]


@pytest.mark.parametrize(
    ("reported", "name"),
    [
        (["loss", "acc"], "acc"), (["loss", "sparse_categorical_accuracy"],
        "sparse_categorical_accuracy"), (["loss", "top3"], None), (["my_acc"], "my_acc"),
        (["top_k_categorical_accuracy"], None), (["top3", "accuracy"], "accuracy"),
    ],
)  # fmt: skip
def test_the_accuracy_goes_by_many_names(reported, name):
    assert accuracy_name(reported) == name


def test_an_objective_that_is_not_reported_is_told_with_those_that_are():
    assert missing(MEASURED["val_accuracy"], ["loss", "mae"]) == (
        "the model reports no accuracy; metrics=['accuracy'] in compile() gives it; else "
        "--objective val_loss or --objective val_mae"
    )
    assert missing(MEASURED["val_loss"], ["loss"]) is None


def test_the_best_epoch_of_a_model_without_accuracy_is_that_of_its_objective():
    history = [
        {"epoch": 1, "val_mae": 3.0}, {"epoch": 2, "val_mae": 1.0}, {"epoch": 3, "val_mae": 2.0}
    ]  # fmt: skip
    found = final_metrics(history, {}, named("val_mae", 0, 1))
    assert found == {"val_mae": 2.0, "best_epoch": 2}
