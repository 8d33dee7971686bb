"""The best cell of a study as Keras Tuner's HyperParameters, from which its network is built."""

import pytest

import tuner
from search_spaces import ConvPool
from tests.stubbed import search
from tuner.cli.showing import best_cells
from tuner.errors import StudyError
from tuner.execution import Record
from tuner.folder import StudyFolder
from tuner.hyperparameters import hyperparameters, levels_of

pytestmark = pytest.mark.trains


@pytest.fixture
def folder(tmp_path, study, design, stub_record):
    return search(tmp_path, study, design, stub_record)


def test_the_best_is_that_of_tuner_show_and_builds_its_network(folder):
    hp = tuner.best_hyperparameters(folder.path)
    _, ranked = best_cells(folder)
    for name in folder.study.factors:
        assert hp.get(name) == ranked.loc[0, name]
    network = ConvPool((8, 8, 1), 10).build(hp)
    params, _ = ConvPool((8, 8, 1), 10).cost(hp.values)
    assert network.count_params() == params
    assert hp.get("learning_rate") == 0.01


@pytest.mark.parametrize("objective", ["val_accuracy", "val_loss"])
def test_of_cells_that_are_as_good_both_take_the_same(
    tmp_path, study, design, stub_record, objective
):
    def train(execution):
        return stub_record(execution, val_accuracy=0.5, val_loss=0.5)

    folder = search(tmp_path, study.with_settings(objective=objective), design, train)
    hp = tuner.best_hyperparameters(folder)
    _, ranked = best_cells(folder)
    assert {name: hp.get(name) for name in study.factors} == {
        name: ranked.loc[0, name] for name in study.factors
    }


def test_a_factor_is_a_choice_of_its_levels_and_all_else_is_fixed(folder):
    declared = {entry.name: entry for entry in tuner.best_hyperparameters(folder).space}
    assert declared["conv_blocks"].values == [1, 2, 3]
    assert type(declared["learning_rate"]).__name__ == "Fixed"


def record(**values):
    return Record("0000", 0, 0, 1, values, 3, "ok")


@pytest.mark.parametrize("levels", [(1, 0.5), ("a", 2), (True, False), ("b", "a")])
def test_levels_of_whichever_kinds_are_kept_as_they_were(levels):
    known = levels_of([record(level=level) for level in levels])
    for level in levels:
        found = hyperparameters({"level": level}, known).get("level")
        assert (found, type(found)) == (level, type(level))


def test_a_name_that_studies_call_a_column_by_is_the_space_s_own_again():
    values = {"hp_epochs": 5, "hp_val_split": 0.1, "hp_size": 3}
    hp = hyperparameters(values, levels_of([record(**values)]))
    assert hp.values == {"epochs": 5, "val_split": 0.1, "hp_size": 3}


def test_a_study_without_a_result_has_no_best(folder, tmp_path):
    folder.keep_only([])
    with pytest.raises(StudyError, match="no execution that ended well"):
        tuner.best_hyperparameters(StudyFolder(folder.path))
    with pytest.raises(StudyError, match=r"no study\.yaml"):
        tuner.best_hyperparameters(str(tmp_path / "nowhere"))
