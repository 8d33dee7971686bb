import re
from dataclasses import replace

import numpy as np
import pytest
from pandas import DataFrame
from statsmodels.stats.multitest import multipletests

from tests.analysis.planted import QUESTION, WITH_KERNELS, additive, model_of, table
from tuner.analysis.effects import effects
from tuner.analysis.outcomes import sort_outcomes
from tuner.analysis.overview import analyse, estimate, say
from tuner.analysis.verdicts import budget_sentence, effect_verdict, signed
from tuner.objective import MEASURED

EFFECT = {
    "contrast": "per doubling",
    "estimate": 2.1,
    "ci_low": 1.7,
    "ci_high": 2.5,
    "p": 1e-6,
    "p_holm": 1e-5,
    "family": 14,
    "detectable": 0.6,
    "pairs": "12 of 12",
    "refusal": "",
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "+2.1 points per doubling [1.7, 2.5], in 12 of 12 pairs"),
        ({"contrast": "1 → 2", "pairs": ""}, "+2.1 points [1.7, 2.5]"),
        (
            {"estimate": 0.5, "ci_low": -0.5, "ci_high": 1.5, "p": 0.3, "p_holm": 1.0,
             "detectable": 1.4},
            "not resolved: +0.5 points per doubling [−0.5, 1.5]; "
            "this study could have seen 1.4 points",
        ),
        (
            {"estimate": 1.1, "ci_low": 0.1, "ci_high": 2.1, "p": 0.03, "p_holm": 0.2},
            "not resolved after Holm's correction for 14 contrasts: "
            "+1.1 points per doubling [0.1, 2.1]",
        ),
        (
            {"ci_low": np.nan, "ci_high": np.nan, "p": np.nan, "p_holm": np.nan,
             "refusal": "one execution a cell"},
            "means only: +2.10 points per doubling, no interval (one execution a cell)",
        ),
        (
            {"estimate": np.nan, "ci_low": np.nan, "p": np.nan, "p_holm": np.nan,
             "refusal": "no two cells differ in width alone"},
            "not estimable: no two cells differ in width alone",
        ),
    ],
)  # fmt: skip
def test_a_verdict_is_as_strong_as_its_interval(changes, said):
    assert effect_verdict(EFFECT | changes, QUESTION) == said


def test_rounding_hides_no_sign():
    verdict = effect_verdict(EFFECT | {"estimate": 1.0, "ci_low": 0.003, "ci_high": 2.0},
                             QUESTION)  # fmt: skip
    assert "[0.003, " in verdict
    assert signed(-0.04) == "+0.0"
    assert signed(-1.26) == "−1.3"


def verdicts_of(executions, question=QUESTION):
    """Say what a study tells of its factors, without all else that is asked of it."""
    model = model_of(executions, question)
    return say(model, estimate(model, None), {}, DataFrame(), sort_outcomes(model))


@pytest.mark.slow
def test_no_sign_is_claimed_where_none_is_planted():
    """Over a dozen studies of nothing, hardly one may have any verdict at all."""
    claimed = 0
    for seed in range(12):
        found = effects(model_of(table(mean=lambda depth, width: 0.5, sd=0.01, seed=seed)))
        claimed += bool((found["p_holm"] < 0.05).any())
    assert claimed <= 2  # 0.6 are expected at most; without a correction it is half of them


def test_the_answer_is_a_sentence_a_factor():
    sentences = verdicts_of(table(kernels=("3", "5-3")), WITH_KERNELS)
    assert sentences[0].startswith("Width (filter_multiplier): +1.9")
    assert "per doubling" in sentences[0]
    assert sentences[1].startswith("Depth (conv_blocks): +")
    assert "per added block" in sentences[1]
    assert sentences[2].startswith("kernel_schedule 3 → 5-3: not resolved")


def test_where_factors_interact_the_conditional_effects_follow():
    def crossed(depth, width):
        return additive(depth, width) - 0.015 * depth * np.log2(width)

    average, within = verdicts_of(table(mean=crossed))[:2]
    assert average.startswith("Width (filter_multiplier): −1.1 points per doubling [")
    assert within.startswith(
        "Width (filter_multiplier): its effect depends on conv_blocks. At conv_blocks=1: +"
    )
    assert within.count("At conv_blocks=") == 3


def test_an_interaction_that_is_resolved_and_small_is_said_to_be_small():
    def crossed(depth, width):
        return additive(depth, width) + 0.001 * depth * np.log2(width)

    sentences = verdicts_of(table(mean=crossed, sd=0.0004))
    assert any("they interact" in sentence for sentence in sentences)
    [little] = [s for s in sentences if s.startswith("Depth") and "differs little" in s]
    assert little == (
        "Depth (conv_blocks): its effect differs little between levels of filter_multiplier: "
        "4.92 to 5.10 points per added block."
    )


