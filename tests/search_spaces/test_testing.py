"""The suite for spaces passes on HyperModels in the styles of tutorials, and tells of others."""

import re
from dataclasses import replace
from typing import ClassVar

import pytest

from search_spaces import SEARCH_SPACES, Hyperparameter, Mlp, load
from search_spaces.testing import check_space
from tests import hypermodels
from tuner.execution import Execution
from tuner.folder import read_frames
from tuner.library import search
from tuner.planning import make_plan
from tuner.study import Study
from tuner.training.backend import start_tensorflow
from tuner.training.execute import execute

tensorflow = start_tensorflow()

pytestmark = pytest.mark.trains
STYLES = [
    "NoInput", "OneHot", "Acc", "SparseObject", "Several", "Stack", "Kinds", "Rate", "build_model",
    "Scales", "Fits", "Taken", "Subclassed", "instance",
]  # fmt: skip
SEARCHED = ["Kinds", "Taken"]  # names and conditions go through the ledger, all else is execute's


def made(name):
    found = getattr(hypermodels, name)
    return found() if isinstance(found, type) else found


@pytest.fixture
def untraced():
    """A network trains as it is: tracing it takes longer than the one step here."""
    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


@pytest.mark.usefixtures("untraced")  # all of them are trained below, and traced for it
@pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions")
@pytest.mark.parametrize("name", STYLES)
def test_a_space_in_the_style_of_a_tutorial_passes(name):
    assert "trains_on_a_batch" in check_space(made(name), (8, 8, 1), 10, draws=1)


@pytest.mark.usefixtures("untraced")
@pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions")
@pytest.mark.parametrize("name", SEARCH_SPACES)
def test_a_space_that_ships_passes(name):
    checks = check_space(load(name)((8, 8, 1), 10), (8, 8, 1), draws=4)
    assert {"asks_for_its_table", "costs_what_it_says", "fails_where_it_says"} <= set(checks)


def told_of(space):
    """What the suite says of a space that is wrong."""
    with pytest.raises(AssertionError) as raised:
        check_space(space, (8, 8, 1), 10, draws=6)
    return str(raised.value)


class Small(Mlp):
    """A space with one thing wrong, in place of what is right of this one."""

    HYPERPARAMETERS: ClassVar = {
        **Mlp.HYPERPARAMETERS,
        "dense_units": Hyperparameter("scientific", (4, 8), 4, minimum=1, axis="width"),
    }


@pytest.mark.usefixtures("untraced")
@pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions")
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"role": "scientifc"}, "dense_units: expected a role of .*, got 'scientifc'"),
        ({"axis": "height"}, "dense_units: expected an axis of .*, got 'height'"),
        ({"axis": "depth"}, "expected one hyperparameter as the depth, got .*'dense_units'"),
        ({"levels": (4, 8, 4)}, r"dense_units: expected different levels, got \[4, 8, 4\]"),
        ({"levels": (0, 4)}, "dense_units: expected a number from 1 on, got 0"),
        ({"default": "4"}, "dense_units: expected text, got 4"),
    ],
)
def test_a_row_of_a_table_that_no_study_can_use_is_told(row, message):
    space = Small((8, 8, 1), 10)
    space.hyperparameters["dense_units"] = replace(space.hyperparameters["dense_units"], **row)
    assert re.search(message, told_of(space))


class Unasked(hypermodels.Acc):
    hyperparameters: ClassVar = {"forgotten": Hyperparameter("scientific", (1, 2), 1)}


class Others(Small):
    def declare_hyperparameters(self, hp):
        hp.Choice("dense_units", [4, 16])
        super().declare_hyperparameters(hp)


class Cheaper(Small):
    def count_features(self, maps, values):
        return super().count_features(maps, values).averaged().normalized()


class Slower(Small):
    def cost(self, values):
        params, flops = super().cost(values)
        return params, flops + 2


class Timid(Small):
    def infeasible(self, values):
        return "too deep" if values["dense_depth"] > 2 else None


class Rateless(Small):
    @staticmethod
    def learning_rate_at(values, progress):
        return 0.1 - progress


@pytest.mark.usefixtures("untraced")
@pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions")
@pytest.mark.parametrize(
    ("made", "message"),
    [
        (Unasked, "lists forgotten, which build.hp. does not ask for"),
        (Others, r"dense_units: the table has the levels \[4, 8\], build.hp. \[4, 16\]"),
        (Cheaper, r"cost\(\) says \d+ parameters of .*, not \d+"),
        (Slower, r"cost\(\) says \d+ FLOPs of .*; its layers have \d+"),
        (Timid, r"is called infeasible \(too deep\), but builds"),
        (Rateless, r"learning_rate_at\(…, 0.5\) gave -0.4"),
    ],
)
def test_a_space_that_says_what_is_not_so_is_told(made, message):
    assert re.search(message, told_of(made() if made is Unasked else made((8, 8, 1), 10)))


@pytest.mark.parametrize(
    ("name", "message"),
    [("NotCompiled", "not compiled"), ("TwoHeads", "expected one head")],
)
def test_what_is_wrong_with_a_space_is_told(name, message):
    with pytest.raises(AssertionError, match=message):
        check_space(made(name), (8, 8, 1), 10, draws=1)


def study_of(name):
    """A small grid over digits."""
    held = {"Stack": {"num_layers": 2, "units_1": 16}, "Kinds": {"kind": "mlp"}}.get(name, {})
    levels = {"learning_rate": (0.001, 0.01)} if name == "Rate" else {}
    only = {"Rate": ("learning_rate",), "Fits": ("batch_size",), "Taken": ("hp_cell",)}
    return Study(
        name="grid", space=f"tests.hypermodels:{name}", dataset="digits", epochs=1, train_size=100,
        validation_size=50, replicates=1, score_on="validation", fixed=held, levels=levels,
        only=only.get(name, ()),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in STYLES if name not in SEARCHED])
def test_a_cell_of_a_grid_of_it_is_trained_on_digits(name):
    plan = make_plan(study_of(name))
    assert len(plan.design.planned) >= 2
    cell = plan.design.planned[-1]  # the first one was rehearsed
    values = plan.design.values(cell)
    record = execute(Execution(plan.study, "0", cell.index, 0, values, 1)).record
    assert record.status == "ok", record.message
    assert 0 <= record.metrics["val_accuracy"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", SEARCHED)
def test_a_grid_of_it_is_trained_on_digits(name, tmp_path):
    executions = read_frames(search(study_of(name), tmp_path, num_workers=0)).executions
    assert len(executions) >= 2
    assert (executions["status"] == "ok").all(), executions["message"].tolist()
    assert executions["val_accuracy"].between(0, 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", SEARCH_SPACES)
def test_a_grid_of_a_space_that_ships_is_trained_on_digits(name, tmp_path):
    """Two depths of each, twice: all are trained, and cost what they were said to."""
    table = load(name)((8, 8, 1), 10).hyperparameters
    depth = next(factor for factor, one in table.items() if one.axis == "depth")
    study = Study(
        name="grid", space=name, dataset="digits", epochs=1, train_size=100, validation_size=50,
        replicates=2, score_on="validation", factors={depth: table[depth].levels[:2]},
    )  # fmt: skip
    frames = read_frames(search(study, tmp_path, num_workers=0))
    executions = frames.executions
    assert (executions["status"] == "ok").all(), executions["message"].tolist()
    assert executions.groupby("replicate")[depth].nunique().tolist() == [2, 2]
    counted = frames.cells.set_index("cell")["params"]
    assert executions["params"].tolist() == counted[executions["cell"]].tolist()
