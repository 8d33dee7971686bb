"""Spaces that ship, and those that users make of them: what a study asks of them, and trains."""

import pytest

from search_spaces import SEARCH_SPACES, ConvPool
from tests.search_spaces.spaces_of_users import Fitted, Gated, Smoothed
from tuner.design import configurations
from tuner.errors import UsageError
from tuner.folder import read_frames
from tuner.library import search
from tuner.making import accepted, make_model
from tuner.planning import make_plan
from tuner.resolving import resolved
from tuner.space import Space, make_space
from tuner.study import Study
from tuner.training.backend import start_tensorflow

tensorflow = start_tensorflow()

pytestmark = [
    pytest.mark.trains,
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions"),
]
USERS = "tests.search_spaces.spaces_of_users"
SMALL = {
    "dataset": "digits",
    "train_size": 100,
    "validation_size": 50,
    "epochs": 1,
    "replicates": 1,
}


@pytest.fixture(autouse=True)
def _untraced():
    """Networks train as they are: tracing one takes longer than its one step here."""
    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


def space_of(made):
    return Space(made((8, 8, 1), 10), made, (8, 8, 1), 10)


@pytest.mark.parametrize(
    ("name", "width", "depth", "step"),
    [
        ("residual", "widen_factor", "blocks_per_stage", "block per stage"),
        ("separable", "width_multiplier", "blocks_per_stage", "block per stage"),
        ("mlp", "dense_units", "dense_depth", "dense layer"),
    ],
)
def test_a_space_is_asked_about_its_width_and_depth_and_trained(name, width, depth, step, tmp_path):
    space = make_space(name, (8, 8, 1), 10)
    study = resolved(Study(space=name), space.hyperparameters)
    levels = study.factors
    assert [*levels] == [depth, width]
    assert (study.width, study.depth, study.step) == (width, depth, step)
    costs = [space.cost({**study.held, **cell}) for cell in configurations(levels)]
    assert len(costs) <= 12
    assert max(costs)[1] < 2e7, "FLOPs that a laptop does not feel"

    narrow, shallow = levels[width][0], levels[depth][:2]
    asked = Study(space=name, factors={depth: shallow}, fixed={width: narrow}, **SMALL)
    executions = read_frames(search(asked, tmp_path, num_workers=0)).executions
    assert executions[depth].tolist() == list(shallow)
    assert (executions["status"] == "ok").all(), executions["message"].tolist()
    found = list(zip(executions["params"], executions["flops"], strict=True))
    held = {**study.held, width: narrow}
    assert found == [space.cost({**held, depth: level}) for level in shallow]


def test_a_factor_and_a_block_of_a_users_own_are_trained_and_counted_by_building(tmp_path):
    study = Study(
        space=f"{USERS}:Gated", factors={"gate": (4, 8)},
        fixed={"conv_blocks": 1, "filter_multiplier": 0.25}, **SMALL,
    )  # fmt: skip
    executions, _, cells = read_frames(search(study, tmp_path, num_workers=0))
    assert executions["status"].tolist() == ["ok", "ok"]
    assert cells["params"].diff().iloc[1] == 4 * (4 + 1 + 4)
    assert executions["params"].tolist() == cells["params"].tolist()
    assert executions["flops"].isna().all(), "nobody knows them"


def test_infeasible_cells_of_a_users_own_blocks_are_found_by_building():
    plan = make_plan(Study(space=f"{USERS}:Gated", fixed={"filter_multiplier": 0.25}, **SMALL))
    states = {cell.levels["conv_blocks"]: cell.state for cell in plan.design.cells}
    assert states == dict.fromkeys((1, 2, 3), "planned") | dict.fromkeys((4, 5), "infeasible")
    (held,) = [notice for notice in plan.notices if notice.startswith("held at")]
    assert "kernel_schedule=3, dense_depth=0, gate=4 (--set NAME=V1,V2 asks of one, too)" in held


def test_what_a_space_asks_for_beside_its_table_is_a_factor_too():
    space = space_of(Smoothed)
    known = space.hyperparameters
    assert [*known] == [*ConvPool.HYPERPARAMETERS, "smoothing"]
    assert (known["smoothing"].role, known["smoothing"].levels) == ("scientific", (0.0, 0.1))
    assert known["conv_blocks"].axis == "depth", "the table still says what it said"
    asked = resolved(Study(fixed={"filter_multiplier": 0.5}), known)
    assert [*asked.factors] == ["conv_blocks", "smoothing"]
    values = {name: spec.default for name, spec in known.items()}
    assert space.build(values).loss.label_smoothing == 0
    with pytest.raises(ValueError, match="asks for smoothing, which was not found"):
        space.build({name: level for name, level in values.items() if name != "smoothing"})


@pytest.mark.parametrize("name", SEARCH_SPACES)
def test_a_space_that_ships_is_not_run_to_be_listed(name, monkeypatch):
    def never(*_):
        raise AssertionError("it was run")

    monkeypatch.setattr(Space, "_ask", never)
    assert make_space(name, (8, 8, 1), 10).hyperparameters


def test_a_fit_of_a_users_own_is_used_that_a_space_has_beside_its_learning_rates():
    assert [space_of(made).has_fit for made in (ConvPool, Gated, Fitted)] == [False, False, True]


def test_a_constructor_that_hands_on_what_it_is_given_is_given_the_shape():
    model, maker = make_model(f"{USERS}:Smoothed", (8, 8, 1), 7)
    assert (model.input_shape, model.num_classes) == ((8, 8, 1), 7)
    assert accepted(maker) == ["input_shape", "num_classes"]


def test_a_space_narrowed_in_a_file_is_given_the_shape_whatever_its_constructor(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(f"space: {USERS}:Smoothed\nlevels: {{conv_blocks: 2}}")
    model, _ = make_model("small.yaml", (8, 8, 1), 7)
    spec = model.hyperparameters["conv_blocks"]
    assert (model.input_shape, spec.role, spec.default) == ((8, 8, 1), "fixed", 2)


def test_a_hyperparameter_that_a_users_space_has_not_is_told():
    with pytest.raises(UsageError, match=r"has no factor 'gat'\. Did you mean 'gate'"):
        make_plan(Study(space=f"{USERS}:Gated", fixed={"gat": 4}, **SMALL))
