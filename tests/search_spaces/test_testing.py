"""The suite for spaces passes on HyperModels in the styles of tutorials, and tells of others."""

import pytest

from search_spaces import ConvPool
from search_spaces.testing import check_space
from tests import hypermodels
from tuner.folder import read_frames
from tuner.running import search
from tuner.study import Study

pytestmark = pytest.mark.trains
STYLES = [
    "NoInput", "OneHot", "Acc", "SparseObject", "Several", "Stack", "Kinds", "Rate", "build_model",
    "Scales", "Fits", "Taken", "Subclassed", "instance",
]  # fmt: skip


def made(name):
    found = getattr(hypermodels, name)
    return found() if isinstance(found, type) else found


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


@pytest.mark.slow
@pytest.mark.parametrize("name", STYLES)
def test_a_grid_of_it_is_trained_on_digits(name, tmp_path):
    held = {"Stack": {"num_layers": 2, "units_1": 16}, "Kinds": {"kind": "mlp"}}.get(name, {})
    levels = {"learning_rate": (0.001, 0.01), "dropout": (False,)} if name == "Rate" else {}
    only = {"Rate": ("learning_rate",), "Fits": ("batch_size",), "Taken": ("hp_cell",)}
    study = Study(
        name="grid", space=f"tests.hypermodels:{name}", dataset="digits", epochs=1, train_size=100,
        validation_size=50, replicates=1, score_on="validation", fixed=held,
        levels={key: value for key, value in levels.items() if len(value) > 1},
        only=only.get(name, ()),
    )  # fmt: skip
    executions = read_frames(search(study, tmp_path, num_workers=0)).executions
    assert len(executions) >= 2
    assert (executions["status"] == "ok").all(), executions["message"].tolist()
    assert executions["val_accuracy"].between(0, 1).all()
