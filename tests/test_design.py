"""The cells of a study: factorial or listed, holes with reasons, balanced parts, the notebook."""

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.training.backend import start_tensorflow

start_tensorflow()

import keras  # noqa: E402
import keras_tuner  # noqa: E402

from tuner.balance import balanced_subset  # noqa: E402
from tuner.design import configurations, execution_seconds, make_design  # noqa: E402
from tuner.errors import UsageError  # noqa: E402
from tuner.resolving import resolved  # noqa: E402
from tuner.space import Space, make_space  # noqa: E402
from tuner.study import Study, read_study  # noqa: E402


class Networks(keras_tuner.HyperModel):
    """Dense or convolutional; only the convolutional one has filters and a rate."""

    def build(self, hp):
        kind = hp.Choice("kind", ["dense", "conv"])
        with hp.conditional_scope("kind", ["conv"]):
            if kind == "conv":
                hp.Int("filters", 8, 16, step=8)
                hp.Float("rate", 0.0, 1.0)


def conv_pool_design(study, side=32):
    space = make_space("conv_pool", (side, side, 3), 10)
    return make_design(resolved(study, space.hyperparameters), space, study.max_trials)


def foreign_levels(**settings):
    space = Space(Networks())
    study = resolved(Study(**settings), space.hyperparameters)
    return [cell.levels for cell in make_design(study, space).cells]


def test_a_factorial_has_every_combination_with_the_last_factor_fastest():
    design = conv_pool_design(Study(factors={"conv_blocks": (1, 2), "dense_depth": (0, 1)}))
    assert [tuple(cell.levels.values()) for cell in design.cells] == [
        (1, 0), (1, 1), (2, 0), (2, 1)
    ]  # fmt: skip
    assert [cell.index for cell in design.cells] == [0, 1, 2, 3]


def test_listed_cells_are_the_design_in_their_order():
    listed = ({"conv_blocks": 3, "dense_depth": 1}, {"conv_blocks": 1, "dense_depth": 2})
    assert [cell.levels for cell in conv_pool_design(Study(cells=listed)).cells] == list(listed)


def test_a_hole_stays_in_the_design_with_its_reason_and_no_cost():
    design = conv_pool_design(Study(factors={"conv_blocks": (2, 3, 4)}), side=8)
    states = [(cell.state, cell.reason) for cell in design.cells]
    assert states == [
        ("planned", ""), ("planned", ""), ("infeasible", "block 4: 1 px map cannot be pooled")
    ]  # fmt: skip
    assert (design.cells[2].params, design.cells[2].flops) == (None, None)
    assert [cell.index for cell in design.planned] == [0, 1]


def test_a_study_without_a_feasible_cell_is_refused_with_the_reason():
    with pytest.raises(UsageError, match="no cell of this study is feasible: block 4: 1 px map"):
        conv_pool_design(Study(factors={"conv_blocks": (4, 5)}), side=8)


def test_cells_beyond_max_trials_are_left_out_but_stay_in_the_design():
    study = Study(factors={"conv_blocks": (1, 2, 3), "dense_depth": (0, 1)}, max_trials=3)
    design = conv_pool_design(study)
    assert sorted(cell.state for cell in design.cells) == ["left out"] * 3 + ["planned"] * 3
    assert sorted(cell.levels["conv_blocks"] for cell in design.planned) == [1, 2, 3]
    assert all(cell.params for cell in design.cells)


def test_holes_do_not_count_towards_max_trials():
    study = Study(factors={"conv_blocks": (1, 2, 3, 4, 5)}, max_trials=3)
    states = [cell.state for cell in conv_pool_design(study, side=8).cells]
    assert states == ["planned"] * 3 + ["infeasible"] * 2


def test_the_frame_has_a_row_a_cell():
    frame = conv_pool_design(Study(factors={"conv_blocks": (3, 4)}), side=8).frame()
    assert list(frame) == ["cell", "conv_blocks", "params", "flops", "state", "reason"]
    assert frame["state"].tolist() == ["planned", "infeasible"]


def test_a_cell_is_found_by_its_values():
    design = conv_pool_design(Study(factors={"conv_blocks": (1, 2), "dense_depth": (0, 1)}))
    assert [design.index_of(design.values(cell)) for cell in design.cells] == [0, 1, 2, 3]
    with pytest.raises(KeyError):
        design.index_of({**design.fixed, "conv_blocks": 5, "dense_depth": 0})


def test_a_factor_is_left_out_where_its_scope_is_inactive():
    factors = {"kind": ("dense", "conv"), "filters": (8, 16), "rate": (0.5,)}
    assert foreign_levels(factors=factors) == [
        {"kind": "dense"},
        {"kind": "conv", "filters": 8, "rate": 0.5},
        {"kind": "conv", "filters": 16, "rate": 0.5},
    ]


