"""What every strategy promises, ours and Keras Tuner's alike."""

import random
import re
from functools import cache
from pathlib import Path

import keras_tuner
import pytest

from tests.strategies.searching import SLOTS, make_design, oracle_of, peaked, search, square_design
from tuner import strategies
from tuner.errors import UsageError
from tuner.strategies import STRATEGIES, Strategy, make_oracle, planned, strategy_of
from tuner.strategies.extent import num_executions
from tuner.strategies.grid import GridOracle

EVERY = pytest.mark.parametrize("strategy", STRATEGIES)
SEEDED = pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "grid"])


@cache
def undisturbed(strategy, *sides):
    """A search of a square design that nothing happens to: its proposals, and its ledger."""
    ledger = []
    return search(oracle_of(strategy, square_design(*sides)), ledger=ledger), ledger


def drawn(proposals):
    """The configurations that were begun, promotions aside."""
    return [proposal.levels for proposal in proposals if proposal.parent is None]


def levels_of(design):
    return [frozenset(values.items()) for values in planned(design)]


@EVERY
@pytest.mark.parametrize("seed", [0, 7, 2**40])
def test_the_same_seed_gives_the_same_proposals(strategy, seed):
    design = square_design(4, 3)
    random.seed(1)
    first = search(oracle_of(strategy, design, seed=seed))
    random.seed(2)  # Keras Tuner takes this generator for the seed 0
    assert search(oracle_of(strategy, design, seed=seed)) == first


@SEEDED
def test_another_seed_gives_other_proposals(strategy):
    design = square_design(4, 3)
    orders = {tuple(drawn(search(oracle_of(strategy, design, seed=seed)))[:6]) for seed in range(4)}
    assert len(orders) == 4


@EVERY
@pytest.mark.parametrize("num_slots", [1, 2, 8])
def test_neither_slots_nor_the_order_of_ending_change_what_is_tried(strategy, num_slots):
    design = square_design(5, 4)
    expected = set(undisturbed(strategy, 5, 4)[0])
    for order in range(5):
        rng = random.Random(order)
        found = search(oracle_of(strategy, design), num_slots=num_slots, rng=rng)
        assert len(found) == len(set(found))
        assert set(found) == expected


@EVERY
@pytest.mark.parametrize(("before", "after"), SLOTS)
def test_resumed_at_every_step_it_ends_as_one_never_interrupted(strategy, before, after):
    design = square_design(4, 3)
    proposals, whole = undisturbed(strategy, 4, 3)
    expected = set(proposals)
    for num_ended in range(len(whole) + 1):
        ledger = []
        rng = random.Random(num_ended)
        search(oracle_of(strategy, design), peaked, before, rng, ledger, num_ended)
        assert len(ledger) == num_ended
        resumed = search(oracle_of(strategy, design), num_slots=after, ledger=ledger)
        assert set(resumed) == expected
        assert sorted(ledger) == sorted(whole)


@EVERY
def test_every_trial_may_fail(strategy):
    design = square_design(5, 4)
    found = search(oracle_of(strategy, design), lambda values: None, num_slots=2)
    assert set(drawn(found)) == set(drawn(undisturbed(strategy, 5, 4)[0]))
    assert len(drawn(found)) == len(found)


@EVERY
@pytest.mark.parametrize("bad", [None, float("nan")])
@pytest.mark.filterwarnings("ignore:All-NaN:RuntimeWarning")  # Keras Tuner's, of such a score
def test_failures_keep_nothing_else_from_being_tried(strategy, bad):
    design = square_design(5, 4)

    def score(values):
        return bad if values["depth"] == 2 else peaked(values)

    found = search(oracle_of(strategy, design), score, num_slots=2, rng=random.Random(0))
    assert len(drawn(found)) == len(drawn(undisturbed(strategy, 5, 4)[0]))
    assert not [p for p in found if p.parent and ("depth", 2) in p.levels]


@EVERY
def test_only_planned_cells_are_proposed(strategy):
    design = square_design(5, 4, infeasible=(0, 3, 7, 8, 19))
    found = search(oracle_of(strategy, design))
    assert set(drawn(found)) <= set(levels_of(design))
    assert len(drawn(found)) == 15


@EVERY
def test_a_space_of_one_point_is_tried_once(strategy):
    found = search(oracle_of(strategy, square_design(1, 1)), num_slots=8)
    assert len(found) == 1
    assert found[0].epochs in (None, 9)


@EVERY
def test_conditional_hyperparameters_stay_out_where_they_do_not_apply(strategy):
    design = make_design(
        [{"depth": 0}, {"depth": 1}]
        + [{"depth": 2, "width": width, "kind": kind} for width in (1, 2) for kind in "ab"]
    )
    found = search(oracle_of(strategy, design), num_slots=2)
    assert sorted(map(sorted, drawn(found))) == sorted(map(sorted, levels_of(design)))


@EVERY
def test_levels_of_mixed_types_come_back_as_they_are(strategy):
    design = make_design([{"width": width, "depth": on} for width in (0.5, 1, 2) for on in (0, 1)])
    found = drawn(search(oracle_of(strategy, design)))
    types = {(type(level), level) for levels in found for name, level in levels if name == "width"}
    assert types == {(float, 0.5), (int, 1), (int, 2)}


@SEEDED
@pytest.mark.parametrize("max_trials", [1, 2, 5, 13, 100])
def test_max_trials_are_never_exceeded(strategy, max_trials):
    design = square_design(5, 4)
    found = search(oracle_of(strategy, design, max_trials=max_trials), num_slots=8)
    assert len(found) <= max_trials
    assert len(drawn(found)) == min(20, max_trials) or strategy == "hyperband"


@EVERY
def test_no_cell_is_drawn_twice_and_the_search_ends_by_itself(strategy):
    found = drawn(undisturbed(strategy, 4, 3)[0])
    assert len(found) == len(set(found)) == 12


def test_a_strategy_is_its_file_and_its_entry(monkeypatch, study, design):
    def backwards(study, design):
        return GridOracle(cells=planned(design)[::-1], objective=study.objective.name)

    added = Strategy("backwards", backwards, covers=True)
    monkeypatch.setattr(strategies, "STRATEGIES", {**STRATEGIES, added.name: added})
    study = study.model_copy(update={"strategy": "backwards"})
    assert strategy_of(study) is added
    assert num_executions(study, 6) == 18
    first = make_oracle(study, design).create_trial("slot").hyperparameters.values
    assert first == planned(design)[-1]


def test_an_unknown_strategy_is_told_with_the_nearest(study):
    with pytest.raises(UsageError, match="no strategy 'gird'"):
        strategy_of(study.model_copy(update={"strategy": "gird"}))


def test_keras_tuners_private_names_stand_in_one_file():
    own = {path: path.read_text() for path in Path(strategies.__file__).parent.glob("*.py")}
    private = re.compile(r"(?:self|oracle|super\(\))\._([a-z]\w*)")
    known = {name for name in dir(keras_tuner.Oracle) if re.fullmatch("_[a-z]\\w*", name)}
    known |= {
        name for name in dir(keras_tuner.oracles.BayesianOptimizationOracle) if name[0] == "_"
    }
    for path, text in own.items():
        used = {f"_{name}" for name in private.findall(text)} & known
        assert not used or path.name == "oracle.py", f"{path.name}: {used}"
