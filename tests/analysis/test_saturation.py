import numpy as np
import pytest

from tests.analysis.planted import model_of, only, table
from tuner.analysis.saturation import fit_curve, saturation, saturation_curve
from tuner.errors import DataError

WIDTHS = (0.5, 1.0, 2.0, 4.0, 8.0)


def levelling(depth, width):
    """Error is 20 + 20 · width^-1, in points."""
    return 1 - (0.20 + 0.20 / width)


def test_a_planted_limit_is_found():
    fits = saturation(model_of(table(mean=levelling, widths=WIDTHS, depths=(1, 2))))
    for parameter, truth in (("a", 20.0), ("b", 20.0), ("c", 1.0)):
        row = only(fits, given="", parameter=parameter)
        assert row["ci_low"] < truth < row["ci_high"]
        assert row["estimate"] == pytest.approx(truth, rel=0.1)
    assert "levels off at" in fits["verdict"].iloc[0]
    assert fits["given"].unique().tolist() == ["", "conv_blocks=1", "conv_blocks=2"]


def test_three_levels_are_refused():
    with pytest.raises(DataError, match="3 levels"):
        saturation(model_of(table(mean=levelling, widths=WIDTHS[:3])))


def test_names_are_refused():
    executions = table(mean=levelling, widths=WIDTHS)
    executions["filter_multiplier"] = "x" + executions["filter_multiplier"].astype(str)
    with pytest.raises(DataError, match="not positive numbers"):
        saturation(model_of(executions))


def test_a_straight_growth_has_no_limit_to_find():
    fits = saturation(model_of(table(widths=WIDTHS, sd=0.01)))
    assert fits["verdict"].str.startswith("not resolved").iloc[0]


def test_what_the_curve_does_not_describe_is_said():
    def peaked(depth, width):
        return 0.6 - 0.05 * (np.log2(width) - 1) ** 2

    fits = saturation(model_of(table(mean=peaked, widths=WIDTHS)))
    assert "does not describe" in fits["verdict"].iloc[0]


def test_the_drawn_curve_is_the_fitted_one():
    fits = saturation(model_of(table(mean=levelling, widths=WIDTHS, sd=0.0005)))
    curve = saturation_curve(fits[fits["given"] == ""], 1.0, 4.0)
    assert curve["x"].iloc[[0, -1]].tolist() == pytest.approx([1.0, 4.0])
    assert curve["mean"].iloc[[0, -1]].tolist() == pytest.approx([60.0, 75.0], abs=0.3)


@pytest.mark.slow
def test_the_interval_of_the_limit_covers_it():
    rng = np.random.default_rng(0)
    width, sd = np.array([0.5, 1, 2, 4, 8, 16]), 0.4
    truth = 20 + 20 * width**-0.8
    covered = []
    for _ in range(300):
        error = truth + sd * rng.normal(size=len(width))
        rows = fit_curve(width, error, sd**2 * np.eye(len(width)), df=1000)
        covered.append(rows["ci_low"][0] <= 20 <= rows["ci_high"][0])
    assert 0.92 <= np.mean(covered) <= 0.985


@pytest.mark.slow
def test_the_limit_carries_what_replicates_have_in_common():
    """The planted replicates differ by a point, cells by a tenth of it."""
    covered = []
    for seed in range(20):
        model = model_of(table(mean=levelling, widths=WIDTHS, depths=(1, 2), sd=0.001, seed=seed))
        limit = only(saturation(model), given="", parameter="a")
        covered.append(limit["ci_low"] <= 20 <= limit["ci_high"])
    assert 0.86 <= np.mean(covered) <= 1.0


def test_a_common_shift_moves_the_limit_alone():
    width = np.array([0.5, 1, 2, 4, 8, 16])
    error, covariance = 20 + 20 * width**-0.8, 0.01 * np.eye(len(width))
    alone, shifted = (fit_curve(width, error, covariance, 100, half) for half in (0.0, 3.0))
    assert shifted["ci_high"][0] - shifted["estimate"][0] == pytest.approx(
        np.hypot(3.0, alone["ci_high"][0] - alone["estimate"][0])
    )
    assert alone.loc[1:, ["ci_low", "ci_high"]].equals(shifted.loc[1:, ["ci_low", "ci_high"]])
