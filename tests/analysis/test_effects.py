import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from pandas import DataFrame
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tests.analysis.planted import QUESTION, WITH_KERNELS, additive, model_of, only, table
from tuner.analysis.effects import effects, marginal_means
from tuner.analysis.question import Question
from tuner.objective import Objective


def test_an_additive_frame_without_noise_gives_its_coefficients_back():
    found = effects(model_of(table(sd=0.0)))
    width = found[found["factor"] == "filter_multiplier"]
    depth = found[found["factor"] == "conv_blocks"]
    assert width["estimate"].to_numpy() == pytest.approx(2.0, abs=1e-9)
    assert depth["estimate"].to_numpy() == pytest.approx(5.0, abs=1e-9)


@pytest.mark.parametrize("dropped", [(), (3, 17, 30)], ids=["balanced", "unbalanced"])
def test_effects_are_those_of_statsmodels(dropped):
    executions = table(replicates=4).drop(index=list(dropped))
    found = effects(model_of(executions))
    executions = executions.assign(value=100 * executions["val_accuracy"])
    formula = "value ~ C(conv_blocks) * C(filter_multiplier) + C(replicate)"
    fitted = smf.ols(formula, executions).fit()
    weights = mean_row(formula, 3) - mean_row(formula, 2)
    step = only(found, factor="conv_blocks", contrast="2 → 3", given="")
    robust = smf.ols(formula, executions).fit(cov_type="HC3", use_t=True).t_test(weights)
    assert [step["hc3_low"], step["hc3_high"]] == pytest.approx(robust.conf_int()[0].tolist())
    tested = fitted.t_test(weights)
    assert step["estimate"] == pytest.approx(tested.effect[0])
    # Its error is its own, which the tests of error_terms and incomplete hold.
    pooled = float(np.diff(tested.conf_int()[0])[0])
    assert pooled / 2 < step["ci_high"] - step["ci_low"] < 2 * pooled


def mean_row(formula, depth):
    """Average the rows of the complete design at one depth: its marginal mean's coefficients."""
    complete = table(replicates=4).assign(value=0.0)
    rows = smf.ols(formula, complete).exog
    return rows[complete["conv_blocks"] == depth].mean(axis=0)


def test_marginal_means_are_those_of_statsmodels():
    executions = table(replicates=4).drop(index=[3, 17, 30])
    means = marginal_means(model_of(executions))
    executions = executions.assign(value=100 * executions["val_accuracy"])
    formula = "value ~ C(conv_blocks) * C(filter_multiplier) + C(replicate)"
    fitted = smf.ols(formula, executions).fit()
    tested = fitted.t_test(mean_row(formula, 2))
    mean = only(means, factor="conv_blocks", text="2")
    assert mean["mean"] == pytest.approx(tested.effect[0])
    assert mean["ci_low"] < mean["mean"] < mean["ci_high"]


def test_a_textbook_block_design():
    """Montgomery, Design and Analysis of Experiments, 8th ed. (2013), table 4.3: grafts."""
    yields = {
        8500: [90.3, 89.2, 98.2, 93.9, 87.4, 97.9],
        8700: [92.5, 89.5, 90.6, 94.7, 87.0, 95.8],
        8900: [85.5, 90.8, 89.6, 86.2, 88.0, 93.4],
        9100: [82.5, 89.5, 85.6, 87.4, 78.9, 90.7],
    }
    executions = DataFrame(
        [(p, batch, y) for p, ys in yields.items() for batch, y in enumerate(ys)],
        columns=["pressure", "replicate", "yield_percent"],
    )
    question = Question(("pressure",), Objective("yield_percent", scale=1.0), depth="pressure")
    model = model_of(executions, question)
    assert model.df == 15
    assert model.residual_sd**2 == pytest.approx(7.33, abs=0.005)  # table 4.4
    means = marginal_means(model)
    assert means["mean"].tolist() == pytest.approx([92.82, 91.68, 88.92, 85.77], abs=0.005)
    step = only(effects(model), contrast="8900 → 9100")
    assert step["estimate"] == pytest.approx(-3.15, abs=0.005)
    # By hand, with one spread for all steps: −3.15 ± t(15) 2.1314 · sqrt(2 · 7.3258 / 6); a step
    # has its own here, steadied by the others'.
    pooled = 2.13145 * 1.56266
    assert pooled / 2 < step["estimate"] - step["ci_low"] < 2 * pooled


