"""The sentence of a factor, row by row of the rule: from numbers to words."""

from dataclasses import replace
from itertools import pairwise

from tuner.analysis.shape import Step
from tuner.objective import MEASURED, VALIDATION_ACCURACY
from tuner.report.answers.factors import Told, factor_sentence
from tuner.report.answers.naming import Naming, Unit

DEPTH = Naming("conv_blocks", "depth", "depth", Unit(1, "blocks"))
WIDTH = Naming("filter_multiplier", "width", "width", Unit(16, "filters"))
DENSE = Naming("dense_depth", "dense depth", "", Unit(1, "dense layers"))
KERNELS = Naming("kernel_schedule", "kernel schedule")
FEATURES = Naming("features", "features", "", Unit(1, "features"))
LOSS = MEASURED["val_loss"]
UNSEEN = (0.1, -0.2, 0.4)


def told(naming=DEPTH, levels=(), steps=(), **also):
    """A factor with steps (estimate, low, high) between levels; a step over zero is unresolved."""
    made = [
        Step(low, high, *step, is_resolved=step[1] * step[2] > 0)
        for (low, high), step in zip(pairwise(levels), steps, strict=True)
    ]
    settings = {"objective": VALIDATION_ACCURACY, "slope": None, "means": {}, "detectable": []}
    return Told(naming=naming, steps=made, **(settings | also))


def around(estimate, reach=0.4):
    """An effect that is resolved, with its interval."""
    return (estimate, estimate - reach, estimate + reach)


def test_a_line_that_fits_is_told_by_doubling_or_by_block():
    assert factor_sentence(told(WIDTH, slope=(3.384, True))) == (
        "Each doubling of the filters adds about 3.4 points."
    )
    assert factor_sentence(told(DEPTH, slope=(-3.7, True))) == (
        "Each further block costs about 3.7 points."
    )


def test_an_effect_that_the_correction_alone_leaves_unresolved_is_not_called_unseen():
    said = factor_sentence(told(WIDTH, slope=(4.5, False), detectable=[22.0], is_hinted=True))
    assert said == (
        "Taken by itself, each doubling of the filters adds about 4.5 points; among so many "
        "comparisons that may be chance."
    )


def test_a_loss_is_lowered_not_gained():
    assert factor_sentence(told(WIDTH, slope=(-0.301, True), objective=LOSS)) == (
        "Each doubling of the filters lowers validation loss by about 0.3."
    )


def test_growing_by_less_each_time_lists_what_each_block_adds():
    said = factor_sentence(told(levels="1234", steps=[around(13.3), around(11.2), around(5.2)]))
    assert said == (
        "Deeper is better, by less each time: the second block adds 13 points, the third 11, "
        "the fourth 5."
    )


def test_steps_that_are_not_equally_far_have_no_pace():
    said = factor_sentence(told(WIDTH, ("0.5", "0.625", "0.9375"), [around(2.8), around(4.5)]))
    assert said == (
        "Wider is better: going from 8 to 10 filters adds 2.8 points, from 10 to 15 another 4.5."
    )


def test_steps_of_the_width_are_told_in_filters():
    said = factor_sentence(told(WIDTH, ("0.5", "1", "2"), [around(4.7), around(2.7)]))
    assert said == (
        "Wider is better, by less each time: going from 8 to 16 filters adds 4.7 points, from 16 "
        "to 32 another 2.7."
    )


def test_growing_by_more_each_time_and_falling_are_told_as_they_are():
    said = factor_sentence(told(levels="123", steps=[around(2.0), around(5.0)]))
    assert said.startswith("Deeper is better, by more each time:")
    said = factor_sentence(told(levels="123", steps=[around(-5.0), around(-2.0)]))
    assert said == (
        "Deeper is worse, by less each time: the second block costs 5 points, the third 2."
    )


def test_a_step_that_is_not_resolved_is_not_listed_and_said_to_be_missing():
    said = factor_sentence(told(levels="1234", steps=[around(5.0), UNSEEN, around(5.1)]))
    assert "the third" not in said
    assert said.endswith("; not every step is resolved.")


def test_levelling_off_says_up_to_where_and_what_would_have_been_seen():
    steps = [around(8.0), around(5.0), UNSEEN, UNSEEN]
    detectable = [0.9, 0.9, 0.3, 0.2]
    assert factor_sentence(told(levels="24678", steps=steps, detectable=detectable)) == (
        "More blocks help up to 6; beyond that nothing more was seen (a gain of 0.3 points would "
        "have been)."
    )


