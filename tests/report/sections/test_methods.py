"""The methods paragraph tells the interval that leads, from the study's own spread."""

import numpy as np
import pandas as pd
import pytest

from tuner.analysis import Question, analyse
from tuner.report.sections.methods import _estimation


def executions(spread_of_cell):
    rng = np.random.default_rng(1)
    rows = [
        {"width": width, "depth": depth, "replicate": replicate, "epochs": 12,
         "val_accuracy": 0.5 + 0.02 * depth + rng.normal(0, spread_of_cell(depth))}
        for width in (1, 2, 4) for depth in (1, 2, 3) for replicate in range(10)
    ]  # fmt: skip
    return pd.DataFrame(rows)


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
