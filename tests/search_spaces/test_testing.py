"""The suite for spaces passes on HyperModels in the styles of tutorials, and tells of others."""

import pytest

from search_spaces import ConvPool
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


def test_our_own_space_passes():
    assert len(check_space(ConvPool((8, 8, 1), 10, conv_blocks=[1, 2]), (8, 8, 1), draws=2)) == 5


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
