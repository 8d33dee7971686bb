"""Studies of other people's HyperModels: what their plans say, before anything is trained."""

import pytest

from search_spaces.yaml_files import as_yaml
from tuner.errors import UsageError
from tuner.planning import make_plan
from tuner.space import make_space
from tuner.study import Study

pytestmark = pytest.mark.trains
SMALL = {"dataset": "digits", "train_size": 100, "validation_size": 50, "epochs": 2}


def plan(name, **settings):
    return make_plan(Study(space=f"tests.hypermodels:{name}", **SMALL, **settings))


def test_networks_in_a_loop_are_told_apart():
    found = plan("Stack")
    assert len(found.design.planned) == 2 + 4 + 8
    assert found.study.fixed == {}


def test_conditional_hyperparameters_are_factors_where_they_are_asked():
    found = plan("Kinds").design
    assert len(found.planned) == 3 + 2 * (1 + 2)
    assert all("pool_size" in cell.levels for cell in found.cells if cell.levels.get("pool"))


def test_networks_that_cannot_be_built_are_infeasible_with_their_reason():
    cells = plan("Pools").design.cells
    assert [cell.state for cell in cells] == ["planned"] * 2 + ["infeasible"] * 6
    assert "output size would be zero or negative" in cells[2].reason
    assert "\n" not in cells[2].reason


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("NoMetrics", {}, "reports no accuracy; metrics=.'accuracy'. .* --objective val_loss"),
        ("Regression", {}, "else --objective val_loss or --objective val_mae"),
        ("TwoHeads", {}, "expected a model of one output layer, got 2 heads"),
        ("NotCompiled", {}, "expected build.. to compile the model"),
        ("Mnist", {}, r"takes images of shape \(28, 28\), and those of the data are \(8, 8, 1\)"),
        ("Rate", {}, "learning_rate is continuous: give its levels, as in --set learning_rate=0."),
        ("Asks", {}, "cannot be made: Asks wants secret; what is passed: nothing"),
        ("Wide", {}, "too many for --strategy grid to train all: .*--max-trials 30"),
        ("Several", {"objective": "val_auc"}, "reports no auc"),
    ],
)
def test_what_would_fail_is_told_in_one_line(name, settings, message):
    with pytest.raises(UsageError, match=message) as told:
        plan(name, **settings)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["Arguments", "instance", "factory", "build_model"])
def test_a_space_is_a_class_an_instance_a_factory_or_a_function(name):
    assert len(plan(name).design.planned) == 2


@pytest.mark.parametrize(
    ("name", "notice"),
    [
        ("Arguments", "the space is made with img_size=(8, 8, 1), classes=10"),
        ("Scales", "scaling of the images: none (the model has rescaling)"),
        ("OneHot", "labels: one-hot, as the loss categorical_crossentropy wants them"),
        ("Fits", "fit() of the space's own is called for each epoch: slower than without one"),
        ("Taken", "cell is called hp_cell here: every study has a column cell"),
    ],
)
def test_a_plan_says_how_a_space_is_met(name, notice):
    assert notice in plan(name).notices


def test_scaling_that_was_asked_is_kept_and_warned_of():
    found = plan("Scales", scaling="standardize")
    assert found.study.scaling == "standardize"
    assert "they are scaled twice, unless --scaling none" in found.notices[0]


def test_a_taken_name_may_be_typed_as_the_space_has_it():
    found = plan("Taken", fixed={"seed": 2})
    assert found.study.fixed == {"hp_epochs": 5, "hp_seed": 2}
    assert found.study.factor_names == ["hp_cell"]


def test_a_continuous_hyperparameter_is_drawn_by_a_strategy_that_draws():
    found = plan("Rate", strategy="random", max_trials=4)
    rates = {cell.levels["learning_rate"] for cell in found.design.planned}
    assert len(rates) == len(found.design.planned) == 4
    assert all(1e-4 <= rate <= 1e-2 for rate in rates)
    assert plan("Rate", strategy="random", max_trials=4).design == found.design


def test_a_continuous_hyperparameter_is_tuned_over_its_range():
    study = plan("Rate", tune={"learning_rate": ()}).study
    assert study.tune["learning_rate"] == pytest.approx(
        (1e-4, 10**-3.5, 1e-3, 10**-2.5, 1e-2), 1e-3
    )
    assert study.factor_names == ["units", "dropout"]


def test_given_levels_leave_the_other_factors_as_they_are():
    assert plan("Stack", levels={"num_layers": ("1", "2")}).study.factors == {
        "num_layers": (1, 2), "units_0": (16, 64), "units_1": (16, 64), "units_2": (16, 64)
    }  # fmt: skip


def test_only_some_factors_are_searched_where_that_is_asked():
    found = plan("Stack", only=("num_layers",), fixed={"units_0": 64})
    assert found.study.factors == {"num_layers": (1, 2, 3)}
    assert found.study.fixed == {"units_0": 64, "units_1": 16, "units_2": 16}


def test_a_large_space_is_counted_and_drawn_from():
    found = plan("Wide", strategy="random", max_trials=5).design
    assert found.num_possible == 11 * (64**2 + 64**3 + 64**4)
    assert len(found.cells) == len(found.planned) == 5


STACK = """\
space: tests.hypermodels:Stack
levels:
  num_layers: [1, 2]
fixed:
  units_0: 64
roles:
  units_1: nuisance
"""


def test_a_yaml_file_narrows_a_space_that_does_not_list_its_hyperparameters(tmp_path):
    (tmp_path / "stack.yaml").write_text(STACK)
    study = make_plan(Study(space=str(tmp_path / "stack.yaml"), **SMALL)).study
    assert study.factors == {"num_layers": (1, 2), "units_2": (16, 64)}
    assert study.fixed == {"units_0": 64, "units_1": 16}


def test_a_yaml_file_is_held_against_all_that_such_a_space_asks(tmp_path):
    (tmp_path / "stack.yaml").write_text(STACK.replace("units_0", "unit_0"))
    with pytest.raises(UsageError, match=r"stack.yaml:5: no hyperparameter 'unit_0'. Did you mean"):
        make_plan(Study(space=str(tmp_path / "stack.yaml"), **SMALL))


@pytest.mark.parametrize("name", ["Kinds", "Rate", "Stack"])
def test_a_yaml_file_that_was_written_of_such_a_space_is_the_same(tmp_path, name):
    found = make_space(f"tests.hypermodels:{name}", (8, 8, 1), 10).hyperparameters
    path = tmp_path / "written.yaml"
    path.write_text(as_yaml(f"tests.hypermodels:{name}", found))
    again = make_space(str(path), (8, 8, 1), 10).hyperparameters
    assert repr(again).split(" at 0x")[0] == repr(found).split(" at 0x")[0]
