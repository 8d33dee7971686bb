"""The networks that were trained for longest, ranked."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.analysis.planted import QUESTION, table
from tuner.analysis.networks import count_tried, rank_networks
from tuner.analysis.question import Question
from tuner.objective import MEASURED


def rows_of(values, **also):
    """Executions of networks by depth, one value a replicate."""
    rows = [
        {"depth": depth, "replicate": replicate, "val_accuracy": value, **also}
        for depth, mine in values.items()
        for replicate, value in enumerate(mine)
    ]
    return pd.DataFrame(rows)


DEPTH = Question(("depth",), depth="depth")


def test_the_best_stands_first_with_its_range_and_costs():
    networks = rank_networks(table(sd=0.0), QUESTION)
    best = networks.iloc[0]
    assert (best["conv_blocks"], best["filter_multiplier"]) == (3, 2.0)
    assert best["n"] == 3
    assert best["low"] < best["mean"] < best["high"]
    assert best["params"] == 1000 * 2**2 * 2**3
    assert networks["mean"].is_monotonic_decreasing
    assert len(networks) == 9


def test_how_far_behind_is_a_paired_interval():
    values = {1: [0.50, 0.61, 0.70], 2: [0.53, 0.62, 0.75]}
    second = rank_networks(rows_of(values), DEPTH).iloc[1]
    away = 100 * (np.array(values[2]) - np.array(values[1]))
    expected = stats.ttest_1samp(away, 0).confidence_interval(0.95)
    assert second["behind"] == pytest.approx(away.mean())
    assert (second["behind_low"], second["behind_high"]) == pytest.approx(tuple(expected))
    assert not second["told_apart"]


def test_replicates_that_all_move_alike_tell_networks_apart():
    second = rank_networks(rows_of({1: [0.5, 0.6, 0.7], 2: [0.53, 0.631, 0.73]}), DEPTH).iloc[1]
    assert second["told_apart"]


def test_single_trainings_have_no_interval():
    networks = rank_networks(rows_of({1: [0.5], 2: [0.6]}).drop(columns="replicate"), DEPTH)
    assert networks["behind_low"].isna().all()
    assert not networks["told_apart"].any()


def test_only_the_largest_budget_counts_and_all_that_were_tried_are_counted():
    early = rows_of({1: [0.9], 2: [0.2], 3: [0.1]}, epochs=1)
    late = rows_of({1: [0.5], 2: [0.6]}, epochs=9)
    both = pd.concat([early, late], ignore_index=True)
    networks = rank_networks(both, DEPTH)
    assert list(networks["depth"]) == [2, 1]
    assert set(networks["epochs"]) == {9}
    assert count_tried(both, DEPTH) == 3


def test_the_best_of_a_loss_is_the_lowest_and_nothing_is_ahead_of_it():
    question = Question(("depth",), MEASURED["val_loss"])
    rows = rows_of({1: [0.5, 0.6], 2: [0.4, 0.5]}).rename(columns={"val_accuracy": "val_loss"})
    networks = rank_networks(rows, question)
    assert list(networks["depth"]) == [2, 1]
    assert list(networks["behind"]) == pytest.approx([0.0, 0.1])


def test_what_failed_is_no_network():
    rows = rows_of({1: [0.5, 0.6], 2: [0.9, 0.9]})
    rows["status"] = ["ok", "ok", "failed", "failed"]
    assert list(rank_networks(rows, DEPTH)["depth"]) == [1]
