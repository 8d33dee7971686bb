"""The analysis against R: emmeans, lmerTest, clubSandwich and limma on planted tables.

`fixtures/README.md` says what R computed. Estimates, joint tests, own spreads and, where no rule of
ours stands between, intervals are the same; where one does, they are held to be about as wide.
Error terms that the analysis does not have are held by definition (`by_definition`).
"""

from functools import cache

import numpy as np
import pytest
import statsmodels.formula.api as smf
from pandas import DataFrame, Series
from scipy import stats

from tests.analysis.by_definition import (
    cr2,
    design_of,
    disagreement,
    least_squares,
    moderate,
    smyth_prior,
)
from tests.analysis.fixtures import factors_of, r_numbers, read_table
from tests.analysis.planted import model_of
from tuner.analysis.contrasts import Contrast, all_contrasts, weight_matrix
from tuner.analysis.effects import effects, marginal_means
from tuner.analysis.fraction_effects import model_fraction
from tuner.analysis.inference import adjust_holm
from tuner.analysis.model import Model
from tuner.analysis.moderation import moderate as moderate_analysis
from tuner.analysis.question import Question
from tuner.analysis.variance import interactions, variance_shares
from tuner.objective import Objective

ESTIMATE = "estimate"  # the column of `effects`
COMPLETE = ["crossed", "strata", "spread", "four_factors", "two_replicates", "one_factor"]
HOLES = ["corner_hole", "inner_hole"]
TABLES = [*COMPLETE, *HOLES, "incomplete", "unshared"]
FRACTIONS = ["fraction_once", "fraction_repeated"]
DIGITS = 1e-6  # R's numbers have seven digits
OF_OPTIMISER = 1e-3  # those of mixed models five, and less where a likelihood is flat


@cache
def fitted(table: str) -> Model:
    """Fit the model of the analysis to a planted table."""
    executions = read_table(table)
    objective = Objective("value", is_share=False, scale=1.0)
    question = Question(factors_of(executions), objective, width="width", depth="depth")
    return model_of(executions, question)


def keys(kind, factor, contrast, given) -> "Series[str]":
    """Name contrasts as both sides can: a slope by its factor, an average by no condition."""
    contrast = contrast.where(kind != "growth", "slope")
    given = given.where(kind == "conditional step", "")
    return kind + " | " + factor + " | " + contrast + " | " + given


def by_key(rows: DataFrame) -> DataFrame:
    """Index rows with kind, factor, contrast and given by what they compare."""
    known = rows[rows["kind"].isin(["step", "conditional step", "growth"])]
    return known.set_index(keys(known["kind"], known["factor"], known["contrast"], known["given"]))


@cache
def own_effects(table: str) -> DataFrame:
    """Estimate what the analysis prints about a table."""
    return by_key(effects(fitted(table)))


@cache
def own_contrasts(table: str) -> dict[str, Contrast]:
    """List the contrasts of the analysis by what they compare."""
    asked = [c for c in all_contrasts(fitted(table)) if not c.refusal]
    names = ["kind", "factor", "contrast", "given"]
    texts = DataFrame([(c.kind, c.factor, c.text, c.given) for c in asked], columns=names)
    return dict(zip(keys(*(texts[name] for name in names)), asked, strict=True))


def matched(table: str, method: str) -> "list[tuple[Contrast, Series[float]]]":
    """Pair each contrast that R estimated by a method with the analysis' own."""
    own, estimated = own_contrasts(table), by_key(r_numbers(table, method))
    return [(own[key], row) for key, row in estimated.iterrows()]


@pytest.mark.parametrize("table", TABLES)
def test_effects_are_those_of_emmeans(table):
    own, expected = own_effects(table), by_key(r_numbers(table, "pooled"))
    found = own.loc[expected.index, ESTIMATE]
    assert found.to_numpy() == pytest.approx(expected["estimate"].to_numpy(), rel=DIGITS)


@pytest.mark.parametrize("table", TABLES)
def test_no_step_is_estimated_that_r_has_not(table):
    own, expected = own_effects(table), by_key(r_numbers(table, "pooled"))
    steps = own[own["kind"].ne("growth") & own[ESTIMATE].notna()]
    assert set(steps.index) == set(expected.index[expected["kind"] != "growth"])


