"""Steps from a fraction: their estimates, errors, predictions and refusals."""

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from pandas import DataFrame
from scipy import stats

from tests.analysis import planted
from tuner.analysis import analyse
from tuner.analysis.cell_regression import Chance
from tuner.analysis.checks.design import missing_cells
from tuner.analysis.finding import Evidence
from tuner.analysis.fraction import analyse_fraction
from tuner.analysis.fraction_effects import is_fraction

LEVELS = {"a": 3, "b": 3, "c": 2, "d": 2, "e": 2}
EVERY = DataFrame(product(*map(range, LEVELS.values())), columns=list(LEVELS))
PAIRS = "mean ~ (C(a, Sum) + C(b, Sum) + C(c, Sum) + C(d, Sum) + C(e, Sum)) ** 2"


def response(cells):
    """Additive, with one term of two factors and one of three."""
    of_pair, of_three = cells.b * cells.c, 0.5 * cells.c * cells.d * cells.e
    return 50 + 2 * cells.a + 0.5 * cells.d - cells.e + of_pair + of_three


def fraction(size=60, sd=0.3, seed=0, n=1):
    rng = np.random.default_rng(seed)
    cells = EVERY.sample(size, random_state=seed)
    return cells.assign(mean=response(cells) + sd * rng.normal(size=size), n=n)


def only(steps, factor, low):
    return steps[(steps["factor"] == factor) & (steps["low"] == low)].iloc[0]


def contrast(fitted, factor, low):
    """A step of a three-level or two-level factor in sum coding."""
    names = list(fitted.params.index)
    row = np.zeros(len(names))
    last = LEVELS[factor] - 1
    for level, sign in ((low + 1, 1), (low, -1)):
        for k in range(last):
            value = float(level == k) if level < last else -1.0
            row[names.index(f"C({factor}, Sum)[S.{k}]")] += sign * value
    return row


@pytest.mark.parametrize(("factor", "low"), [("a", 0), ("a", 1), ("b", 1), ("e", 0)])
def test_estimates_and_both_plain_errors_are_those_of_statsmodels(factor, low):
    cells = fraction()
    found = analyse_fraction(cells, LEVELS)
    step = only(found.steps, factor, low)
    fitted = smf.ols(PAIRS, cells).fit()
    row = contrast(fitted, factor, low)
    assert found.with_pairs
    assert found.df == fitted.df_resid
    assert step["estimate"] == pytest.approx(row @ fitted.params)
    assert step["ordinary_se"] == pytest.approx(fitted.t_test(row).sd.item())
    robust = fitted.get_robustcov_results("HC3")
    assert step["hc3_se"] == pytest.approx(robust.t_test(row).sd.item())


def test_cells_of_more_executions_count_more():
    cells = fraction(n=[1] * 30 + [9] * 30)
    chance = Chance(0.5, 100)
    tau = max(analyse_fraction(cells, LEVELS).residual_sd ** 2 - (0.5 / cells.n).mean(), 0)
    fitted = smf.wls(PAIRS, cells, weights=1 / (tau + 0.5 / cells.n)).fit()
    step = only(analyse_fraction(cells, LEVELS, chance).steps, "b", 0)
    row = contrast(fitted, "b", 0)
    assert step["estimate"] == pytest.approx(row @ fitted.params)
    assert step["ordinary_se"] == pytest.approx(fitted.t_test(row).sd.item())
    assert step["hc3_se"] == pytest.approx(
        fitted.get_robustcov_results("HC3").t_test(row).sd.item()
    )


def test_a_step_is_the_whole_tables_difference_of_marginal_means():
    cells = EVERY.assign(mean=response(EVERY), n=1)
    found = analyse_fraction(cells, LEVELS)
    means = cells.groupby("b")["mean"].mean()
    step = only(found.steps, "b", 1)
    assert step["estimate"] == pytest.approx(means[2] - means[1])
    assert step["combinations"] == 3 * 2 * 2 * 2


def test_with_holes_a_step_is_averaged_over_the_combinations_that_have_both_levels():
    possible = EVERY[~((EVERY.b == 2) & (EVERY.c == 1))]
    cells = possible.assign(mean=50 + 2 * possible.a + possible.b * possible.c, n=1)
    steps = analyse_fraction(cells, LEVELS, possible=possible).steps
    assert only(steps, "b", 0)["estimate"] == pytest.approx(0.5)  # with c = 0 nothing, with 1 one
    assert only(steps, "b", 1)["estimate"] == pytest.approx(0)  # only c = 0 has both
    assert only(steps, "b", 1)["combinations"] == 3 * 2 * 2


