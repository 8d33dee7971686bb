"""A fraction whose cells lack executions in some replicates."""

import numpy as np
import pytest
from pandas import DataFrame
from scipy.linalg import orth

from tests.analysis.planted import model_of
from tests.analysis.test_fraction import EVERY, LEVELS, fraction, response
from tuner.analysis import Question
from tuner.analysis.cell_regression import coded, model_columns
from tuner.analysis.fraction_effects import met_cells, model_fraction
from tuner.analysis.missing_executions import fill_missing
from tuner.objective import Objective

QUESTION = Question(tuple(LEVELS), Objective("value", is_share=False, scale=1.0))
TRUE_STEP = response(EVERY).groupby(EVERY["e"]).mean().diff()[1]


def planted(lost=0.1, replicates=4, shift=5.0, seed=0):
    """Sixty of 72 cells, in replicates that are far apart; some executions are lost."""
    rng = np.random.default_rng(seed)
    cells = fraction(sd=0.1)
    values = cells["mean"].to_numpy()[:, None] + 0.2 * rng.normal(size=(60, replicates))
    values += shift * rng.normal(size=replicates)
    values[rng.random(values.shape) < lost] = np.nan
    return cells[[*LEVELS]].reset_index(drop=True), values


def executions_of(cells, values):
    wide = cells.join(DataFrame(values))
    return wide.melt([*LEVELS], var_name="replicate", value_name="value").dropna()


def test_what_is_filled_in_is_the_least_squares_fit_of_what_is_there():
    cells, values = planted()
    mains = model_columns(coded(cells, LEVELS), with_pairs=False)
    basis = orth(mains)
    filled, is_long = fill_missing(values, basis)
    cell, replicate = np.indices(values.shape).reshape(2, -1)
    of_replicates = np.eye(values.shape[1])[replicate][:, :, None] * mains[cell][:, None, :]
    design = np.hstack([np.eye(len(cells))[cell], of_replicates.reshape(len(cell), -1)])
    known = np.isfinite(values).ravel()
    found = np.linalg.lstsq(design[known], values.ravel()[known])[0]
    assert is_long.all()
    assert filled.ravel()[~known] == pytest.approx(design[~known] @ found)
    varied = filled - filled.mean(axis=1, keepdims=True)
    within = varied - basis @ (basis.T @ varied)
    left = values.ravel()[known] - design[known] @ found
    assert (within**2).sum() == pytest.approx((left**2).sum())


@pytest.mark.slow
def test_what_replicates_give_to_all_cells_does_not_pass_into_a_step():
    """Replicates are 5 apart: means of what is there would err by far more than chance."""
    misses, inside = [], []
    for seed in range(20):
        model = model_of(executions_of(*planted(seed=seed)), QUESTION)
        steps = model_fraction(model, None).steps
        step = steps[steps["factor"].eq("e")].iloc[0]
        misses.append(step["estimate"] - TRUE_STEP)
        inside.append(step["ci_low"] <= TRUE_STEP <= step["ci_high"])
    assert np.std(misses) < 0.15
    assert np.mean(inside) >= 0.85


def test_the_replicates_that_are_there_tell_how_much_they_disagree():
    cells, values = planted()
    values += cells["a"].to_numpy()[:, None] * np.array([-2.0, 0.0, 1.0, 1.0])
    found = model_fraction(model_of(executions_of(cells, values), QUESTION), None)
    assert found.strata["a"].p < 1e-6
    assert found.strata["b"].p > 0.01
    assert found.lack_of_fit.chance_sd == pytest.approx(0.2, rel=0.15)


def test_a_replicate_that_was_just_begun_has_an_effect_and_no_say_on_factors():
    cells, values = planted(lost=0.0)
    values[7:, 3] = np.nan
    met = met_cells(model_of(executions_of(cells, values), QUESTION))
    assert met.by_replicate.shape == (60, 3)
    assert met.num_filled == 0
    assert met.means == pytest.approx(met.by_replicate.mean(axis=1) + met.means.mean()
                                      - met.by_replicate.mean(), abs=0.3)  # fmt: skip


def test_cells_that_no_replicate_connects_are_refused_in_one_line():
    cells, values = planted(lost=0.0)
    values[:30, :2] = np.nan
    values[30:, 2:] = np.nan
    model = model_of(executions_of(cells, values), QUESTION)
    assert model_fraction(model, None).refusal == (
        "some cells share no replicate with the others, not even by way of a third"
    )
