"""GridOracle in a stock Keras Tuner, with the training stubbed by a number."""

from collections import Counter

import keras_tuner
import pytest

from search_spaces import ConvPool
from tuner.strategies.grid import GridOracle

CELLS = [
    {"kind": "dense", "bias": False, "units": 8},
    {"kind": "dense", "bias": False, "units": 16},
    {"kind": "dense", "bias": True, "units": 8},
    {"kind": "dense", "bias": True, "units": 16},
    {"kind": "conv", "bias": False, "side": 3, "filters": 4},
    {"kind": "conv", "bias": False, "side": 5, "filters": 4},
    {"kind": "conv", "bias": True, "side": 3, "filters": 4},
    {"kind": "conv", "bias": True, "side": 5, "filters": 4},
]


def networks(hp):
    """Two kinds of network, each with hyperparameters of its own."""
    kind = hp.Choice("kind", ["dense", "conv"])
    hp.Boolean("bias")
    with hp.conditional_scope("kind", ["dense"]):
        if kind == "dense":
            hp.Int("units", 8, 16, step=8)
    with hp.conditional_scope("kind", ["conv"]):
        if kind == "conv":
            hp.Choice("side", [3, 5])
            hp.Fixed("filters", 4)


def one_name_in_two_scopes(hp):
    kind = hp.Choice("kind", ["dense", "conv"])
    with hp.conditional_scope("kind", ["dense"]):
        if kind == "dense":
            hp.Choice("size", [8, 16])
    with hp.conditional_scope("kind", ["conv"]):
        if kind == "conv":
            hp.Choice("size", [3, 5])


def plain(hp):
    hp.Choice("a", [1, 2, 3, 4])
    hp.Choice("b", ["x", "y", "z"])


class Stubbed(keras_tuner.Tuner):
    """A stock tuner whose trainings take no time."""

    def run_trial(self, trial, train=lambda values: 0.5):
        return train(trial.hyperparameters.values)


@pytest.fixture
def stubbed(tmp_path):
    """Makes a tuner of an oracle; in the same folder each time, so that a second one reloads."""

    def make(oracle, build=networks):
        tuner = Stubbed(oracle, build, directory=tmp_path, project_name="grid")
        oracle.verbose = 0
        return tuner

    return make


def met(oracle):
    """How often each configuration was proposed."""
    trials = oracle.trials.values()
    return Counter(frozenset(trial.hyperparameters.values.items()) for trial in trials)


def once(cells):
    return Counter(frozenset(cell.items()) for cell in cells)


def statuses(oracle):
    return Counter(trial.status for trial in oracle.trials.values())


def test_every_cell_of_conditional_scopes_is_met_once(stubbed):
    tuner = stubbed(GridOracle())
    tuner.search()
    assert met(tuner.oracle) == once(CELLS)


def test_a_name_in_two_scopes_has_the_levels_of_each_in_its_own(stubbed):
    tuner = stubbed(GridOracle(), one_name_in_two_scopes)
    tuner.search()
    cells = [trial.hyperparameters.values for trial in tuner.oracle.trials.values()]
    assert [(cell["kind"], cell.get("size")) for cell in cells] == [
        ("dense", 8), ("dense", 16), ("conv", 3), ("conv", 5)
    ]  # fmt: skip


def test_a_float_reaches_both_its_ends(stubbed):
    tuner = stubbed(GridOracle(), lambda hp: hp.Float("rate", 0, 0.5, step=0.1))
    tuner.search()
    rates = [trial.hyperparameters["rate"] for trial in tuner.oracle.trials.values()]
    assert rates == [0, 0.1, 0.2, 0.3, 0.4, 0.5]


def test_infeasible_cells_of_a_space_are_not_met(stubbed):
    space = ConvPool(
        (8, 8, 1), conv_blocks=[2, 3, 4], last_padding=["same", "valid"], filter_multiplier=0.25,
        kernel_schedule="3", dense_depth=0, learning_rate=0.01,
    )  # fmt: skip
    tuner = stubbed(GridOracle(infeasible=space.infeasible), space)
    tuner.search()
    cells = [trial.hyperparameters for trial in tuner.oracle.trials.values()]
    assert [(hp["conv_blocks"], hp["last_padding"]) for hp in cells] == [
        (2, "same"), (2, "valid"), (3, "same")
    ]  # fmt: skip