def test_the_order_of_the_factors_does_not_change_which_cells_there_are():
    cells = foreign_levels(factors={"filters": (8, 16), "kind": ("dense", "conv")})
    assert sorted(map(str, (dict(sorted(cell.items())) for cell in cells))) == [
        "{'filters': 16, 'kind': 'conv'}", "{'filters': 8, 'kind': 'conv'}", "{'kind': 'dense'}"
    ]  # fmt: skip


def test_a_factor_whose_scope_a_fixed_value_opens_is_searched():
    cells = foreign_levels(factors={"filters": (8, 16)}, fixed={"kind": "conv"})
    assert [cell["filters"] for cell in cells] == [8, 16]


def test_given_levels_between_the_declared_ones_are_kept():
    cells = foreign_levels(factors={"kind": ("conv",), "filters": (8, 12)})
    assert [cell["filters"] for cell in cells] == [8, 12]


@given(
    sides=st.lists(st.integers(2, 9), min_size=1, max_size=4).filter(lambda s: prod(s) <= 300),
    share=st.floats(0, 1), seed=st.integers(0, 1000),
)  # fmt: skip
def test_a_part_of_a_factorial_meets_every_level_of_every_factor_evenly(sides, share, seed):
    listed = configurations({f"factor {i}": range(side) for i, side in enumerate(sides)})
    size = max(1, round(share * len(listed)))
    chosen = balanced_subset(listed, size, seed)
    assert len(set(chosen)) == size
    for i, side in enumerate(sides):
        met = np.bincount([listed[index][f"factor {i}"] for index in chosen], minlength=side)
        assert met.max() - met.min() <= 1


def test_a_half_of_a_factorial_meets_pairs_of_levels_evenly():
    listed = configurations(dict.fromkeys("abc", (0, 1)))
    chosen = [listed[index] for index in balanced_subset(listed, 4, seed=0)]
    for one, two in ("ab", "ac", "bc"):
        assert len({(cell[one], cell[two]) for cell in chosen}) == 4


def test_a_part_keeps_the_order_and_is_drawn_by_the_seed_which_may_be_0():
    listed = configurations({"a": range(6), "b": range(6)})
    parts = {seed: balanced_subset(listed, 6, seed) for seed in range(4)}
    assert parts[0] == balanced_subset(listed, 6, 0)
    assert all(part == sorted(part) for part in parts.values())
    assert len({tuple(part) for part in parts.values()}) == 4


@pytest.mark.parametrize("size", [None, 4, 9])
def test_a_part_as_large_as_the_design_is_all_of_it(size):
    assert balanced_subset(configurations({"a": range(4)}), size, 0) == [0, 1, 2, 3]


def test_the_expected_time_grows_with_flops_images_and_pixels():
    study = Study(train_size=1000, validation_size=100)

    def seconds(study=study, shape=(32, 32, 3), num_images=2000, flops=1e6, epochs=3):
        return execution_seconds(study, shape, num_images, flops, epochs)

    more = study.with_settings(train_size=1500)
    for longer in (seconds(more), seconds(shape=(96, 96, 3)), seconds(num_images=9000),
                   seconds(flops=1e8), seconds(epochs=4)):  # fmt: skip
        assert longer > seconds()
    on_validation = study.with_settings(score_on="validation")
    assert seconds(on_validation) == seconds(on_validation, num_images=9000) < seconds()


@pytest.fixture(scope="module")
def notebook():
    """The network that the study `notebook` trains."""
    study = read_study("notebook")
    space = make_space(study.space, (32, 32, 3), 10)
    design = make_design(resolved(study, space.hyperparameters), space)
    [cell] = design.planned
    return cell, space.build(design.values(cell))


def test_the_notebooks_network_has_its_parameters(notebook):
    cell, model = notebook
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    counts = [layer.count_params() for layer in convolutions]
    assert counts == [448, 4640, 18496, 73856]
    assert cell.params == model.count_params() == 336_618


def test_the_notebooks_network_has_its_layers(notebook):
    _, model = notebook
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["InputLayer", *["Conv2D", "MaxPooling2D"] * 4, "Flatten", *["Dense"] * 5]
    convolutions, dense = model.layers[1:9:2], model.layers[-5:]
    assert [layer.padding for layer in convolutions] == ["same", "same", "same", "valid"]
    assert {layer.activation.__name__ for layer in convolutions} == {"linear"}
    assert [layer.units for layer in dense] == [512, 256, 128, 64, 10]
    assert [layer.activation.__name__ for layer in dense] == ["relu"] * 4 + ["softmax"]


def test_the_notebooks_network_is_trained_as_it_was(notebook):
    _, model = notebook
    study = read_study("notebook")
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
    assert model.optimizer.momentum == 0
    assert (study.epochs, study.fixed["batch_size"], study.scaling) == (2, 128, "unit")
    assert study.fixed["learning_rate_schedule"] == "constant"
