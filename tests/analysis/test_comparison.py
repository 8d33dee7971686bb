"""Differences between studies: against scipy, against the truth of real replicates, and by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.analysis.planted import QUESTION, table
from tuner.analysis.alignment import Side, align
from tuner.analysis.comparison import compare, within_replicates
from tuner.analysis.question import Question
from tuner.errors import DataError
from tuner.objective import Objective

PERCENT = Objective("score", scale=1.0)
DEPTH = Question(("depth",), PERCENT, depth="depth", step="block")
WORLD = pd.read_csv(Path(__file__).parents[2] / "benchmarks" / "worlds" / "digits.csv")
WORLD["score"] *= 100


def of_width(width, replicates, depths=(1, 2, 3, 4), shift=0):
    """The real networks of one width, as a study of the depth in some of the 100 replicates."""
    rows = WORLD[WORLD["width"].eq(width) & WORLD["depth"].isin(depths)]
    rows = rows[rows["replicate"].isin(replicates)].drop(columns="width")
    return Side(f"width {width}", rows.assign(replicate=rows["replicate"] + shift), DEPTH)


def step_of(side):
    """What the second layer does in each replicate."""
    by_depth = side.executions.pivot(index="replicate", columns="depth", values="score")
    return by_depth[2] - by_depth[1]


def only_step(comparison):
    """The difference of the step 1 → 2."""
    rows = comparison.differences
    return rows[rows["contrast"].eq("1 → 2")].iloc[0]


def test_one_step_within_replicates_is_scipys_paired_t_test():
    first, other = (of_width(width, range(6), depths=(1, 2)) for width in (8, 16))
    found = only_step(compare([first, other], [True]))
    expected = stats.ttest_rel(step_of(other), step_of(first))
    interval = expected.confidence_interval()
    assert found["estimate"] == pytest.approx((step_of(other) - step_of(first)).mean())
    assert found["p"] == pytest.approx(expected.pvalue)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((interval.low, interval.high))
    assert found["paired"]
    assert found["df"] == pytest.approx(5)


def test_one_step_of_studies_apart_is_scipys_welch_test():
    first, other = of_width(8, range(6), (1, 2)), of_width(16, range(6, 11), (1, 2))
    found = only_step(compare([first, other], [False]))
    expected = stats.ttest_ind(step_of(other), step_of(first), equal_var=False)
    interval = expected.confidence_interval()
    assert found["p"] == pytest.approx(expected.pvalue)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((interval.low, interval.high))
    assert not found["paired"]


def test_without_any_replicates_the_error_is_of_the_four_cells():
    sides = [of_width(8, range(5), (1, 2)), of_width(16, range(5), (1, 2))]
    sides = [replace(s, executions=s.executions.drop(columns="replicate")) for s in sides]
    found = only_step(compare(sides, [False]))
    cells = [rows["score"] for side in sides for _, rows in side.executions.groupby("depth")]
    parts = np.array([cell.var() / len(cell) for cell in cells])
    assert found["se"] == pytest.approx(np.sqrt(parts.sum()))
    assert found["df"] == pytest.approx(parts.sum() ** 2 / (parts**2 / 4).sum())


def test_intervals_hold_the_truth_of_real_replicates():
    """As benchmarks/compared_worlds.py asks of thousands; .88 is three standard errors off .95."""
    rng, covered = np.random.default_rng(5), []
    for _ in range(25):
        drawn = rng.choice(100, 4, replace=False)
        sides = [of_width(8, drawn), of_width(16, drawn)]
        rows = within_replicates(*align(sides, [True, True])[0]).rows
        steps = rows[rows["kind"].eq("step")]
        off = np.abs(steps["estimate"] - steps_of_the_world())
        covered += [*(off <= stats.t.ppf(0.975, steps["df"]) * steps["se"])]
    assert 0.88 <= np.mean(covered) < 1


def steps_of_the_world():
    """How much the true steps of width 16 differ from those of width 8."""
    means = WORLD.groupby(["width", "depth"])["score"].mean()
    return np.diff(means[16]) - np.diff(means[8])


def test_effects_and_their_difference_agree_also_where_executions_are_missing():
    rows = table(seed=1).assign(val_accuracy=lambda t: t["val_accuracy"] + 0.01 * t["conv_blocks"])
    sides = [Side("a", table().drop(index=[3, 10]), QUESTION), Side("b", rows, QUESTION)]
    found = compare(sides, [True])
    own = found.effects.set_index(["study", "factor", "contrast"])["estimate"]
    for row in found.differences.itertuples():
        key = row.factor, row.contrast
        assert row.estimate == pytest.approx(own[("b", *key)] - own[("a", *key)])
    assert any("2 executions of b left out" in note for note in found.notes)


def test_holms_family_is_all_differences_of_all_studies():
    studies = [Side(name, table(seed=seed), QUESTION) for seed, name in enumerate("abc")]
    rows = compare(studies, [False, False]).differences
    assert set(rows["family"]) == {len(rows)} == {2 * 6}
    assert rows["p_holm"].min() == pytest.approx(min(1, 12 * rows["p"].min()))
    one = compare(studies[:2], [False]).differences
    both = rows[rows["study"].eq("b")].reset_index(drop=True)
    assert (both["simultaneous_high"] > one["simultaneous_high"]).all()
    assert (one["simultaneous_high"] > one["ci_high"]).all()


def test_a_planted_difference_is_found_and_steps_lead_where_a_line_does_not_fit_in_every_study():
    def bent(depth, width):
        return 0.5 + 0.05 * min(depth, 2) + 0.02 * np.log2(width)

    studies = [Side("line", table(), QUESTION), Side("bent", table(mean=bent), QUESTION)]
    rows = compare(studies, [True]).differences.set_index(["factor", "contrast"])
    last = rows.loc[("conv_blocks", "2 → 3")]
    assert last["estimate"] == pytest.approx(-5, abs=0.5)
    assert last["p_holm"] < 0.05
    assert last["leads"]
    assert not rows.loc[("conv_blocks", "per added block"), "leads"]
    assert rows.loc[("filter_multiplier", "per doubling"), "leads"]


def test_only_levels_cells_and_a_budget_that_all_have_are_compared():
    long = table(depths=(1, 2, 3, 4), seed=2)
    short = long.assign(epochs=6)
    both = pd.concat([long, short], ignore_index=True)
    other = table(depths=(2, 3, 4, 5), widths=(1.0, 2.0, 4.0)).assign(epochs=6)
    samples, notes = align([Side("a", both, QUESTION), Side("b", other, QUESTION)], [False, False])
    for sample in samples:
        assert dict(sample.levels) == {"filter_multiplier": (1, 2), "conv_blocks": (2, 3, 4)}
        assert sample.budget == 6
        assert len(sample.executions) == 2 * 3 * 3
    assert any("filter_multiplier 0.5; conv_blocks 1 of a" in note for note in notes)


def test_a_factor_that_the_other_holds_is_taken_at_its_level():
    wide = table(kernels=("3", "5-3"), mean=lambda depth, width: 0.4 + 0.05 * depth)
    wide.loc[wide["kernel_schedule"].eq("5-3"), "val_accuracy"] += 0.1
    question = replace(QUESTION, factors=(*QUESTION.factors, "kernel_schedule"))
    first = Side("a", wide, question)
    for held, level in (({"kernel_schedule": "5-3"}, 0.1), ({"kernel_schedule": "7"}, 0.05)):
        samples, notes = align([first, Side("b", table(), QUESTION, held)], [False, False])
        mean = samples[0].executions["value"].mean()
        assert mean == pytest.approx(100 * (0.5 + level), abs=1.5)
        assert any(note.startswith("of kernel_schedule") for note in notes)


def test_a_further_factor_is_averaged_only_where_it_has_every_common_cell():
    wide = table(kernels=("3", "5-3"))
    question = replace(QUESTION, factors=(*QUESTION.factors, "kernel_schedule"))
    lacking = wide[~(wide["kernel_schedule"].eq("5-3") & wide["conv_blocks"].eq(1))]
    sides = [Side("a", lacking, question), Side("b", table(), QUESTION)]
    _, notes = align(sides, [False, False])
    assert "of kernel_schedule, which not all compare, a is taken at 3" in notes
    parted = wide[wide["kernel_schedule"].eq("3") == wide["conv_blocks"].eq(1)]
    with pytest.raises(DataError, match="a also varies kernel_schedule, and has at no level"):
        align([replace(sides[0], executions=parted), sides[1]], [False, False])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": "val_loss"}, "a measures val_accuracy, b val_loss"),
        ({"is_share": False}, "a tells it in percent, b as it is"),
        ({"maximize": False}, "a wants it large, b small"),
    ],
)
def test_other_objectives_are_refused(changed, told):
    other = replace(QUESTION, objective=replace(QUESTION.objective, **changed))
    with pytest.raises(DataError, match=told):
        align([Side("a", table(), QUESTION), Side("b", table(), other)], [False, False])


def test_studies_without_a_common_step_or_a_common_replicate_are_refused():
    first = Side("a", table(), QUESTION)
    elsewhere = Side("b", table(depths=(4, 5), widths=(8.0, 16.0)), QUESTION)
    with pytest.raises(DataError, match=r"two levels that all studies have \(a: .*; b: .*8, 16"):
        align([first, elsewhere], [False, False])
    later = table().assign(replicate=lambda rows: rows["replicate"] + 3)
    with pytest.raises(DataError, match="no cell was trained in the same replicate"):
        align([first, Side("b", later, QUESTION)], [True, True])


def test_without_any_spread_there_is_a_difference_and_a_reason_for_no_interval():
    first = of_width(8, range(4))
    sides = [
        Side(name, first.executions.assign(score=10 * first.executions["depth"] + shift), DEPTH)
        for name, shift in (("a", 0), ("b", 0.1))
    ]
    rows = compare(sides, [False]).differences
    assert (rows["estimate"] == 0).all()
    assert rows["ci_low"].isna().all()
    assert set(rows["refusal"]) == {"the executions of a cell do not differ"}