def test_simultaneous_intervals_hold_the_single_ones_and_are_no_wider_than_bonferronis():
    steps = analyse_fraction(fraction(), LEVELS).steps
    half = (steps["simultaneous_high"] - steps["estimate"]) / steps["se"]
    single = (steps["ci_high"] - steps["estimate"]) / steps["se"]
    assert single.to_numpy() == pytest.approx(stats.t.ppf(0.975, steps["df"]))
    assert (steps["df"] <= 60 - 27).all()
    assert (half > 1.2 * single).all()
    assert (half < 1.02 * stats.t.ppf(1 - 0.025 / len(steps), steps["df"])).all()


def test_a_few_wild_cells_leave_fewer_degrees_of_freedom():
    """The variance that they make is as uncertain as their number is small."""
    cells = fraction(72)
    wild = cells.assign(mean=cells["mean"] + 20.0 * (cells["a"] + cells["b"] + cells["e"] == 0))
    tame = analyse_fraction(cells, LEVELS).steps["df"].mean()
    assert analyse_fraction(wild, LEVELS).steps["df"].mean() < 0.7 * tame


def test_held_out_cells_are_predicted_as_by_fits_without_them():
    cells = fraction().reset_index(drop=True)
    columns = smf.ols(PAIRS, cells).exog
    misses, inside = [], []
    for place, observed in cells["mean"].items():
        rest = cells.index != place
        fitted = sm.OLS(cells["mean"][rest].to_numpy(), columns[rest]).fit()
        row = fitted.get_prediction(columns[[place]]).summary_frame().iloc[0]
        misses.append(observed - row["mean"])
        inside.append(row["obs_ci_lower"] <= observed <= row["obs_ci_upper"])
    others = (cells["mean"].sum() - cells["mean"]) / (len(cells) - 1)
    held_out = analyse_fraction(cells, LEVELS).held_out
    assert held_out.coverage == pytest.approx(np.mean(inside))
    assert held_out.r_squared == pytest.approx(
        1 - np.square(misses).sum() / ((cells["mean"] - others) ** 2).sum()
    )


def test_what_the_model_leaves_out_stands_beside_chance():
    rng = np.random.default_rng(0)
    cells = fraction(sd=0).assign(n=4)
    of_cells = cells.assign(mean=cells["mean"] + 1.0 * rng.normal(size=60))
    alike = cells.assign(mean=cells["mean"] + 0.05 * rng.normal(size=60))
    chance = Chance(0.01, 180)
    lack = analyse_fraction(of_cells, LEVELS, chance).lack_of_fit
    assert lack.sd == pytest.approx(1.0, rel=0.25)
    assert lack.chance_sd == pytest.approx(0.1)
    assert lack.p < 1e-9
    assert analyse_fraction(alike, LEVELS, chance).lack_of_fit.sd < 0.25
    assert analyse_fraction(alike, LEVELS).lack_of_fit is None  # one execution a cell measures none


def test_the_best_cell_is_found_although_it_was_not_trained():
    cells = fraction(sd=0.1)
    truth = response(EVERY)
    best = EVERY.loc[truth.idxmax()].to_dict()
    without = cells[(cells[list(best)] != best).any(axis=1)]
    found = analyse_fraction(without, LEVELS).best
    assert found.levels == best
    assert not found.is_trained
    assert found.low < truth.max() < found.high
    worst = analyse_fraction(without, LEVELS, maximize=False).best
    assert worst.levels["e"] == 1
    assert worst.mean < found.mean - 5


def test_the_largest_of_many_predictions_is_not_too_large():
    """Where nothing but chance differs, the best of 72 is predicted to be hardly above the mean."""
    rng = np.random.default_rng(0)
    excess = [
        analyse_fraction(fraction().assign(mean=rng.normal(size=60)), LEVELS).best.mean
        for _ in range(20)
    ]
    assert np.mean(excess) < 0.8  # least squares' best is 2.5 standard deviations above


def disagreeing(sd, replicates=4, seed=0):
    """Executions, cells x replicates, whose effect of `a` varies between replicates."""
    rng = np.random.default_rng(seed)
    cells = fraction(sd=0.1)
    values = cells["mean"].to_numpy()[:, None] + 0.2 * rng.normal(size=(60, replicates))
    slopes = sd * rng.normal(size=replicates)
    values += cells["a"].to_numpy()[:, None] * (slopes - slopes.mean())
    return cells.assign(mean=values.mean(axis=1), n=replicates), values


