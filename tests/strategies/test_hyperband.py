"""Hyperband: who is promoted, in whatever order trials end, and what is still needed of them."""

import math
import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies.searching import (
    oracle_of,
    peaked,
    proposal_of,
    search,
    square_design,
    tell,
)
from tuner.errors import UsageError
from tuner.strategies.brackets import schedule
from tuner.strategies.hyperband import HyperbandOracle

CELLS = [{"x": number} for number in range(40)]


def make(**settings):
    oracle = HyperbandOracle(**{"max_epochs": 9, "cells": CELLS, **settings})
    oracle.verbose, oracle.save, oracle._save_trial = 0, lambda: None, lambda trial: None
    return oracle


def table(seed, share_failed=0.0, num_scores=40):
    """Scores of the cells at each budget, drawn at random; some fail, some are equal."""
    rng = random.Random(seed)
    scores = defaultdict(
        lambda: None if rng.random() < share_failed else rng.randrange(num_scores) / num_scores
    )
    known = {(x, epochs): scores[x, epochs] for x in range(40) for epochs in (1, 3, 9)}
    return lambda values: known[values["x"], values["tuner/epochs"]]


def rungs_of(proposals):
    """The proposals of each bracket and rung."""
    rungs = defaultdict(list)
    for proposal in proposals:
        rungs[proposal.bracket, proposal.rung].append(proposal)
    return rungs


def score_of(score, proposal):
    return score({**dict(proposal.levels), "tuner/epochs": proposal.epochs})


def test_brackets_rungs_and_budgets_are_those_of_the_schedule():
    rungs = rungs_of(search(make(), table(0)))
    assert {key: len(trials) for key, trials in rungs.items()} == {
        (bracket.number, rung): size
        for bracket in schedule(9) for rung, size in enumerate(bracket.sizes)
    }  # fmt: skip
    for bracket in schedule(9):
        for rung, epochs in enumerate(bracket.epochs):
            before = bracket.epochs[rung - 1] if rung else 0
            for proposal in rungs[bracket.number, rung]:
                assert (proposal.epochs, proposal.initial_epoch) == (epochs, before)


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), share_failed=st.sampled_from([0.0, 0.3, 0.8]))
def test_the_best_of_a_rung_go_on_whatever_the_order(seed, share_failed):
    score = table(seed, share_failed)
    rng = random.Random(seed)
    rungs = rungs_of(search(make(seed=seed), score, rng.choice([1, 2, 5, 8, 30]), rng))
    for bracket in schedule(9):
        for rung, size in enumerate(bracket.sizes[1:]):
            ended = rungs[bracket.number, rung]
            scores = {p.trial: score_of(score, p) for p in ended}
            survivors = [trial for trial, number in scores.items() if number is not None]
            promoted = {p.parent for p in rungs[bracket.number, rung + 1]}
            assert promoted <= set(survivors)
            assert len(promoted) == min(size, len(survivors))
            left = [scores[trial] for trial in survivors if trial not in promoted]
            assert max(left, default=-1) <= min((scores[t] for t in promoted), default=2)


@pytest.mark.slow
@given(seed=st.integers(0, 10_000))
def test_equal_scores_are_settled_the_same_way_in_any_order(seed):
    score = table(seed, num_scores=2)
    expected = set(search(make(), score))
    assert set(search(make(), score, 8, random.Random(seed))) == expected


def test_a_promotion_is_its_parent_trained_on():
    proposals = {p.trial: p for p in search(make(), table(0))}
    promotions = [p for p in proposals.values() if p.parent]
    assert len(promotions) == 3 + 1 + 1
    for promotion in promotions:
        parent = proposals[promotion.parent]
        assert promotion.levels == parent.levels
        assert promotion.bracket == parent.bracket
        assert promotion.rung == parent.rung + 1
        assert promotion.initial_epoch == parent.epochs
        assert promotion.trial == f"{parent.trial[:4]}-{promotion.rung}"


def test_a_later_bracket_begins_while_a_rung_waits_and_then_nothing_is_left_but_to_wait():
    oracle = make()
    trials = [oracle.create_trial(str(slot)) for slot in range(30)]
    begun = [proposal_of(trial) for trial in trials if trial.status == "RUNNING"]
    assert [p.bracket for p in begun] == [2] * 9 + [1] * 5 + [0] * 3
    assert {trial.status for trial in trials[17:]} == {"IDLE"}