def test_where_seed_variances_differ_the_interval_is_welchs():
    rng = np.random.default_rng(0)
    calm, wild = rng.normal(0.5, 0.001, 8), rng.normal(0.6, 0.02, 5)
    executions = DataFrame({"conv_blocks": [1] * 8 + [2] * 5, "val_accuracy": [*calm, *wild]})
    model = model_of(executions, Question(("conv_blocks",), depth="conv_blocks"))
    assert model.strata is None
    step = only(effects(model), contrast="1 → 2")
    expected = stats.ttest_ind(100 * wild, 100 * calm, equal_var=False)
    interval = expected.confidence_interval()
    assert [step["ci_low"], step["ci_high"]] == pytest.approx([interval.low, interval.high])
    assert step["p"] == pytest.approx(expected.pvalue)


def test_holm_is_over_the_printed_family():
    found = effects(model_of(table(sd=0.02)))
    assert found["p_holm"].tolist() == pytest.approx(
        multipletests(found["p"], method="holm")[1].tolist()
    )


def test_raw_means_that_point_the_wrong_way_do_not_mislead():
    """Deep cells were repeated where narrow, shallow ones where wide."""
    executions = table(replicates=12, depths=(1, 2), widths=(1.0, 64.0))
    rare = (executions["conv_blocks"] == 2) == (executions["filter_multiplier"] == 64)
    executions = executions[~rare | (executions["replicate"] < 3)]
    raw = executions.groupby("conv_blocks")["val_accuracy"].mean()
    assert raw[2] < raw[1]
    step = only(effects(model_of(executions)), factor="conv_blocks", contrast="1 → 2", given="")
    assert step["ci_low"] < 5.0 < step["ci_high"]
    assert step["estimate"] == pytest.approx(5.0, abs=0.5)


def test_named_levels_have_steps_and_no_growth():
    found = effects(model_of(table(kernels=("7-5-3", "3", "5-3")), WITH_KERNELS))
    kernels = found[found["factor"] == "kernel_schedule"]
    assert kernels["contrast"].tolist() == ["7-5-3 → 3", "3 → 5-3"]
    assert "per doubling" in set(found.loc[found["factor"] == "filter_multiplier", "contrast"])


def test_conditional_effects_show_an_interaction():
    def crossed(depth, width):
        return additive(depth, width) - 0.01 * (depth - 1) * np.log2(width)

    found = effects(model_of(table(mean=crossed, sd=0.0)))
    slopes = found[found["kind"].eq("conditional growth") & found["factor"].eq("filter_multiplier")]
    assert slopes["given"].tolist() == ["conv_blocks=1", "conv_blocks=2", "conv_blocks=3"]
    assert slopes["estimate"].tolist() == pytest.approx([2.0, 1.0, 0.0], abs=1e-9)


def test_pairs_count_matched_executions():
    step = only(effects(model_of(table())), factor="conv_blocks", contrast="1 → 2", given="")
    assert step["pairs"] == "9 of 9"
    assert (step["n"], step["replicates"]) == (18, 3)


def test_one_execution_a_cell_gives_means_and_no_inference():
    found = effects(model_of(table(replicates=1)))
    assert found["estimate"].notna().all()
    assert found[["ci_low", "ci_high", "p", "p_holm"]].isna().all(axis=None)
    assert found["verdict"].str.contains("means only").all()
    assert marginal_means(model_of(table(replicates=1)))["ci_low"].isna().all()


