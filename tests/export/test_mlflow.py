"""A study in a real MLflow store, read back by MLflow's own client."""

import shutil

import pytest

from tuner.errors import StudyError
from tuner.export import export
from tuner.export.exported import executions_of

mlflow = pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")
pytestmark = [
    pytest.mark.trains,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),  # MLflow's own
]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A store without anything, whose tables MLflow takes seconds to make."""
    place = tmp_path_factory.mktemp("empty")
    mlflow.MlflowClient(f"sqlite:///{place / 'mlflow.db'}").search_experiments()
    return place


@pytest.fixture
def store(empty, tmp_path):
    return shutil.copytree(empty, tmp_path / "store")


def read_back(store, name="exported"):
    """MLflow's client of a store, and the runs of an experiment, as MLflow calls them, by key."""
    client = mlflow.MlflowClient(f"sqlite:///{store / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(name)
    runs = client.search_runs([experiment.experiment_id])
    return client, {run.data.tags["tuner.execution"]: run for run in runs}


def test_each_execution_is_there_with_its_parameters_metrics_and_epochs(folder, store):
    export(folder, "mlflow", store)
    client, runs = read_back(store)
    executions = executions_of(folder)
    assert {*runs} == {execution.key for execution in executions}
    for execution in executions:
        run = runs[execution.key]
        assert run.info.run_name == execution.name
        assert run.info.status == ("FINISHED" if execution.is_ok else "FAILED")
        assert run.info.end_time - run.info.start_time == round(1000 * execution.seconds)
        levels = {name: str(level) for name, level in execution.hyperparameters.items()}
        assert run.data.params == levels
        for name, value in execution.metrics.items():
            assert run.data.metrics[name] == pytest.approx(value)
        for name, told in execution.about.items():
            assert run.data.tags[f"tuner.{name}"] == str(told)
        assert run.data.tags["tuner.group"] == execution.group
        assert run.data.tags.get("mlflow.note.content", "") == execution.message
    well = next(execution for execution in executions if execution.is_ok)
    points = client.get_metric_history(runs[well.key].info.run_id, "epoch/val_accuracy")
    expected = {epoch: row["epoch/val_accuracy"] for epoch, row in well.curves.items()}
    assert {point.step: point.value for point in points} == pytest.approx(expected)


def test_exporting_again_adds_only_what_is_new(folder, store):
    whole = folder.records[:]
    folder.keep_only(whole[:3])
    assert export(folder, "mlflow", store)[:2] == (3, 0)
    folder.keep_only(whole)
    assert export(folder, "mlflow", store)[:2] == (4, 3)
    assert len(read_back(store)[1]) == 7


def test_one_that_was_cut_off_is_written_again(folder, store, monkeypatch):
    def dies(*about):
        raise KeyboardInterrupt

    with monkeypatch.context() as changed:
        changed.setattr(mlflow.MlflowClient, "set_terminated", dies)
        with pytest.raises(KeyboardInterrupt):
            export(folder, "mlflow", store)
    assert export(folder, "mlflow", store)[:2] == (7, 0)
    assert {run.info.status for run in read_back(store)[1].values()} == {"FINISHED", "FAILED"}


def test_the_store_that_mlflow_is_told_of_is_used(folder, store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{store / 'mlflow.db'}")
    assert export(folder, "mlflow").place == f"sqlite:///{store / 'mlflow.db'}"
    assert len(read_back(store)[1]) == 7
    assert not (folder.path / "mlflow").exists()


def test_a_store_that_refuses_is_told_in_one_line(folder, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nowhere://at/all")
    with pytest.raises(StudyError, match="MLflow's store nowhere://at/all refuses: "):
        export(folder, "mlflow")
