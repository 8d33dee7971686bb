"""Designs that are no full factorial: what they can say, and what they refuse."""

import numpy as np
import pandas as pd
import pytest
from pandas import DataFrame

from tests.analysis.planted import WITH_KERNELS, model_of, only, table
from tuner.analysis.cells import cell_means
from tuner.analysis.checks.design import confounded_factors, missing_cells
from tuner.analysis.effects import effects, marginal_means
from tuner.analysis.finding import Evidence
from tuner.analysis.overview import analyse
from tuner.analysis.question import Question
from tuner.analysis.variance import interactions, variance_shares
from tuner.errors import DataError

NOTEBOOK = [(2, 1), (3, 1), (4, 1), (4, 2), (4, 3), (4, 4)]
DENSE = Question(("conv_blocks", "dense_depth"), depth="conv_blocks", step="block")


@pytest.fixture
def notebook() -> DataFrame:
    """Six cells in the shape of an L; a block adds 4 points, a dense layer costs 1."""
    rng = np.random.default_rng(0)
    return DataFrame(
        [
            (blocks, dense, replicate, 0.5 + 0.04 * blocks - 0.01 * dense + 0.002 * rng.normal())
            for blocks, dense in NOTEBOOK
            for replicate in range(4)
        ],
        columns=["conv_blocks", "dense_depth", "replicate", "val_accuracy"],
    )


def test_an_l_of_cells_has_steps_along_one_factor_with_the_other_held(notebook):
    found = effects(model_of(notebook, DENSE))
    depth = found[found["factor"] == "conv_blocks"]
    assert depth["given"].unique().tolist() == ["dense_depth=1"]
    assert depth["contrast"].tolist() == ["per added block", "2 → 3", "3 → 4"]
    dense = found[found["factor"] == "dense_depth"]
    assert dense["given"].unique().tolist() == ["conv_blocks=4"]
    step = only(found, factor="conv_blocks", contrast="3 → 4")
    assert step["estimate"] == pytest.approx(4.0, abs=0.5)
    assert step["ci_high"] - step["ci_low"] < 1.0
    assert step["n"] == 8


def test_an_l_of_cells_tests_no_interaction(notebook):
    tested = interactions(model_of(notebook, DENSE))
    assert np.isnan(tested["p"].iloc[0])
    assert tested["reason"].iloc[0]
    sentences = analyse(notebook, DENSE).verdicts
    assert any("conv_blocks × dense_depth: not tested" in sentence for sentence in sentences)


def test_an_l_of_cells_has_means_that_compare_like_with_like(notebook):
    means = marginal_means(model_of(notebook, DENSE))
    assert set(means.loc[means["factor"] == "conv_blocks", "given"]) == {"dense_depth=1"}
    expected = notebook.query("dense_depth == 1").groupby("conv_blocks")["val_accuracy"].mean()
    found = means.loc[means["factor"] == "conv_blocks", "mean"]
    assert found.tolist() == pytest.approx((100 * expected).tolist())


def test_factors_that_only_change_together_are_refused_in_words():
    executions = table(depths=(1, 2), widths=(1.0, 2.0))
    executions = executions[executions["conv_blocks"] == executions["filter_multiplier"]]
    model = model_of(executions)
    found = effects(model)
    assert found["estimate"].isna().all()
    assert found["verdict"].str.startswith("not estimable").all()
    step = only(found, factor="conv_blocks", kind="step")
    assert "conv_blocks=2, filter_multiplier=1" in step["verdict"]
    faults = confounded_factors(Evidence(executions, model.sample.question, model=model))
    assert [fault.severity for fault in faults if "never changes alone" in fault.what] == [
        "serious",
        "serious",
    ]


def test_a_hole_is_left_out_of_the_average_and_said():
    executions = table(kernels=("3", "5-3"))
    hole = executions["conv_blocks"].eq(3) & executions["filter_multiplier"].eq(2)
    found = effects(model_of(executions[~hole], WITH_KERNELS))
    step = only(found, factor="conv_blocks", contrast="2 → 3", kind="step")
    assert step["given"] == "over 4 of 6 combinations"
    assert step["estimate"] == pytest.approx(5.0, abs=0.5)


def test_shares_of_variance_refuse_a_hole():
    executions = table()
    hole = executions["conv_blocks"].eq(3) & executions["filter_multiplier"].eq(2)
    with pytest.raises(DataError, match="1 of 9 cells"):
        variance_shares(model_of(executions[~hole]))


def test_holes_of_the_plan_keep_their_reason():
    executions = table()
    cells = executions[["conv_blocks", "filter_multiplier"]].drop_duplicates()
    cells = pd.concat([cells.assign(state="planned", reason=""), DataFrame(
        {"conv_blocks": [4], "filter_multiplier": [0.5], "state": "infeasible",
         "reason": "1 px map"})])  # fmt: skip
    model = model_of(executions)
    described = cell_means(model, executions, cells)
    assert len(described) == 10
    hole = only(described, state="infeasible")
    assert hole["reason"] == "1 px map"
    assert np.isnan(hole["mean"])
    faults = missing_cells(Evidence(executions, model.sample.question, cells=cells, model=model))
    assert [(fault.severity, fault.where) for fault in faults] == [
        ("note", "filter_multiplier=0.5, conv_blocks=4")
    ]


def sparse_part(num_cells):
    """Some of the 6,561 combinations of eight factors with three levels, one execution each."""
    rng = np.random.default_rng(1)
    names = [f"op{number}" for number in range(1, 9)]
    places = rng.choice(3**8, num_cells, replace=False)
    cells = DataFrame(np.stack(np.unravel_index(places, (3,) * 8), axis=1), columns=names)
    value = 0.5 + 0.02 * cells["op1"] + 0.002 * rng.normal(size=num_cells)
    return cells.assign(val_accuracy=value), Question(tuple(names))


def test_combinations_are_counted_out_of_all_that_are_possible():
    executions, question = sparse_part(313)
    model = model_of(executions, question)
    found = effects(model)
    possible = found["given"].str.extract(r"over \d+ of ([\d,]+) combinations")[0]
    assert possible[found["by"].eq("")].dropna().unique().tolist() == ["2,187"]
    assert possible[found["by"].ne("")].dropna().unique().tolist() == ["729"]  # at one level
    one = only(found, factor="op1", contrast="0 → 1", by="")
    pairs = {tuple(row) for row in executions.query("op1 == 0").iloc[:, 1:8].to_numpy()} & {
        tuple(row) for row in executions.query("op1 == 1").iloc[:, 1:8].to_numpy()
    }
    assert one["given"] == f"op6=1, over {len(pairs)} of 2,187 combinations"
    predicted = analyse(executions, question).effects["given"].unique().tolist()
    assert predicted == ["over 2,187 combinations, predicted from 313 cells"]