@pytest.mark.parametrize("table", [name for name in TABLES if name not in HOLES])
def test_marginal_means_are_those_of_emmeans(table):
    expected = r_numbers(table, "pooled").query("kind == 'mean'")
    means = marginal_means(fitted(table)).set_index(["factor", "text"])["mean"]
    found = means.loc[list(zip(expected["factor"], expected["contrast"], strict=True))]
    assert found.to_numpy() == pytest.approx(expected["estimate"].to_numpy(), rel=DIGITS)


WITH_JOINT_TESTS = ["crossed", "strata", "four_factors", *HOLES, "incomplete"]


@pytest.mark.parametrize(
    ("table", "method"),
    [*((table, "pooled") for table in WITH_JOINT_TESTS),
     *((table, "mixed") for table in ("crossed", "strata", "four_factors", "incomplete"))],
)  # fmt: skip
def test_interactions_are_about_as_likely_as_emmeans_and_lmer_test_say(table, method):
    """Here against their own differences between replicates, there against all that is left."""
    expected = r_numbers(table, method).query("kind == 'joint'").set_index("factor")
    for row in interactions(fitted(table)).to_dict("records"):
        joint = expected.loc[f"{row['factor']} × {row['by']}"]
        assert abs(np.log10(row["p"] / joint["p"])) < 1 + abs(np.log10(joint["p"])) / 2


@pytest.mark.parametrize("table", ["crossed", "strata", "four_factors"])
def test_terms_have_the_errors_of_aov(table):
    """Each in its own stratum, but where that is below the rest: there the two are pooled."""
    shares = variance_shares(fitted(table)).set_index("term")
    expected = r_numbers(table, "strata").query("kind in ('term', 'replicates disagree')")
    num_own = 0
    for row in expected.to_dict("records"):
        found = shares.loc[row["factor"]]
        assert found["df"] == row["df1"]
        if found["error_df"] == row["df2"]:
            assert found["f"] == pytest.approx(row["f"], rel=DIGITS)
            assert found["p"] == pytest.approx(row["p"], rel=1e-5)
            num_own += 1
        else:
            own = f"replicate × {row['factor']}"
            assert found["error_df"] > row["df2"], own
    assert num_own >= len(expected) / 2


@pytest.mark.parametrize("method", ["pooled", "cr2"])
@pytest.mark.parametrize("table", TABLES)
def test_holm_is_that_of_r(table, method):
    expected = r_numbers(table, method).query("p_holm.notna()")
    found = adjust_holm(expected["p"])
    assert found.to_numpy() == pytest.approx(expected["p_holm"].to_numpy(), rel=DIGITS)


@pytest.mark.parametrize("table", TABLES)
def test_the_pooled_error_is_that_of_lm(table):
    executions = fitted(table).sample.executions
    design, value = design_of(executions), executions["value"].to_numpy()
    for contrast, expected in matched(table, "pooled"):
        found = least_squares(design, value, of_cells(contrast, design))
        assert found == pytest.approx(expected[["estimate", "se", "df"]].tolist(), rel=DIGITS)
        t = expected["estimate"] / expected["se"]
        assert expected["p"] == pytest.approx(2 * stats.t.sf(abs(t), expected["df"]), rel=1e-4)


@pytest.mark.parametrize("table", TABLES)
def test_the_error_by_replicate_is_that_of_club_sandwich(table):
    executions = fitted(table).sample.executions
    design, value = design_of(executions), executions["value"].to_numpy()
    for contrast, expected in matched(table, "cr2"):
        weights = of_cells(contrast, design)
        found = cr2(design, value, weights, executions["replicate"].to_numpy())
        assert found == pytest.approx(expected[["se", "df"]].tolist(), rel=2 * DIGITS)


@pytest.mark.parametrize("table", [name for name in TABLES if name != "unshared"])
def test_own_spreads_are_those_of_club_sandwich(table):
    """What a contrast varied between replicates, before its kind steadies it."""
    model, (weights, expected) = fitted(table), laid_out(table, "cr2")
    found = model.errors.spreads(weights)
    assert np.sqrt(found.own) == pytest.approx(expected["se"].to_numpy(), rel=2 * DIGITS)
    assert found.own_df == pytest.approx(expected["df"].to_numpy(), rel=2 * DIGITS)


def test_without_shared_replicates_intervals_are_those_of_welch():
    _, expected = laid_out("unshared", "welch")
    assert half_widths("unshared", "welch") == pytest.approx(1, rel=DIGITS)
    assert len(expected) == 17