def sentences_of(gains, **changes):
    """Say what a study tells of depth, planted as gains over one block."""
    planted = {"depths": range(1, len(gains) + 1), "mean": lambda d, w: 0.3 + gains[int(d) - 1]}
    sentences = verdicts_of(table(**planted | changes))
    return [sentence for sentence in sentences if sentence.startswith("Depth")]


def test_where_no_line_fits_the_shape_leads_and_the_steps_follow():
    [said] = sentences_of((0, 0.13, 0.24, 0.30))
    numbers = r"\[\d+\.\d, \d+\.\d\]"
    assert re.fullmatch(
        rf"Depth \(conv_blocks\): rises by less each time: 1 → 2 \+1[23]\.\d points {numbers}, "
        rf"2 → 3 \+1[01]\.\d points {numbers}, 3 → 4 \+[56]\.\d points {numbers}\.",
        said,
    )


def test_steps_that_are_not_resolved_stand_apart_with_what_could_have_been_seen():
    [said] = sentences_of((0, 0.15, 0.20, 0.20))
    assert said.startswith("Depth (conv_blocks): rises by less each time and levels off after 3: ")
    assert re.search(r"Not resolved: 3 → 4 [+−]0\.\d+ points .*; this study could have seen", said)


def test_a_peak_is_told_as_a_peak():
    [said] = sentences_of((0, 0.2, 0.4, 0.35))
    assert said.startswith("Depth (conv_blocks): peaks at 3: 1 → 2 +")


def test_shapes_within_levels_are_brief():
    def crossed(depth, width):
        return 0.3 + (0, 0.13, 0.24, 0.30)[int(depth) - 1] * (0.5 + width)

    sentences = verdicts_of(table(depths=(1, 2, 3, 4), mean=crossed, widths=(0.1, 0.3, 0.5)))
    within = next(s for s in sentences if "its effect depends on filter_multiplier" in s)
    assert re.search(r"At filter_multiplier=0.5: rises by less each time \(1 → 2 \+13", within)
    assert "[" not in within


def test_without_replicates_a_curve_has_its_steps_as_means_only():
    [said] = sentences_of((0, 0.13, 0.24, 0.30), replicates=1)
    assert said.count("means only") == 3
    assert "rises" not in said


def test_every_pair_that_interacts_has_its_conditional_effects():
    executions = table(kernels=("3", "5-3"))
    narrow = executions["kernel_schedule"].eq("5-3") & executions["filter_multiplier"].eq(0.5)
    executions.loc[narrow, "val_accuracy"] += 0.05
    analysis = analyse(executions, WITH_KERNELS)
    within = analysis.effects.query("by == 'filter_multiplier' and factor == 'kernel_schedule'")
    assert within["at"].tolist() == ["0.5", "1", "2"]
    said = next(s for s in analysis.verdicts if s.startswith("kernel_schedule: its effect depends"))
    assert "At filter_multiplier=0.5: 3 → 5-3 +" in said
    assert "kernel_schedule" not in set(effects(analysis.model)["by"])  # not asked for unprompted
    of_family = multipletests(analysis.effects["p"], method="holm")[1]
    assert analysis.effects["p_holm"].to_numpy() == pytest.approx(of_family)


def test_pairs_that_were_not_tested_are_not_counted():
    pairs = DataFrame({
        "matching_error": [0.1, -0.05, 0.2],
        "p_holm": [0.001, 0.4, np.nan],
        "verdict": [
            "deeper is better: +2.0 points", "not resolved: +0.1 points", "means only: +1.0 points",
        ],
    })  # fmt: skip
    assert budget_sentence("flops", pairs) == (
        "Wide against deep at equal flops (within 20%), 3 pairs of cells: the deeper one is better "
        "in 1 of 2 that could be tested, after Holm's correction."
    )
    unresolved = pairs.assign(verdict="not resolved: +0.1 points")
    assert budget_sentence("flops", unresolved).endswith(
        "3 pairs of cells: which is better is resolved in none of 2 that could be tested, "
        "after Holm's correction."
    )
    assert budget_sentence("flops", pairs.assign(p_holm=np.nan)).endswith(
        "3 pairs of cells: none could be tested."
    )


def test_a_smaller_loss_is_said_to_be_better():
    executions = table().assign(val_loss=lambda rows: 1 - rows["val_accuracy"])
    question = replace(QUESTION, objective=MEASURED["val_loss"])
    sentences = verdicts_of(executions, question)
    assert "−0.0" in sentences[0]
    assert " of val_loss per doubling" in sentences[0]
    assert any("A smaller val_loss is better" in sentence for sentence in sentences)


def test_a_study_without_replicates_claims_nothing():
    sentences = analyse(table(replicates=1), QUESTION).verdicts
    effects_said = [sentence for sentence in sentences if sentence.startswith(("Width", "Depth"))]
    assert all("means only" in sentence or "pairs of cells" in sentence
               for sentence in effects_said)  # fmt: skip