def test_what_may_still_grow_is_not_said_to_level_off():
    said = factor_sentence(
        told(levels="123", steps=[around(2.0), (3.0, -1.0, 7.0)], detectable=[1.0, 8.0])
    )
    assert said == (
        "More blocks help up to 2; what more does is not resolved (a gain of 8 points would have "
        "been seen)."
    )


def test_a_peak_is_where_it_is_best_and_what_the_next_step_costs():
    said = factor_sentence(told(levels="1234", steps=[around(9.0), around(4.0), around(-2.0)]))
    assert said == "Best at 3 blocks; the fourth block costs 2 points."


def test_a_peak_of_a_loss_is_where_the_loss_is_lowest():
    # Steps stand in the direction of quality: a rise lowers the loss.
    said = factor_sentence(
        told(levels="123", steps=[around(0.9, 0.1), around(-0.3, 0.1)], objective=LOSS)
    )
    assert said == "Best at 2 blocks; the third block raises validation loss by 0.3."


def test_falling_then_rising_names_the_levels_and_means():
    means = {"200": 70.2, "1000": 11.1, "5000": 82.3}
    said = factor_sentence(told(FEATURES, [*means], [around(-59), around(71)], means=means))
    assert said == (
        "Validation accuracy falls from 70% to 11% between 200 and 1,000 features, then rises to "
        "82%."
    )


def test_help_and_harm_in_no_order_names_the_best_level():
    means = {"1": 50.0, "2": 60.0, "3": 55.0, "4": 59.0}
    said = factor_sentence(
        told(levels=[*means], steps=[around(10), around(-5), around(4)], means=means)
    )
    assert said == "More and less of depth help in no order; the best mean, 60%, is at 2 blocks."


def test_named_levels_are_compared_by_name():
    assert factor_sentence(told(KERNELS, ("3", "5-3"), [around(1.2)])) == (
        "Kernel schedule 5-3 is better than 3 by 1.2 points."
    )
    assert factor_sentence(told(KERNELS, ("3", "5-3", "7-5-3"), [around(-0.5, 0.2), UNSEEN])) == (
        "Kernel schedule 5-3 is worse than 3 by 0.5 points; 7-5-3 and 5-3 are not told apart."
    )


def test_nothing_resolved_says_what_would_have_been_seen():
    said = factor_sentence(told(DENSE, "012", [UNSEEN, UNSEEN], detectable=[1.4, 1.2]))
    assert said == (
        "No effect of dense depth was seen; one of 1.4 points a dense layer would have been."
    )
    assert factor_sentence(told(WIDTH, slope=(1.3, False), detectable=[3.4])) == (
        "No effect of width was seen; one of 3.4 points a doubling would have been."
    )


def test_a_step_that_the_correction_alone_leaves_unresolved_is_not_called_unseen():
    made = [Step("0", "1", *UNSEEN, is_resolved=False), Step("1", "2", -2.1, -3.7, -0.5, False)]
    said = factor_sentence(replace(told(DENSE, detectable=[5.7]), steps=made))
    assert said == (
        "Taken by itself, the second dense layer costs 2.1 points; among so many comparisons that "
        "may be chance."
    )
    by_line = factor_sentence(replace(told(DENSE, slope=(0.2, False)), steps=made))
    assert by_line == "No effect of dense depth was seen.", "where a line fits, it leads"


def test_what_is_resolved_but_small_is_said_to_be_small():
    assert factor_sentence(told(WIDTH, slope=(0.21, True), is_little=True)) == (
        "Width matters little: 0.2 points a doubling."
    )
    said = factor_sentence(told(levels="12", steps=[around(0.3, 0.1)], is_little=True))
    assert said == "Depth matters little: 0.3 points at most a step."


def test_an_amount_never_reads_as_nothing():
    assert "0.04 points" in factor_sentence(told(WIDTH, slope=(0.04, True)))


def test_many_steps_are_told_by_the_first_and_the_last():
    levels = [str(level) for level in range(1, 8)]
    said = factor_sentence(told(levels=levels, steps=[around(4.1)] * 6))
    assert said == "Deeper is better: the second block adds 4.1 points, … the seventh 4.1."


def test_what_matters_at_some_levels_of_another_is_not_called_unseen():
    kernels = told(KERNELS, ("3", "5-3"), [UNSEEN], detectable=[0.9], depends_on=["depth"])
    assert factor_sentence(kernels) == (
        "What kernel schedule does depends on depth; on the average nothing was seen (0.9 points "
        "would have been)."
    )
    said = factor_sentence(told(WIDTH, slope=(0.21, True), is_little=True, depends_on=["depth"]))
    assert said == (
        "Width matters little on the average: 0.2 points a doubling; what it does depends on depth."
    )
