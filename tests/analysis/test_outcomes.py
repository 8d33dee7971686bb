"""Executions that did not train: who they are, and what is said of those that did."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.analysis.planted import QUESTION, model_of, table
from tuner.analysis.outcomes import sort_outcomes, stray
from tuner.analysis.overview import analyse
from tuner.objective import MEASURED


def with_failures(replicates, failures, value=0.1):
    """Plant executions that did not train, by their row."""
    executions = table(replicates=replicates)
    executions.loc[failures, "val_accuracy"] = value
    return executions


@pytest.mark.parametrize("value", [0.1, 0.3])
def test_the_planted_failures_are_those_that_are_found(value):
    failures = [0, 13, 20]
    model = model_of(with_failures(3, failures, value))
    outcomes = sort_outcomes(model)
    found = model.sample.executions.loc[~outcomes.trained, "value"]
    assert found.tolist() == pytest.approx([100 * value] * 3)
    assert outcomes.at_chance == (3 if value == 0.1 else 0)
    assert outcomes.mixed["trained"].tolist() == [2, 2, 2]


def test_a_cell_that_never_trains_mixes_nothing():
    outcomes = sort_outcomes(model_of(with_failures(3, [0, 1, 2])))
    assert (~outcomes.trained).sum() == 3
    assert outcomes.mixed.empty
    assert not outcomes.forbids_verdicts


def test_a_loss_fails_upwards():
    executions = with_failures(3, [5], 0.1).assign(val_accuracy=lambda rows: 1 - rows.val_accuracy)
    executions = executions.rename(columns={"val_accuracy": "val_loss"})
    question = replace(QUESTION, objective=MEASURED["val_loss"])
    model = model_of(executions, question)
    outcomes = sort_outcomes(model)
    found = model.sample.executions.loc[~outcomes.trained, "value"]
    assert found.tolist() == pytest.approx([0.9])


def test_under_ten_replicates_no_mean_gets_a_verdict():
    verdicts = analyse(with_failures(3, [0, 13]), QUESTION).verdicts
    assert verdicts[0].startswith("No verdict on the mean: it mixes two outcomes in 2 cells")
    assert verdicts[1].startswith("Among the 25 of 27 executions that trained: Width")
    assert "Depth (conv_blocks): +5.1 points per added block" in verdicts[1]
    assert len(verdicts) == 2


def test_with_ten_the_mean_has_its_verdict_and_those_that_trained_have_theirs():
    verdicts = analyse(with_failures(10, [0, 13]), QUESTION).verdicts
    assert verdicts[0].startswith("Width (filter_multiplier)")
    assert any(verdict.startswith("Among the 88 of 90 exec") for verdict in verdicts)


@pytest.mark.slow  # a simulation
@pytest.mark.parametrize("replicates", [2, 3, 5])
def test_chance_is_not_taken_for_failure(replicates):
    """Of twenty studies without a failure, one at most is said to have one."""
    found = [
        sort_outcomes(model_of(table(replicates=replicates, sd=0.01, seed=seed))).trained.all()
        for seed in range(20)
    ]
    assert np.sum(found) >= 19


@pytest.mark.parametrize(("cells", "replicates"), [(2, 3), (3, 3), (4, 3), (2, 5), (4, 2)])
def test_few_normal_executions_are_of_one_kind(cells, replicates):
    """Medians make zeros of half of their distances; that is no second kind of outcome."""
    rng, found = np.random.default_rng(0), 0
    for _ in range(100):
        of_replicate = rng.normal(0, 1, replicates)
        rows = [
            {"cell": cell, "replicate": replicate, "value": cell + of_replicate[replicate] + chance}
            for cell in range(cells)
            for replicate, chance in enumerate(rng.normal(50, 1, replicates))
        ]
        found += stray(pd.DataFrame(rows), replicates).any()
    assert found <= 2
