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
    ("spread_of_cell", "told"),
    [(lambda depth: 0.01, "from the pooled residual spread"),
     (lambda depth: 0.001 * 10**(depth - 1), "Welch and Satterthwaite's degrees of freedom")],
)  # fmt: skip
def test_the_interval_that_leads_is_told(spread_of_cell, told):
    question = Question(factors=("width", "depth"), width="width", depth="depth")
    assert told in _estimation(analyse(executions(spread_of_cell), question))