def test_a_trial_is_promoted_as_soon_as_no_open_one_can_take_its_place():
    oracle = make()
    first = [oracle.create_trial(str(slot)) for slot in range(9)]
    for trial in first[:6]:
        tell(oracle, trial, 0.5)
    assert (
        oracle.create_trial("a").hyperparameters.values["tuner/bracket"] == 1
    )  # 3 could be better
    tell(oracle, first[6], 0.9)
    promoted = oracle.create_trial("b").hyperparameters.values
    assert promoted["tuner/trial_id"] == first[6].trial_id
    assert "tuner/trial_id" not in oracle.create_trial("c").hyperparameters.values


@pytest.mark.filterwarnings("ignore:All-NaN:RuntimeWarning")
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None])
def test_a_score_that_is_no_number_ranks_last(bad):
    found = search(make(), lambda values: bad if values["x"] % 2 else 0.1)
    assert not [p for p in found if p.parent and dict(p.levels)["x"] % 2]
    assert [p for p in found if p.parent]


def test_a_loss_is_minimised():
    import keras_tuner

    oracle = make(objective=keras_tuner.Objective("val_accuracy", "min"))
    found = search(oracle, lambda values: values["x"] / 40)
    first = [dict(p.levels)["x"] for p in found if (p.bracket, p.rung) == (2, 0)]
    second = [dict(p.levels)["x"] for p in found if (p.bracket, p.rung) == (2, 1)]
    assert sorted(second) == sorted(first)[:3]


def test_more_sweeps_draw_other_configurations_until_there_are_none():
    found = search(make(num_sweeps=None), table(0), 4)
    begun = [p.levels for p in found if p.parent is None]
    assert len(begun) == len(set(begun)) == 40


@pytest.mark.parametrize("share_failed", [0.0, 0.4])
@pytest.mark.parametrize("num_slots", [1, 2, 8])
def test_no_parent_is_given_up_before_its_promotion_has_ended(num_slots, share_failed):
    score, oracle, rng = table(3, share_failed), make(), random.Random(3)
    kept, under_way, most_kept = set(), {}, 0
    while True:
        while len(under_way) < num_slots:
            trial = oracle.create_trial(f"slot-{len(oracle.trials)}")
            if trial.status != "RUNNING":
                break
            under_way[trial.trial_id] = trial
            parent = trial.hyperparameters.values.get("tuner/trial_id")
            assert parent is None or parent in kept
        if not under_way:
            break
        trial = under_way.pop(rng.choice(sorted(under_way)))
        parent = trial.hyperparameters.values.get("tuner/trial_id")
        assert parent is None or parent in kept
        tell(oracle, trial, score(trial.hyperparameters.values))
        kept.add(trial.trial_id)
        kept = {trial_id for trial_id in kept if oracle.needed(trial_id)}
        most_kept = max(most_kept, len(kept))
    assert kept == set()
    assert most_kept <= 3 + 1 + 1 + num_slots  # those that go on, and parents of open promotions


def test_the_last_rung_and_failures_are_never_needed():
    oracle = make(max_trials=1)
    trial = oracle.create_trial("a")
    assert not oracle.needed(trial.trial_id)
    oracle = make()
    trial = oracle.create_trial("a")
    assert oracle.needed(trial.trial_id)
    tell(oracle, trial, None)
    assert not oracle.needed(trial.trial_id)


def test_the_strategy_makes_one_sweep_and_more_only_for_more_trials():
    design = square_design(20, 10)
    one = search(oracle_of("hyperband", design, epochs=9), peaked)
    assert len(one) == sum(bracket.num_trials for bracket in schedule(9)) == 22
    assert len(search(oracle_of("hyperband", design, max_trials=60), peaked)) == 60


def test_two_epochs_are_enough_and_one_is_refused():
    design = square_design(4, 3)
    found = search(oracle_of("hyperband", design, epochs=2))
    assert {(p.epochs, p.initial_epoch) for p in found} == {(1, 0), (2, 1), (2, 0)}
    with pytest.raises(UsageError, match=r"expected 2 epochs or more, got 1 \(--epochs 9, or"):
        oracle_of("hyperband", design, epochs=1)
