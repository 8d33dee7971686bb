"""The sentence of an interaction, from the effects within levels."""

import numpy as np
import pandas as pd

from tuner.objective import VALIDATION_ACCURACY
from tuner.report.answers.dependence import dependence_sentences
from tuner.report.answers.naming import Naming, Unit

NAMES = {
    "conv_blocks": Naming("conv_blocks", "depth", "depth", Unit(1, "blocks")),
    "filter_multiplier": Naming("filter_multiplier", "width", "width", Unit(16, "filters")),
    "kernel_schedule": Naming("kernel_schedule", "kernel schedule"),
}


def within(factor, by, estimates, contrast="per doubling", reach=0.3, leads=True):
    """A factor's effect at each level of another, resolved where its interval leaves zero out."""
    kind = "conditional growth" if contrast.startswith("per") else "conditional step"
    rows = [
        {"factor": factor, "by": by, "at": at, "kind": kind, "contrast": contrast, "leads": leads,
         "estimate": value, "ci_low": value - reach, "ci_high": value + reach,
         "p_holm": 0.001 if abs(value) > reach else 0.6}
        for at, value in estimates.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def an_interaction(factor, by, resolved=True, p=0.001):
    """An interaction that was tested."""
    return pd.DataFrame([{"factor": factor, "by": by, "resolved": resolved, "p": p}])


def said_of(effects, interactions):
    """The sentences."""
    return dependence_sentences(effects, interactions, NAMES, VALIDATION_ACCURACY)


def test_an_effect_that_is_seen_at_one_level_only_says_so():
    effects = within("kernel_schedule", "conv_blocks", {"1": 21.0, "2": 0.2}, "3 → 5-3")
    assert said_of(effects, an_interaction("kernel_schedule", "conv_blocks")) == [
        "Kernel schedule was seen to matter only at 1 block: going from 3 to 5-3 adds 21 points at "
        "1 block, shows nothing at 2 blocks."
    ]


def test_a_step_is_told_with_its_unit():
    effects = within("filter_multiplier", "conv_blocks", {"1": 3.9, "2": 1.6}, "0.5 → 0.625")
    assert said_of(effects, an_interaction("filter_multiplier", "conv_blocks")) == [
        "How much width matters depends on depth: going from 8 to 10 filters adds 3.9 points at "
        "1 block, 1.6 at 2."
    ]


def test_where_no_level_by_itself_tells_it_none_is_listed():
    effects = within("filter_multiplier", "conv_blocks", {"1": -2.0, "2": 2.0}, reach=3.0)
    assert said_of(effects, an_interaction("filter_multiplier", "conv_blocks")) == [
        "How much width matters depends on depth; at no depth by itself is it told from chance."
    ]


def test_an_effect_that_differs_is_told_at_each_level():
    effects = within("filter_multiplier", "conv_blocks", {"1": 1.9, "2": 4.2})
    assert said_of(effects, an_interaction("filter_multiplier", "conv_blocks")) == [
        "How much width matters depends on depth: a doubling adds 1.9 points at 1 block, 4.2 at 2."
    ]


def test_slopes_that_no_line_fits_are_said_to_be_averages():
    effects = within("filter_multiplier", "conv_blocks", {"1": 1.9, "2": 4.2}, leads=False)
    (said,) = said_of(effects, an_interaction("filter_multiplier", "conv_blocks"))
    assert said.endswith("4.2 at 2 (each the average of its steps).")


def test_a_resolved_but_small_interaction_is_said_to_be_small():
    levels = {"0.5": 9.7, "1": 10.0, "2": 10.2}
    effects = within("conv_blocks", "filter_multiplier", levels, "per added block")
    assert said_of(effects, an_interaction("filter_multiplier", "conv_blocks")) == [
        "What depth does is much the same at every width (9.7 to 10.2 points a block)."
    ]


def test_of_both_ways_the_one_that_differs_more_is_told():
    effects = pd.concat([
        within("conv_blocks", "filter_multiplier", {"0.5": 9.6, "2": 10.3}, "per added block"),
        within("filter_multiplier", "conv_blocks", {"1": 1.9, "4": 4.2}),
    ])  # fmt: skip
    (said,) = said_of(effects, an_interaction("filter_multiplier", "conv_blocks"))
    assert said.startswith("How much width matters depends on depth")


def test_no_interaction_seen_is_no_claim_that_there_is_none():
    (said,) = said_of(
        pd.DataFrame(), an_interaction("filter_multiplier", "conv_blocks", False, 0.3)
    )
    assert said == (
        "Whether width and depth change each other's effect could not be seen: as far as this "
        "study can tell, their effects add up."
    )


def test_what_was_not_tested_is_not_told():
    assert (
        said_of(pd.DataFrame(), an_interaction("filter_multiplier", "conv_blocks", False, np.nan))
        == []
    )