def test_two_shared_replicates_give_intervals_where_other_cells_lend_degrees_of_freedom():
    many = effects(model_of(table(replicates=2, depths=range(1, 9), widths=(0.5, 1, 2, 4))))
    assert many["ci_low"].notna().any()
    few = effects(model_of(table(replicates=2, depths=(1, 2), widths=(0.5, 1.0))))
    assert few["ci_low"].isna().all()
    assert few["verdict"].str.contains("two replicates, and fewer than 8 degrees").all()


def test_one_execution_a_cell_has_the_error_of_what_simpler_effects_leave():
    many = effects(model_of(table(replicates=1, depths=range(1, 6), widths=(0.5, 1, 2, 4))))
    assert only(many, factor="conv_blocks", contrast="1 → 2", kind="step")["ci_low"] > 0
    within = many["kind"].str.startswith("conditional")
    assert many.loc[within, "ci_low"].isna().all()
    few = effects(model_of(table(replicates=1)))
    assert few["verdict"].str.contains("without replicates there is no measure of chance").all()


def test_a_cell_with_one_execution_takes_no_part_in_intervals():
    executions = table().drop(index=[0, 1])  # of a narrow cell of one block
    found = effects(model_of(executions))
    step = only(found, factor="conv_blocks", contrast="1 → 2", kind="step")
    assert step["given"] == "over 2 of 3 combinations"
    assert np.isfinite(step["ci_low"])
    within = only(found, factor="conv_blocks", contrast="1 → 2", given="filter_multiplier=0.5")
    assert np.isnan(within["ci_low"])
    assert np.isfinite(within["estimate"])


def test_seeds_of_their_own_are_no_blocks():
    executions = table()
    executions["replicate"] = np.arange(len(executions))
    model = model_of(executions)
    assert not model.sample.blocked
    assert model.df == len(executions) - 9


def test_without_a_replicate_column_executions_of_a_cell_are_replicates():
    executions = table().drop(columns=["replicate", "seed"])
    model = model_of(executions)
    assert model.df == len(executions) - 9
    assert effects(model)["ci_low"].notna().all()


def test_cells_that_share_no_replicate_are_not_compared():
    """Two halves of the design, each in replicates of its own: blocks and depth are one."""
    executions = table(depths=(1, 2))
    executions.loc[executions["conv_blocks"] == 2, "replicate"] += 10
    found = effects(model_of(executions))
    step = only(found, factor="conv_blocks", contrast="1 → 2", given="")
    assert np.isnan(step["estimate"])
    assert "shared replicates" in step["verdict"]
    assert np.isfinite(only(found, contrast="1 → 2", given="conv_blocks=2")["ci_low"])


def test_more_replicates_than_cells_give_the_same_as_more_cells_than_replicates():
    """The normal equations are solved on the smaller side; both ways must agree."""
    executions = table(replicates=20)
    wide = model_of(executions)
    assert not wide.cells_are_large
    expected = executions.assign(value=100 * executions["val_accuracy"])
    formula = "value ~ C(conv_blocks) * C(filter_multiplier) + C(replicate)"
    fitted = smf.ols(formula, expected).fit()
    assert wide.residual_sd**2 == pytest.approx(fitted.mse_resid)
    assert wide.solved.residuals == pytest.approx(
        pd.Series(fitted.resid).loc[
            expected.sort_values(["filter_multiplier", "conv_blocks"], kind="stable").index
        ]
    )


def test_a_thousand_levels_give_growth_and_no_steps():
    widths = np.geomspace(1, 16, 1000)
    executions = table(depths=(1, 2), widths=widths.tolist(), replicates=3)
    found = effects(model_of(executions))
    width = found[found["factor"] == "filter_multiplier"]
    assert width["kind"].tolist() == ["growth"]
    assert width["estimate"].iloc[0] == pytest.approx(2.0, abs=0.05)


def test_the_columns_are_the_contract():
    found = effects(model_of(table(), QUESTION))
    promised = "factor contrast given estimate unit ci_low ci_high p p_holm n replicates verdict"
    assert found.columns[:12].tolist() == promised.split()
