"""A study as a stock tuner's project, opened by stock tuners and by our own report of such."""

import keras_tuner
import pytest

from tests.hypermodels import Sometimes
from tuner.errors import UsageError
from tuner.export import export
from tuner.report import read_source
from tuner.standing import best_cell

pytestmark = pytest.mark.trains


def opened(kind, place):
    """A stock tuner of a kind that goes on with a project."""
    return kind(
        Sometimes(), "val_accuracy", directory=place.parent, project_name=place.name,
        overwrite=False, max_trials=3,
    )  # fmt: skip


@pytest.fixture
def place(folder, tmp_path):
    export(folder, "keras-tuner", tmp_path / "stock")
    return tmp_path / "stock"


@pytest.mark.parametrize("kind", [keras_tuner.GridSearch, keras_tuner.RandomSearch])
def test_a_stock_tuner_opens_it_and_finds_the_best(place, folder, kind, capsys):
    tuner = opened(kind, place)
    best = best_cell(folder.records, folder.study.objective)
    found = tuner.get_best_hyperparameters()[0]
    assert found.get("units") == best.values["units"]
    assert tuner.hypermodel.build(found).count_params() == 4810 if found["units"] == 64 else 1210
    assert tuner.oracle.get_best_trials()[0].score == best.mean
    tuner.results_summary()
    assert f"Score: {best.mean}" in capsys.readouterr().out


def test_a_trial_has_the_number_of_each_execution(place, folder):
    trials = opened(keras_tuner.GridSearch, place).oracle.trials
    for record in folder.records:
        if record.status == "ok":
            history = trials[f"{record.cell:04d}"].metrics.get_history("val_accuracy")
            assert record.metrics["val_accuracy"] in history[0].value
            assert (len(history[0].value), history[0].step) == (2, 2)


def test_a_cell_that_never_ended_well_is_a_failed_trial_with_its_message(place):
    trials = opened(keras_tuner.GridSearch, place).oracle.trials
    assert [trials[name].status for name in ("0000", "0001", "0002")] == [
        "COMPLETED", "COMPLETED", "FAILED",
    ]  # fmt: skip
    assert "the loss was nan" in trials["0002"].message


def test_a_stock_search_of_as_many_trials_has_nothing_left_to_do(place):
    tuner = opened(keras_tuner.RandomSearch, place)
    tuner.search([], [], verbose=0)
    assert len(tuner.oracle.trials) == 3


def test_our_report_of_a_keras_tuner_project_has_the_means_of_the_study(place, folder):
    source = read_source(place)
    means = source.executions.dropna(subset="val_accuracy").set_index("units")["val_accuracy"]
    of_study = folder.frames.executions.query("status == 'ok'").groupby("units")["val_accuracy"]
    assert means.to_dict() == pytest.approx(of_study.mean().to_dict())
    assert source.question.objective == folder.study.objective


def test_a_project_is_written_once_and_another_is_never_overwritten(place, folder):
    before = {path: path.read_bytes() for path in place.rglob("*.json")}
    assert export(folder, "keras-tuner", place)[:2] == (0, 3)
    folder.keep_only(folder.records[:3])
    with pytest.raises(UsageError, match="holds other files, which are not overwritten"):
        export(folder, "keras-tuner", place)
    assert {path: path.read_bytes() for path in place.rglob("*.json")} == before
    assert [path.name for path in place.parent.iterdir()] == ["exported", "stock"]