def test_listed_cells_are_met_in_their_order(stubbed):
    listed = [CELLS[5], CELLS[0], CELLS[2]]
    tuner = stubbed(GridOracle(cells=listed))
    tuner.search()
    assert [trial.hyperparameters.values for trial in tuner.oracle.trials.values()] == listed


def test_a_continuous_hyperparameter_is_refused_by_its_name(stubbed):
    oracle = stubbed(GridOracle(), lambda hp: hp.Float("rate", 0, 1)).oracle
    with pytest.raises(ValueError, match="rate is continuous: expected a step"):
        oracle.planned()


def test_the_search_goes_on_past_failures_and_they_stay_visible(stubbed):
    def train(values):
        if values["kind"] == "dense":
            raise RuntimeError("out of memory")
        return 0.5

    tuner = stubbed(GridOracle())
    tuner.search(train)
    assert met(tuner.oracle) == once(CELLS)
    assert statuses(tuner.oracle) == {"FAILED": 4, "COMPLETED": 4}
    assert "out of memory" in tuner.oracle.trials["0000"].message


def test_scores_are_kept_with_their_cells(stubbed):
    tuner = stubbed(GridOracle())
    tuner.search(lambda values: values.get("side", 0) / 10)
    assert tuner.get_best_hyperparameters(1)[0]["side"] == 5


def test_several_slots_get_different_cells_at_once(stubbed):
    oracle = stubbed(GridOracle()).oracle
    asked = [oracle.create_trial(f"slot {slot}") for slot in range(9)]
    assert [trial.status for trial in asked] == ["RUNNING"] * 8 + ["STOPPED"]
    assert met(oracle) == once(CELLS)


def test_trials_may_end_in_any_order(stubbed):
    oracle = stubbed(GridOracle()).oracle
    asked = [oracle.create_trial(f"slot {slot}") for slot in range(4)]
    for trial in reversed(asked):
        oracle.update_trial(trial.trial_id, {"val_accuracy": 0.5})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    rest = [oracle.create_trial(f"slot {slot}").status for slot in range(4, 9)]
    assert rest == ["RUNNING"] * 4 + ["STOPPED"]
    assert met(oracle) == once(CELLS)


@pytest.mark.parametrize("num_done", range(9))
def test_a_reloaded_oracle_goes_on_where_it_was_killed(stubbed, num_done):
    done = []

    def train(values):
        if len(done) == num_done and num_done < 8:
            raise KeyboardInterrupt
        done.append(frozenset(values.items()))
        return 0.5

    tuner = stubbed(GridOracle())
    try:
        tuner.search(train)
    except KeyboardInterrupt:
        num_done = 8
        reloaded = stubbed(GridOracle())
        reloaded.search(train)
        assert statuses(reloaded.oracle) == {"COMPLETED": 8}
    assert Counter(done) == once(CELLS)


@pytest.mark.parametrize("max_trials", [1, 3, 4, 5, 6, 8, 11])
def test_max_trials_meets_every_level_of_every_factor_evenly(stubbed, max_trials):
    tuner = stubbed(GridOracle(max_trials=max_trials), plain)
    tuner.search()
    cells = [trial.hyperparameters.values for trial in tuner.oracle.trials.values()]
    assert len({str(cell) for cell in cells}) == max_trials
    for name, levels in {"a": [1, 2, 3, 4], "b": ["x", "y", "z"]}.items():
        counts = [sum(cell[name] == level for cell in cells) for level in levels]
        assert max(counts) - min(counts) <= 1


def test_max_trials_beyond_the_grid_meets_all_of_it(stubbed):
    tuner = stubbed(GridOracle(max_trials=100))
    tuner.search()
    assert met(tuner.oracle) == once(CELLS)


def chosen(seed):
    hp = keras_tuner.HyperParameters()
    plain(hp)
    return str(GridOracle(max_trials=4, seed=seed, hyperparameters=hp).planned())


def test_the_seed_draws_the_subset_and_0_is_a_seed():
    assert chosen(0) == chosen(0)
    assert len({chosen(seed) for seed in range(5)}) > 1


def test_a_reloaded_subset_is_the_same_with_seed_0(stubbed):
    tuner = stubbed(GridOracle(max_trials=4), plain)
    whole = tuner.oracle.planned()
    first = tuner.oracle.create_trial("slot")
    reloaded = stubbed(GridOracle(max_trials=4), plain)
    reloaded.search()
    cells = [trial.hyperparameters.values for trial in reloaded.oracle.trials.values()]
    assert cells == whole
    assert first.hyperparameters.values == whole[0]