def laid_out(table: str, method: str):
    """Lay out the contrasts that R estimated by a method, with its numbers."""
    pairs = matched(table, method)
    weights = weight_matrix([contrast for contrast, _ in pairs], len(fitted(table).count))
    return weights, DataFrame([expected for _, expected in pairs])


def half_widths(table: str, method: str):
    """Divide the half-widths of the analysis' intervals by R's."""
    weights, expected = laid_out(table, method)
    found = fitted(table).estimate(weights)
    half_width = stats.t.ppf(0.975, found.df) * found.se
    return half_width / ((expected["high"] - expected["low"]).to_numpy(float) / 2)


def of_cells(contrast: Contrast, design):
    """Lay a contrast's weights out on the columns of `design_of`."""
    weights = np.zeros(design.shape[1])
    weights[contrast.cells] = contrast.weights
    return weights


@pytest.mark.parametrize("table", COMPLETE)
def test_replicates_disagree_as_in_the_strata_of_aov(table):
    model = fitted(table)
    sizes = [len(levels) for levels in model.sample.levels.values()]
    expected = r_numbers(table, "strata").query("kind == 'stratum'").set_index("factor")
    for axis, factor in enumerate(model.sample.question.factors):
        mean_square, df = disagreement(model.by_replicate.reshape(*sizes, -1), axis)
        row = expected.loc[f"replicate × {factor}"]
        assert (mean_square, df) == pytest.approx((row["variance"], row["df"]), rel=DIGITS)


def test_a_mixed_model_finds_the_stratum_where_replicates_are_complete():
    model, executions = fitted("strata"), r_numbers("strata", "mixed")
    sizes = [len(levels) for levels in model.sample.levels.values()]
    mean_square, df = disagreement(model.by_replicate.reshape(*sizes, -1), axis=1)
    steps = executions.query("kind == 'step' and factor == 'depth'")
    se = np.sqrt(2 * mean_square / (sizes[0] * model.num_replicates))
    assert steps["se"].to_numpy() == pytest.approx(se, rel=OF_OPTIMISER)
    assert steps["df"].to_numpy() == pytest.approx(df, rel=OF_OPTIMISER)


@pytest.mark.parametrize("family", ["equal_df", "unequal_df", "no_spread_of_variances", "wide"])
def test_variances_are_moderated_as_by_limma(family):
    numbers = r_numbers("variances", "limma").query("factor == @family")
    drawn = numbers[numbers["kind"] == "variance"]
    variances, df = drawn["variance"].to_numpy(), drawn["df"].to_numpy()
    prior = smyth_prior(variances, df)
    expected = numbers[numbers["kind"] == "prior"].iloc[0]
    assert prior == pytest.approx((expected["df"], expected["variance"]), rel=1e-5)
    found = moderate(variances, df, prior)
    assert found == pytest.approx(drawn["moderated"].to_numpy(), rel=1e-5)