def test_replicates_that_disagree_on_a_factor_widen_its_steps_alone():
    cells, values = disagreeing(sd=1.0)
    apart = analyse_fraction(cells, LEVELS, Chance(0.04, 180))
    shared = analyse_fraction(cells, LEVELS, by_replicate=values)
    assert shared.strata["a"].p < 1e-6
    assert shared.strata["b"].p > 0.01
    wider = shared.steps["se"] / apart.steps["se"]
    assert wider[shared.steps["factor"] == "a"].min() > 2
    assert wider[shared.steps["factor"] == "c"].max() < 1.5
    assert only(shared.steps, "a", 0)["df"] < 10  # four replicates
    assert shared.lack_of_fit.chance_sd == pytest.approx(0.2, rel=0.1)


def test_replicates_that_agree_cost_nothing():
    cells, values = disagreeing(sd=0.0)
    assert analyse_fraction(cells, LEVELS, by_replicate=values).strata["a"].p > 0.01


def test_few_cells_are_told_by_main_effects_alone_and_the_reason_is_said():
    found = analyse_fraction(fraction(40, seed=1), LEVELS)
    assert not found.with_pairs
    assert not found.refusal
    assert "40 cells for the 27 parameters of main effects and two-factor terms" in found.note
    assert found.df == 40 - 8


def refused(cells, levels=LEVELS):
    found = analyse_fraction(cells, levels)
    assert found.steps.empty
    assert found.best is None
    return found.refusal


def test_fewer_than_ten_degrees_of_freedom_are_refused():
    assert "fewer than 10 degrees of freedom (9)" in refused(fraction(17))


def test_levels_that_never_part_are_refused():
    cells = fraction(72)
    assert "do not tell all steps apart (rank 7)" in refused(cells[cells["c"] == cells["d"]])


def test_a_cell_that_decides_an_effect_alone_is_refused():
    cells = fraction(72)
    alone = cells[(cells["c"] == 0) | (cells.index == cells.index[cells["c"] == 1][0])]
    assert "1 of them have a leverage above 0.9" in refused(alone)


def test_a_main_effect_that_an_omitted_term_could_be_is_refused():
    levels = dict.fromkeys("abcdefg", 2)
    cells = DataFrame(product(range(2), repeat=7), columns=list(levels))
    cells = cells[
        ((cells.a + cells.b + cells.c) % 2 == 0) & ((cells.d + cells.e + cells.f) % 2 == 0)
    ]
    cells = cells.assign(mean=np.arange(len(cells)), n=1)
    assert "main effect of a cannot be told from the two-factor term b x c" in refused(
        cells, levels
    )


def test_a_design_with_holes_is_no_fraction_and_a_part_of_many_factors_is():
    whole = planted.table(kernels=("3", "5-3"))
    cells = whole.groupby(["conv_blocks", "filter_multiplier", "kernel_schedule"], sort=False)
    holes = whole[cells.ngroup() % 7 > 0]
    assert not is_fraction(planted.model_of(holes, planted.WITH_KERNELS))
    part = whole[cells.ngroup().isin([0, 3, 5, 6, 10, 13, 14, 17])]
    assert is_fraction(planted.model_of(part, planted.WITH_KERNELS))
    analysis = analyse(part, planted.WITH_KERNELS)
    if not analysis.fraction.refusal:
        assert analysis.effects["given"].str.contains("predicted from").all()
    assert "fraction" in analysis.verdicts[0].lower() or "predicted from" in analysis.verdicts[0]


def test_cells_that_a_fraction_leaves_out_are_no_fault_of_it():
    whole = planted.table(kernels=("3", "5-3"))
    factors = [*planted.WITH_KERNELS.factors]
    number = whole.groupby(factors, sort=False).ngroup()
    part = whole[number.isin([0, 3, 5, 6, 10, 13, 14, 17])]
    cells = whole.drop_duplicates(factors)[factors].assign(state="left out")
    model = planted.model_of(part, planted.WITH_KERNELS)
    (found,) = missing_cells(Evidence(part, planted.WITH_KERNELS, cells=cells, model=model))
    assert (found.severity, found.where) == ("note", "")
    assert found.what == f"{len(cells) - 8} of {len(cells)} cells were left out, as was asked"
