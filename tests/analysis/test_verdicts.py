from dataclasses import replace

import numpy as np
import pytest

from tests.analysis.planted import QUESTION, WITH_KERNELS, additive, model_of, table
from tuner.analysis.effects import effects
from tuner.analysis.overview import analyse
from tuner.analysis.verdicts import effect_verdict, signed
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
        ({}, "+2.1 pp per doubling [1.7, 2.5], in 12 of 12 pairs"),
        ({"contrast": "1 → 2", "pairs": ""}, "+2.1 pp [1.7, 2.5]"),
        (
            {"estimate": 0.5, "ci_low": -0.5, "ci_high": 1.5, "p": 0.3, "p_holm": 1.0,
             "detectable": 1.4},
            "not resolved: +0.5 pp per doubling [−0.5, 1.5]; this study could have seen 1.4 pp",
        ),
        (
            {"estimate": 1.1, "ci_low": 0.1, "ci_high": 2.1, "p": 0.03, "p_holm": 0.2},
            "not resolved after Holm's correction for 14 contrasts: "
            "+1.1 pp per doubling [0.1, 2.1]",
        ),
        (
            {"ci_low": np.nan, "ci_high": np.nan, "p": np.nan, "p_holm": np.nan,
             "refusal": "one execution a cell"},
            "means only: +2.10 pp per doubling, no interval (one execution a cell)",
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


@pytest.mark.slow
@pytest.mark.usefixtures("cheap_corrections")
def test_no_sign_is_claimed_where_none_is_planted():
    """Over fifty studies of nothing, few may have any verdict at all."""
    claimed = 0
    for seed in range(50):
        found = effects(model_of(table(mean=lambda depth, width: 0.5, sd=0.01, seed=seed)))
        claimed += not found["verdict"].str.startswith("not resolved").all()
    assert claimed <= 8  # 2.5 are expected at most; 8 is 3.5 standard deviations away


def test_the_answer_is_a_sentence_a_factor():
    sentences = analyse(table(kernels=("3", "5-3")), WITH_KERNELS).verdicts
    assert sentences[0].startswith("Width (filter_multiplier): +1.9 pp")
    assert "per doubling" in sentences[0]
    assert sentences[1].startswith("Depth (conv_blocks): +")
    assert "per added block" in sentences[1]
    assert sentences[2].startswith("kernel_schedule 3 → 5-3: not resolved")


def test_where_factors_interact_the_conditional_effects_lead():
    def crossed(depth, width):
        return additive(depth, width) - 0.015 * depth * np.log2(width)

    first = analyse(table(mean=crossed), QUESTION).verdicts[0]
    assert first.startswith("Width (filter_multiplier): its effect depends on conv_blocks. At conv")
    assert first.count("At conv_blocks=") == 3


def test_a_step_against_the_trend_is_named():
    def peaked(depth, width):
        return {1: 0.3, 2: 0.5, 3: 0.7, 4: 0.65}[depth]

    sentences = analyse(table(mean=peaked, depths=(1, 2, 3, 4)), QUESTION).verdicts
    depth = next(sentence for sentence in sentences if sentence.startswith("Depth"))
    assert "Against that trend: 3 → 4 (−" in depth


def test_a_smaller_loss_is_said_to_be_better():
    executions = table().assign(val_loss=lambda rows: 1 - rows["val_accuracy"])
    question = replace(QUESTION, objective=MEASURED["val_loss"])
    sentences = analyse(executions, question).verdicts
    assert "−0.0" in sentences[0]
    assert " of val_loss per doubling" in sentences[0]
    assert any("A smaller val_loss is better" in sentence for sentence in sentences)


def test_a_study_without_replicates_claims_nothing():
    sentences = analyse(table(replicates=1), QUESTION).verdicts
    effects_said = [sentence for sentence in sentences if sentence.startswith(("Width", "Depth"))]
    assert all("means only" in sentence or "pairs of cells" in sentence
               for sentence in effects_said)  # fmt: skip
