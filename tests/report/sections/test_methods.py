"""The methods paragraph tells the interval that leads, from the study's own spread."""

import numpy as np
import pandas as pd
import pytest

from tuner.analysis import Question, analyse
from tuner.analysis.facts import Facts
from tuner.report.sections.methods import _estimation, _training


def executions(spread_of_cell):
    rng = np.random.default_rng(1)
    rows = [
        {"width": width, "depth": depth, "replicate": replicate, "epochs": 12,
         "val_accuracy": 0.5 + 0.02 * depth + rng.normal(0, spread_of_cell(depth))}
        for width in (1, 2, 4) for depth in (1, 2, 3) for replicate in range(10)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_images_that_scored_the_objective_are_told():
    idle = Facts(kind="study", scored_on="idle", num_scored=40_000)
    assert "on all 40,000 images of the training set that it was not trained on" in _training(idle)
    validation = Facts(kind="study", scored_on="validation", num_scored=5_000)
    assert "on the 5,000 validation images, the same in every cell" in _training(validation)
    assert "images" not in _training(Facts())


def test_the_regression_of_a_fraction_is_told():
    rng = np.random.default_rng(0)
    places = np.stack(np.unravel_index(rng.choice(243, 80, replace=False), (3,) * 5), axis=1)
    cells = pd.DataFrame(places, columns=list("abcde"))
    rows = cells.merge(pd.Series(range(3), name="replicate"), how="cross")
    rows["val_accuracy"] = 0.5 + 0.02 * rows["a"] + 0.001 * rng.normal(size=len(rows))
    told = _estimation(analyse(rows, Question(factors=tuple("abcde"))))
    assert "Least squares of cell means on main effects" in told
    assert "Yates" not in told
    assert "Yates" in _estimation(analyse(rows.drop(index=[3]), Question(factors=tuple("abcde"))))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows, "steadied by how much its kind varied"),
        (lambda rows: rows.drop(index=[3, 17]), "cluster-robust by replicate, CR2"),
        (lambda rows: rows[rows["replicate"] < 2], "With two replicates that error is a model's"),
        (lambda rows: rows.assign(replicate=range(len(rows))), "Cells share no replicates"),
        (lambda rows: rows[rows["depth"] == 1][rows["replicate"] < 1], "no residual degrees"),
    ],
)
@pytest.mark.filterwarnings("ignore:Boolean Series key will be reindexed")
def test_the_error_of_a_difference_is_told(change, told):
    question = Question(factors=("width", "depth"), width="width", depth="depth")
    assert told in _estimation(analyse(change(executions(lambda depth: 0.01)), question))
