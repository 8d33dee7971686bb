"""What accuracy costs: the frontier, and wide against deep at equal cost."""

import numpy as np
import pandas as pd
import pytest
from pandas import DataFrame
from statsmodels.stats.multitest import multipletests

from tests.analysis.planted import QUESTION, additive, model_of, table
from tuner.analysis.budgets import list_candidates, match_budgets, wide_against_deep
from tuner.analysis.cells import cell_means, paired_differences
from tuner.analysis.frontier import frontier
from tuner.errors import DataError


def described(executions):
    model = model_of(executions)
    return model, cell_means(model, executions)


def test_the_frontier_holds_what_nothing_cheaper_beats():
    def mean(depth, width):
        return {1: 0.5, 2: 0.7, 3: 0.6}[depth] + 0.001 * width

    _, cells = described(table(mean=mean, widths=(1.0, 2.0), sd=0.0))
    points = frontier(cells, QUESTION, "flops")
    best = points[points["on_frontier"]]
    assert best[["conv_blocks", "filter_multiplier"]].to_numpy().tolist() == [
        [1.0, 1.0],
        [2.0, 1.0],
        [2.0, 2.0],
    ]


def test_without_costs_there_is_no_frontier():
    _, cells = described(table().drop(columns="params"))
    with pytest.raises(DataError, match="no column 'params'"):
        frontier(cells, QUESTION, "params")


def test_wide_and_deep_are_compared_at_equal_cost():
    """Parameters are 1000 · width² · 2^depth: one doubling of width costs what two blocks do."""
    model, cells = described(table(depths=(1, 3), widths=(1.0, 2.0), sd=0.001))
    pairs = wide_against_deep(model, {"params": match_budgets(model, cells, "params")})["params"]
    assert len(pairs) == 1
    pair = pairs.iloc[0]
    assert pair["wide"] == "filter_multiplier=2, conv_blocks=1"
    assert pair["deep"] == "filter_multiplier=1, conv_blocks=3"
    assert pair["matching_error"] == 0
    assert pair["ci_low"] < 2 * 5.0 - 2.0 < pair["ci_high"]
    assert pair["verdict"].startswith("deeper is better")


def test_unequal_costs_are_not_compared():
    model, cells = described(table(depths=(1, 2), widths=(1.0, 4.0)))
    with pytest.raises(DataError, match="nearest two differ by 88%"):
        match_budgets(model, cells, "params")


def test_each_cell_is_in_one_pair_and_the_nearest_are_paired_first():
    model, cells = described(table(depths=(1, 2, 3, 4), widths=(1.0, 2.0, 4.0)))
    cells["params"] = [100, 120, 150, 200, 90, 118, 140, 210, 80, 110, 160, 205]
    pairs = match_budgets(model, cells, "params")
    used = [*pairs["cell_wide"], *pairs["cell_deep"]]
    assert len(used) == len(set(used))
    errors = list_candidates(model, cells, "params")["matching_error"].abs()
    assert pairs["matching_error"].abs().min() == errors.min()


def test_all_costs_are_one_family_in_which_a_pair_counts_once():
    model, cells = described(table(depths=(1, 2, 3, 4), widths=(1.0, 2.0, 4.0), sd=0.02))
    matched = {cost: match_budgets(model, cells, cost) for cost in ("params", "flops")}
    compared = wide_against_deep(model, matched | {"seconds": DataFrame()})
    assert compared["seconds"].empty
    both = pd.concat(list(compared.values())).drop_duplicates(["wide", "deep"])
    assert both["p_holm"].to_numpy() == pytest.approx(multipletests(both["p"], method="holm")[1])
    width = both["ci_high"] - both["ci_low"]
    assert (both["simultaneous_high"] - both["simultaneous_low"] >= width).all()
    same = wide_against_deep(model, {"params": matched["params"], "again": matched["params"]})
    alone = wide_against_deep(model, {"params": matched["params"]})
    assert same["again"]["p_holm"].tolist() == alone["params"]["p_holm"].tolist()


def test_cells_are_described_with_their_interval_and_costs():
    executions = table(sd=0.01)
    model, cells = described(executions)
    first = executions.query("conv_blocks == 1 and filter_multiplier == 0.5")
    assert cells.loc[0, "mean"] == pytest.approx(100 * first["val_accuracy"].mean())
    assert cells.loc[0, "params"] == 500
    # Of this cell's own spread and its kind's: about what one spread for all would give.
    pooled = model.quantile * model.residual_sd / 3**0.5
    assert pooled / 2 < cells.loc[0, "half_width"] < 2 * pooled


@pytest.mark.slow
def test_a_mean_by_itself_is_known_as_well_as_new_replicates_would_repeat_it():
    """Replicates move all cells alike by a point; one to another, cells differ by a tenth of it."""
    inside = {"half_width": [], "half_width_alone": []}
    for seed in range(60):
        _, cells = described(table(sd=0.001, seed=seed))
        miss = (cells["mean"] - 100 * cells.apply(planted_mean, axis=1)).abs()
        for name, found in inside.items():
            found.append((miss <= cells[name]).mean())
    assert np.mean(inside["half_width_alone"]) > 0.9
    assert np.mean(inside["half_width"]) < 0.5


def planted_mean(cell):
    return additive(cell["conv_blocks"], cell["filter_multiplier"])


def test_without_shared_replicates_a_mean_has_one_interval():
    executions = table()
    _, cells = described(executions.assign(replicate=range(len(executions))))
    assert cells["half_width"].tolist() == cells["half_width_alone"].tolist()


def test_a_cell_that_only_failed_is_shown_as_failed():
    executions = table()
    lost = executions["conv_blocks"].eq(3) & executions["filter_multiplier"].eq(2)
    executions.loc[lost, "status"] = "failed"
    _, cells = described(executions)
    assert cells.loc[cells["state"] == "failed", "conv_blocks"].tolist() == [3]


def test_differences_are_taken_within_a_replicate():
    executions = table(sd=0.0)
    pairs = paired_differences(model_of(executions))
    depth = pairs[pairs["factor"] == "conv_blocks"]
    assert len(depth) == 2 * 3 * 3
    assert depth["difference"].tolist() == pytest.approx([5.0] * 18)
    assert set(depth["replicate"]) == {0, 1, 2}
