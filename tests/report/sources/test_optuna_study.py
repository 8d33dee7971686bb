"""Studies that Optuna kept, in a database and in a journal, are read as such."""

import shutil
import sqlite3

import optuna
import pytest

from tests.report.conftest import accuracy
from tuner.analysis.overview import analyse
from tuner.errors import DataError, UsageError
from tuner.report import read_source
from tuner.report.sources import optuna_study

LEVELS = {"width": [1.0, 2.0, 4.0], "depth": [1, 2, 3], "seed": [0, 1, 2]}


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def noise():
    import numpy as np

    return np.random.default_rng(5)


def grid_of(storage, name="grid", **also):
    """A full grid of Optuna's: the planted world of the other tables."""
    study = optuna.create_study(
        study_name=name, storage=storage, direction="maximize",
        sampler=optuna.samplers.GridSampler(LEVELS, seed=0), **also,
    )  # fmt: skip
    rng = noise()

    def objective(trial):
        chosen = {key: trial.suggest_categorical(key, levels) for key, levels in LEVELS.items()}
        return accuracy(chosen["width"], chosen["depth"], chosen["seed"], rng)

    study.optimize(objective)
    return study


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """The database of one such study, only to be read."""
    folder = tmp_path_factory.mktemp("optuna")
    grid_of(database(folder))
    return folder / "study.db"


def database(tmp_path, name="study.db"):
    return f"sqlite:///{tmp_path / name}"


def journal(path):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(path)))


def test_a_grid_has_its_effects_its_replicates_and_no_doubt(grid):
    source = read_source(grid)
    assert (source.name, source.question.factors) == ("grid", ("width", "depth"))
    assert source.question.objective.maximize
    assert source.executions["replicate"].nunique() == 3
    found = analyse(source.executions, source.question, facts=source.facts)
    steps = found.effects.query("factor == 'depth' and contrast != 'per layer'")
    assert steps["estimate"].iloc[0] == pytest.approx(5, abs=1)
    assert "sampler" not in " ".join(found.findings["what"])


def searched(trial):
    """A space of tutorials: units by layer, a learning rate, failures and pruning."""
    depth = trial.suggest_int("num_layers", 1, 3)
    rate = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    units = [trial.suggest_int(f"units_{layer}", 16, 64, step=16) for layer in range(depth)]
    trial.report(rate, 0)
    if trial.number % 7 == 3:
        raise optuna.TrialPruned
    if trial.number % 7 == 5:
        raise ValueError("diverged")
    return 1 / (depth + sum(units) / 100 + rate)


def test_a_study_that_was_searched_says_what_it_is(tmp_path):
    path = tmp_path / "journal.log"
    study = optuna.create_study(study_name="tpe", storage=journal(path), direction="minimize")
    study.optimize(searched, n_trials=30, catch=(ValueError,))
    source = read_source(path)
    assert not source.question.objective.maximize
    assert source.question.depth == "num_layers"
    assert "which of Optuna's samplers" in source.facts.undesigned
    told = " ".join(source.facts.notes)
    assert "lr, units_1, units_2 were searched beside the factors" in told
    assert "were pruned and are left out" in told
    assert "lr" not in source.executions
    groups = source.executions.groupby(list(source.question.factors), dropna=False)
    assert groups.size().max() == 1


def test_reading_leaves_the_storage_as_it_is(grid):
    before = grid.read_bytes()
    read_source(grid)
    assert grid.read_bytes() == before
    assert sorted(path.name for path in grid.parent.iterdir()) == ["study.db"]


def test_of_several_studies_one_is_named(tmp_path, grid):
    shutil.copy(grid, tmp_path)
    optuna.copy_study(
        from_study_name="grid", from_storage=database(tmp_path), to_study_name="second",
        to_storage=database(tmp_path),
    )  # fmt: skip
    with pytest.raises(UsageError, match=r"2 studies: say --study-name NAME \(there are: grid, "):
        read_source(tmp_path / "study.db")
    with pytest.raises(UsageError, match=r"no 'secnd'\. Did you mean 'second'"):
        read_source(tmp_path / "study.db", study_name="secnd")
    assert read_source(tmp_path / "study.db", study_name="second").name == "second"


def test_of_several_objectives_one_is_named(tmp_path):
    study = optuna.create_study(storage=database(tmp_path), directions=["minimize", "maximize"])

    def objective(trial):
        width = trial.suggest_categorical("width", [1, 2])
        return width, width + trial.number / 10

    study.optimize(objective, n_trials=8)
    with pytest.raises(UsageError, match="which column is the objective"):
        read_source(tmp_path / "study.db")
    assert read_source(tmp_path / "study.db", metric="values_1").question.objective.maximize
    assert not read_source(tmp_path / "study.db", metric="values_0").question.objective.maximize


def test_a_hyperparameter_may_have_a_name_of_ours(tmp_path):
    study = optuna.create_study(storage=database(tmp_path))

    def objective(trial):
        trial.set_user_attr("value", trial.number % 2)
        return trial.suggest_int("value", 1, 2) + trial.suggest_int("status", 1, 2)

    study.optimize(objective, n_trials=12)
    found = read_source(tmp_path / "study.db")
    assert set(found.executions["user_attrs_value"]) == {0, 1}
    assert set(found.question.factors) == {"params_value", "params_status"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"SQLite format 3\0" + b"x" * 100, "cannot be read as a study of Optuna"),
        (b'{"op_code": 0, "worker', "cannot be read as a study of Optuna|holds no study"),
        (b'{"op_code": 0}\n' * 3, "cannot be read as a study of Optuna"),
    ],
)
def test_what_is_no_storage_is_told_in_one_line(tmp_path, content, message):
    (tmp_path / "study.db").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_source(tmp_path / "study.db")


def test_a_database_of_another_program_is_told_and_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE songs (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(DataError, match="none of Optuna's"):
        read_source(path)
    assert path.read_bytes() == before


def test_without_optuna_one_line_says_how_to_get_it(grid, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(DataError, match=r"pip install 'width-depth-tuner\[optuna\]'"):
        optuna_study.read_optuna(grid)