@pytest.mark.parametrize("table", COMPLETE)
def test_intervals_are_moderated_as_by_limma(table):
    by_replicate = fitted(table).by_replicate
    numbers = r_numbers(table, "prior")
    priors = numbers[numbers["kind"] == "prior"].set_index("factor")
    for contrast, expected in matched(table, "prior"):
        prior = tuple(priors.loc[contrast.factor, ["df", "variance"]])
        drawn = np.array([contrast.weights @ by_replicate[contrast.cells]])
        d, length = drawn.size - 1, (contrast.weights**2).sum()
        variance = moderate(drawn.var(axis=1, ddof=1) / length, np.array([d]), prior)
        se = float(np.sqrt(length * variance[0] / drawn.size))
        half_width = stats.t.ppf(0.975, d + prior[0]) * se
        found = (drawn.mean() - half_width, drawn.mean() + half_width)
        assert found == pytest.approx((expected["low"], expected["high"]), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("table", ["crossed", "strata", "four_factors", "one_factor", *HOLES,
                                   "incomplete"])  # fmt: skip
def test_intervals_are_about_those_of_a_mixed_model(table):
    """Satterthwaite's, by lmerTest: as wide on the whole where all cells vary alike.

    One that is much wider is of a contrast that its own replicates do not bear out.
    """
    ratios = half_widths(table, "mixed")
    assert 0.95 < np.median(ratios) < 1.15
    assert (ratios > 0.7).all()
    assert np.quantile(ratios, 0.9) < 1.5


def test_a_mixed_model_takes_cells_of_unequal_spread_for_alike_and_the_analysis_does_not():
    ratios = half_widths("spread", "mixed")
    assert ratios.min() < 0.25
    assert ratios.max() > 2


@pytest.mark.parametrize("table", [name for name in COMPLETE if name != "one_factor"])
def test_moderation_with_limma_s_prior_is_limma_s(table):
    weights, expected = laid_out(table, "limma")
    model, numbers = fitted(table), r_numbers(table, "limma")
    priors = numbers[numbers["kind"] == "prior"].set_index("factor")
    for factor, rows in expected.reset_index(drop=True).groupby("factor"):
        spreads = model.errors.spreads(weights[rows.index])
        prior_df, prior = priors.loc[factor, ["df", "variance"]]
        prior /= model.num_replicates  # limma's is of one replicate
        squares = moderate_analysis(spreads.own, spreads.own_df, prior_df, prior)
        assert np.sqrt(squares) == pytest.approx(rows["se"].to_numpy(), rel=1e-5)


@pytest.mark.parametrize("table", ["crossed", "strata", "spread", "four_factors"])
def test_moderated_intervals_are_about_those_of_limma_and_seldom_narrower(table):
    ratios = half_widths(table, "limma")
    assert 0.95 < np.median(ratios) < 1.35
    assert (ratios > 0.75).all()


def test_a_complete_fraction_s_steps_are_those_of_lm_and_sandwich():
    steps = model_fraction(fitted("fraction_once"), None).steps
    for method, error in (("", "ordinary_se"), (" hc3", "hc3_se")):
        expected = r_numbers("fraction_once", f"fraction pairs{method}").query("kind == 'step'")
        for name, known in (("estimate", "estimate"), (error, "se")):
            found = steps[name].to_numpy()
            assert found == pytest.approx(expected[known].to_numpy(), rel=DIGITS, abs=DIGITS)


def test_a_fraction_with_missing_executions_is_estimated_as_by_a_mixed_model():
    """With replicates as blocks and cells at random; raw means of cells are another question."""
    found = model_fraction(fitted("fraction_repeated"), None)
    expected = r_numbers("fraction_repeated", "fraction pairs mixed").query("kind == 'step'")
    miss = np.abs(found.steps["estimate"].to_numpy() - expected["estimate"].to_numpy())
    assert (miss < 0.5 * expected["se"].to_numpy()).all()
    raw = r_numbers("fraction_repeated", "fraction pairs").query("kind == 'step'")
    assert np.abs(raw["estimate"].to_numpy() - expected["estimate"].to_numpy()).max() > 0.5
    wider = (found.steps["ci_high"] - found.steps["ci_low"]).to_numpy()
    wider = wider / (expected["high"] - expected["low"]).to_numpy()
    assert (wider > 1).all()  # replicates disagree on factors, which that model does not know
    assert np.median(wider) < 1.1


@pytest.mark.parametrize("terms", ["main", "pairs"])
@pytest.mark.parametrize("table", FRACTIONS)
def test_a_fraction_is_regressed_as_by_lm_and_sandwich(table, terms):
    executions = read_table(table)
    factors = factors_of(executions)
    means = executions.groupby(list(factors), as_index=False)["value"].mean()
    coded = [f"C({factor}, Sum)" for factor in factors]
    power = "**2" if terms == "pairs" else ""
    fit = smf.ols(f"value ~ ({' + '.join(coded)}){power}", means).fit()
    for method, results in (
        (f"fraction {terms}", fit),
        (f"fraction {terms} hc3", fit.get_robustcov_results("HC3", use_t=True)),
    ):
        for row in r_numbers(table, method).query("kind == 'step'").to_dict("records"):
            weights = Series(0.0, index=fit.params.index)
            first, second = (f"C({row['factor']}, Sum)[S.{level}]" for level in (1, 2))
            # Sum coding: the third level is minus the sum of the others.
            weights[[first, second]] = [-1, 1] if row["contrast"] == "1 → 2" else [-1, -2]
            tested = results.t_test(weights.to_numpy())
            found = (tested.effect.item(), tested.sd.item(), *tested.conf_int()[0])
            expected = (row["estimate"], row["se"], row["low"], row["high"])
            assert found == pytest.approx(expected, rel=DIGITS, abs=DIGITS)
