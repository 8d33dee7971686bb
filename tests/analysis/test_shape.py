"""Shape before slope: when a line may stand for the levels, and what is said where none may."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from pandas import DataFrame
from scipy import stats

from tests.analysis.planted import additive, model_of, only, table
from tuner.analysis.contrasts import Contrast, all_contrasts
from tuner.analysis.effects import effects
from tuner.analysis.model import Model, fit
from tuner.analysis.shape import Line, Step, lack_of_fit, line_of, shape_of

DEPTHS = (1, 2, 3, 4, 5)
CURVES = {  # gains over one block, in fractions, at one to five blocks
    "concave": (0, 0.13, 0.24, 0.30, 0.31),
    "levels off": (0, 0.17, 0.25, 0.28, 0.28),
    "peak": (0, 0.05, 0.10, 0.08, 0.06),
    "double dip": (0.10, 0, 0.10, 0, 0.10),
    "convex": (0, 0.01, 0.03, 0.08, 0.20),
}


def studies(gain, number: int, sd: float):
    """Simulate studies of one design: their models, and the slope of depth that all ask for."""
    first = model_of(table(depths=DEPTHS, sd=0.0, mean=lambda d, w: gain(d) + 0.01 * np.log2(w)))
    slope = next(c for c in all_contrasts(first) if c.factor == "conv_blocks")
    rng = np.random.default_rng(0)
    truth = first.sample.executions
    for _ in range(number):
        noise = 100 * sd * rng.normal(size=len(truth))
        drawn = truth.assign(value=truth["value"] + noise)
        yield fit(replace(first.sample, executions=drawn)), slope


@pytest.mark.slow
def test_a_line_is_kept_in_93_of_100_studies():
    kept = [line_of(*study).fits for study in studies(lambda d: 0.03 * d, 100, sd=0.01)]
    assert np.mean(kept) >= 0.93


def test_a_precise_study_refutes_a_line_and_keeps_it():
    assert all(line_of(*study).fits for study in studies(lambda d: 0.03 * d, 20, sd=0.0005))


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_never_leads_with_a_slope(name):
    found = studies(lambda d: CURVES[name][int(d) - 1], 8, sd=0.006)
    assert not any(line_of(*study).fits for study in found)


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        (Line(0.2, share=0.1, miss=3.0), True),  # nothing speaks against it
        (Line(0.01, share=0.99, miss=0.1), True),  # refuted, and good enough
        (Line(0.01, share=0.97, miss=0.5), False),  # 97% of 13, 11 and 5 is a line of 10
        (Line(0.01, share=0.90, miss=0.2), False),
        (Line(np.nan, share=0.99, miss=0.1), True),  # no measure of chance: what is seen decides
        (Line(np.nan, share=0.6, miss=0.1), False),
    ],
)
def test_a_line_may_stand_for_levels_that_it_tells_well(line, fits):
    assert line.fits == fits


def test_lack_of_fit_is_the_f_of_the_analysis_of_variance():
    """By hand: two contrasts beyond the line, sums of squares 6 and 2 of means of four."""
    p = lack_of_fit(np.array([6.0, 2.0]), variances=np.full(2, 0.8), df=np.full(2, 12.0))
    assert p == pytest.approx(stats.f.sf((6 + 2) / 2 / 0.8, 2, 12))


def test_lack_of_fit_needs_a_measure_of_chance():
    assert np.isnan(lack_of_fit(np.array([1.0]), np.array([np.nan]), np.array([np.nan])))
    assert lack_of_fit(np.array([1.0]), np.array([0.0]), np.array([4.0])) == 0
    assert lack_of_fit(np.array([0.0]), np.array([0.0]), np.array([4.0])) == 1


def test_the_share_and_the_miss_of_a_line_are_those_of_the_marginal_means():
    """By hand: gains of 8 and 4 points leave 27 of 28 parts to a line of 6, a third off."""
    gains = {1: 0.0, 2: 0.08, 3: 0.12}
    model = model_of(table(sd=0.0, mean=lambda depth, width: 0.3 + gains[depth] + 0.01 * width))
    line = line_of(model, slope_of(model))
    rise, bend = 12**2 / 2, 4**2 / 6
    assert line.share == pytest.approx(rise / (rise + bend))
    assert line.miss == pytest.approx(1 / 3)


def slope_of(model: Model, factor: str = "conv_blocks") -> Contrast:
    """Find the slope of a factor over all."""
    return next(c for c in all_contrasts(model) if c.factor == factor and c.kind == "growth")


def test_two_levels_are_a_line():
    model = model_of(table(depths=(1, 2)))
    assert line_of(model, slope_of(model)) == Line(1.0, 1.0, 0.0)


def test_a_hundred_levels_are_held_against_twenty_groups():
    widths = tuple(np.geomspace(1, 64, 100))
    straight = model_of(table(depths=(1,), widths=widths, sd=0.02))
    bent = model_of(
        table(depths=(1,), widths=widths, sd=0.02, mean=lambda d, w: 0.9 - 0.3 / w)
    )  # fmt: skip
    assert line_of(straight, slope_of(straight, "filter_multiplier")).fits
    assert not line_of(bent, slope_of(bent, "filter_multiplier")).fits


R, F, U = (5.0, 4.0, 6.0), (-5.0, -6.0, -4.0), (0.2, -0.5, 0.9)  # rises, falls, unresolved
LESS, LEAST, MORE = (3.0, 2.0, 3.9), (1.2, 0.95, 1.45), (9.0, 8.0, 10.0)


@pytest.mark.parametrize(
    ("steps", "shape"),
    [
        ([U, U], "no step is resolved"),
        ([R, R, R], "rises"),
        ([F, F], "falls"),
        ([MORE, R, LESS], "rises by less each time"),
        ([LESS, R, MORE], "rises by more each time"),
        ([MORE, R, LESS, LEAST, U], "rises by less each time and levels off after 5"),
        ([R, R, U, U], "rises and levels off after 3"),
        ([F, F, U], "falls and levels off after 3"),
        ([R, R, (3.0, -1.0, 7.0)], "rises to 3; what follows is not resolved"),
        ([R, (np.nan, np.nan, np.nan)], "rises to 2; what follows is not resolved"),
        ([U, R, R], "rises from 2 on"),
        ([R, U, R], "rises"),
        ([R, R, F], "peaks at 3"),
        ([R, U, F], "peaks between 2 and 3"),
        ([F, F, R], "falls, then rises: lowest at 3"),
        ([F, U, R], "falls, then rises: lowest between 2 and 3"),
        ([F, R, F, R], "rises and falls in no order"),
        ([R, U, F, U, R], "rises and falls in no order"),
    ],
)
def test_a_shape_is_made_of_the_resolved_steps(steps, shape):
    made = [
        Step(str(i + 1), str(i + 2), *step, is_resolved=step not in (U,) and step[1] * step[2] > 0)
        for i, step in enumerate(steps)
    ]
    assert shape_of(made) == shape


@cache
def concave() -> DataFrame:
    """Estimate a study where depth adds less each time."""
    gains = CURVES["concave"]
    mean = lambda d, w: 0.3 + gains[int(d) - 1] + 0.03 * np.log2(w)  # noqa: E731
    return effects(model_of(table(depths=DEPTHS, mean=mean)))


def test_steps_lead_where_no_line_does_and_the_slope_is_flagged():
    of_depth = concave().query("factor == 'conv_blocks' and by == ''")
    assert of_depth["leads"].tolist() == [False, True, True, True, True]
    slope = of_depth.iloc[0]
    assert slope["lack_of_fit"] < 0.05
    assert 0.8 < slope["line_share"] < 0.99
    assert slope["verdict"].startswith("no straight line fits (lack of fit p < 0.001): +")
    of_width = concave().query("factor == 'filter_multiplier' and by == ''")
    assert of_width["leads"].tolist() == [True, False, False]
    assert of_width.iloc[0]["verdict"].startswith("+3.")


def test_no_slope_leads_against_a_resolved_step():
    """One dip of many levels is lost in the test of fit, and still no slope may hide it."""

    def dented(depth, width):
        return 0.3 + 0.02 * depth - 0.03 * (depth == 6)

    found = effects(model_of(table(depths=tuple(range(1, 13)), mean=dented, sd=0.006, seed=1)))
    assert only(found, factor="conv_blocks", contrast="5 → 6", by="")["p_holm"] < 0.05
    assert not only(found, factor="conv_blocks", kind="growth")["leads"]


def test_one_far_level_decides_no_slope():
    found = effects(model_of(table(depths=(1, 2, 3, 50))))
    slope = only(found, factor="conv_blocks", kind="growth")
    assert np.isnan(slope["estimate"])
    assert slope["verdict"] == (
        "not estimable: conv_blocks=50 alone would decide it (leverage 1.00)"
    )


def corner(depths, widths) -> DataFrame:
    """Make narrow nets of any depth, and shallow nets of any width."""
    whole = table(depths=depths, widths=widths, mean=additive)
    few = whole["conv_blocks"] <= 2
    return whole[few | (whole["filter_multiplier"] <= 2)]


def test_a_factor_that_is_not_crossed_over_its_range_has_no_slope():
    levels = (1, 2, 4, 8, 16, 32, 64)
    found = effects(model_of(corner(levels, levels)))
    slope = only(found, factor="conv_blocks", kind="growth")
    assert np.isnan(slope["estimate"])
    assert slope["verdict"].endswith(
        "conv_blocks is not crossed with the other factors over its range; "
        "it is at filter_multiplier 1, 2, 4, 8, 16, 32, … 1 more × conv_blocks 1, 2"
    )
    step = only(found, factor="conv_blocks", contrast="1 → 2", by="")
    assert step["estimate"] == pytest.approx(5, abs=0.5)


def test_a_scale_that_is_not_crossed_has_the_steps_of_the_part_that_is():
    levels = tuple(range(1, 31))
    found = effects(model_of(corner(levels, levels)))
    steps = found[found["kind"].eq("step") & found["factor"].eq("conv_blocks")]
    assert steps["contrast"].tolist() == ["1 → 2"]


def test_a_corner_that_no_network_can_have_leaves_the_slope():
    executions = table(depths=(1, 2, 3, 4))
    hole = executions["conv_blocks"].eq(4) & executions["filter_multiplier"].eq(2)
    slope = only(effects(model_of(executions[~hole])), factor="conv_blocks", kind="growth")
    assert slope["leads"]
    assert slope["estimate"] == pytest.approx(5, abs=0.3)
