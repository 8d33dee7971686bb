import numpy as np
import pytest
import statsmodels.formula.api as smf
from pandas import DataFrame
from statsmodels.stats.anova import anova_lm

from tests.analysis.planted import WITH_KERNELS, additive, model_of, only, table
from tuner.analysis.effects import effects
from tuner.analysis.question import Question
from tuner.analysis.variance import interactions, planned_detectable_effect, variance_shares
from tuner.errors import DataError
from tuner.objective import Objective

BATTERY = {  # hours, by plate material and temperature
    (1, 15): (130, 155, 74, 180), (1, 70): (34, 40, 80, 75), (1, 125): (20, 70, 82, 58),
    (2, 15): (150, 188, 159, 126), (2, 70): (136, 122, 106, 115), (2, 125): (25, 70, 58, 45),
    (3, 15): (138, 110, 168, 160), (3, 70): (174, 120, 150, 139), (3, 125): (96, 104, 82, 60),
}  # fmt: skip


def test_a_textbook_factorial():
    """Montgomery, Design and Analysis of Experiments, 8th ed. (2013), tables 5.1 and 5.5."""
    executions = DataFrame(
        [(m, t, hours) for (m, t), cell in BATTERY.items() for hours in cell],
        columns=["material", "temperature", "hours"],
    )
    question = Question(
        ("material", "temperature"), objective=Objective("hours", is_share=False, scale=1.0)
    )
    model = model_of(executions, question)
    shares = variance_shares(model).set_index("term")
    published = {
        "material": (10683.72, 2, 7.91),
        "temperature": (39118.72, 2, 28.97),
        "material × temperature": (9613.78, 4, 3.56),
        "residual": (18230.75, 27, np.nan),
    }
    for term, (sum_sq, df, f) in published.items():
        assert shares.loc[term, "sum_sq"] == pytest.approx(sum_sq, abs=0.01)
        assert shares.loc[term, "df"] == df
        assert shares.loc[term, "f"] == pytest.approx(f, abs=0.005, nan_ok=True)
    assert shares["share"].sum() == pytest.approx(1.0)


def test_shares_and_interactions_are_those_of_anova_lm():
    executions = table(kernels=("3", "5-3"), replicates=3, sd=0.02)
    model = model_of(executions, WITH_KERNELS)
    executions = executions.assign(value=100 * executions["val_accuracy"])
    formula = (
        "value ~ C(filter_multiplier, Sum) * C(conv_blocks, Sum) * C(kernel_schedule, Sum)"
        " + C(replicate)"
    )
    anova = anova_lm(smf.ols(formula, executions).fit(), typ=2)
    names = [name.replace("C(", "").replace(", Sum)", "").replace(")", "") for name in anova.index]
    expected = dict(zip(names, anova.to_dict("records"), strict=True))
    shares = variance_shares(model).set_index("term")
    residual = expected.pop("Residual")
    for name, row in expected.items():
        assert shares.loc[name.replace(":", " × "), "sum_sq"] == pytest.approx(row["sum_sq"])
    # What anova_lm leaves of it are the disagreements of replicates on each factor, and the rest.
    of_error = shares.index.str.startswith("replicate × ") | (shares.index == "residual")
    assert shares.loc[of_error, "sum_sq"].sum() == pytest.approx(residual["sum_sq"])
    assert shares.loc[of_error, "df"].sum() == residual["df"]


def test_an_interaction_is_resolved_where_one_is_planted():
    def crossed(depth, width):
        return additive(depth, width) - 0.01 * depth * np.log2(width)

    assert interactions(model_of(table(mean=crossed)))["resolved"].all()
    assert not interactions(model_of(table()))["resolved"].any()


def test_unequal_counts_have_no_shares():
    with pytest.raises(DataError, match="3 to 4 executions"):
        variance_shares(model_of(table(replicates=4).drop(index=5)))


@pytest.mark.parametrize("replicates", [1, 3])
def test_equal_results_have_no_shares_to_tell(replicates):
    shares = variance_shares(model_of(table(replicates=replicates).assign(val_accuracy=0.5)))
    assert shares["share"].isna().all()


def test_a_planned_effect_is_the_one_that_the_study_could_have_seen():
    model = model_of(table(replicates=4))
    seen = only(effects(model), factor="conv_blocks", contrast="1 → 2", given="")
    family = int(effects(model)["p"].notna().sum())
    planned = planned_detectable_effect(3, 9, 4, model.residual_sd, family)
    assert planned / 2 < seen["detectable"] < 2 * planned


@pytest.mark.slow
def test_a_detectable_effect_is_found_four_times_in_five():
    rng = np.random.default_rng(0)
    planned = planned_detectable_effect(2, 2, 8, 1.0)

    def mean(depth, width):
        return 0.5 + 0.01 * planned * depth

    found = []
    for seed in rng.integers(2**31, size=30):
        executions = table(
            depths=(1, 2), widths=(1.0,), replicates=8, mean=mean, sd=0.01, seed=int(seed)
        )
        step = only(effects(model_of(executions)), factor="conv_blocks", kind="step")
        found.append(step["p"] < 0.05)
    assert 0.65 < np.mean(found) < 0.95
