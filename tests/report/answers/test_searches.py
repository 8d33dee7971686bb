"""The sentences of a search, a fraction and single trainings, from numbers."""

import pandas as pd

from tuner.objective import VALIDATION_ACCURACY
from tuner.report.answers.fractions import matters_sentence
from tuner.report.answers.naming import Naming, Unit
from tuner.report.answers.searches import (
    best_sentence,
    cheapest_sentence,
    single_sentence,
    unknown_sentence,
)

DEPTH = Naming("conv_blocks", "depth", "depth", Unit(1, "blocks"))
NAMES = {
    "conv_blocks": DEPTH,
    "filter_multiplier": Naming("filter_multiplier", "width", "width", Unit(16, "filters")),
}
BEST = {
    "conv_blocks": 3, "filter_multiplier": 1.0, "epochs": 12, "mean": 98.9, "low": 98.6,
    "high": 99.2, "n": 3, "params": 98_890, "flops": 11.9e6, "seconds": 134.0, "behind": 0.0,
    "behind_low": float("nan"), "told_apart": False,
}  # fmt: skip
SECOND = BEST | {"filter_multiplier": 2.0, "behind": 0.3, "behind_low": -0.2}


def said_of(*networks):
    """What is said of ranked networks."""
    return best_sentence(pd.DataFrame(networks), 39, NAMES, VALIDATION_ACCURACY)


def test_the_best_of_a_search_stands_with_its_replicates_and_the_second():
    assert said_of(BEST, SECOND) == (
        "The best of 39 tried: 3 blocks, 16 filters, 98.9% (three replicates: 98.6 to 99.2); the "
        "second, 0.3 points behind, is not told apart."
    )


def test_a_second_that_is_worse_for_sure_is_said_to_be_behind():
    second = SECOND | {"behind": 2.1, "behind_low": 1.0, "told_apart": True}
    assert said_of(BEST, second).endswith("; the second is 2.1 points behind.")


def test_single_trainings_tell_no_order():
    alone = {"n": 1, "behind_low": float("nan")}
    said = said_of(BEST | alone, SECOND | alone)
    assert "(one training)" in said
    assert said.endswith("cannot be compared: one training each shows no chance.")
    assert said_of(BEST | alone).endswith("; no other was trained for as long.")


def test_a_search_says_what_it_cannot_say():
    assert unknown_sentence({"conv_blocks": DEPTH}, "tuner complete") == (
        "What depth does, this search cannot say: tuner complete does."
    )
    assert unknown_sentence(NAMES, "tuner complete").startswith("What depth and width do, ")


def test_without_replicates_the_best_is_named_and_chance_is_not_known():
    single = pd.DataFrame([BEST | {"n": 1}])
    assert single_sentence(single, NAMES, VALIDATION_ACCURACY) == (
        "Single trainings: 3 blocks, 16 filters had the best result, 98.9%. How much is chance, "
        "one training each cannot say."
    )


def test_the_best_network_of_any_study_has_its_cost():
    assert cheapest_sentence(pd.DataFrame([BEST]), NAMES, VALIDATION_ACCURACY) == (
        "The best network here: 3 blocks, 16 filters, 98.9% after 12 epochs (98,890 parameters, "
        "11.9 M FLOPs an image, 2 min of training)."
    )


FOUR = {
    **NAMES,
    "kernel_schedule": Naming("kernel_schedule", "kernel schedule"),
    "dense_depth": Naming("dense_depth", "dense depth", "", Unit(1, "dense layers")),
}
APART = {"conv_blocks": 31.0, "filter_multiplier": 7.2, "kernel_schedule": 2.0, "dense_depth": 0.4}


def test_a_fraction_leads_with_what_matters_most():
    seen = ["conv_blocks", "filter_multiplier", "kernel_schedule"]
    assert matters_sentence(APART, seen, FOUR, VALIDATION_ACCURACY, 54, 180) == (
        "Of the four, depth matters most (up to 31 points), then width (7.2) and kernel schedule "
        "(2); dense depth was not seen to matter. Predicted from 54 of 180 networks."
    )


def test_a_fraction_in_which_nothing_was_seen_names_no_factor():
    assert matters_sentence(APART, [], FOUR, VALIDATION_ACCURACY, 54, 180) == (
        "None of the four factors was seen to matter. Predicted from 54 of 180 networks."
    )


def test_two_trainings_each_are_not_said_to_be_single():
    told = single_sentence(pd.DataFrame([BEST | {"n": 2}]), NAMES, VALIDATION_ACCURACY)
    assert told.startswith("Few trainings: 3 blocks, 16 filters had the best result, 98.9%.")
    assert told.endswith("How much is chance, 2 trainings each cannot say.")
