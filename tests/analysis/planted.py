"""Tables whose truth is planted, for the tests of the analysis."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from pandas import DataFrame

from tuner.analysis.model import Model, fit
from tuner.analysis.preparing import prepare
from tuner.analysis.question import Question

QUESTION = Question(
    ("filter_multiplier", "conv_blocks"),
    width="filter_multiplier",
    depth="conv_blocks",
    step="block",
)
WITH_KERNELS = Question(
    (*QUESTION.factors, "kernel_schedule"),
    width="filter_multiplier",
    depth="conv_blocks",
    step="block",
)


def additive(depth: float, width: float) -> float:
    """Gain 5 points a block and 2 a doubling, as a fraction."""
    return 0.5 + 0.05 * depth + 0.02 * float(np.log2(width))


def table(
    *,
    depths: Sequence[float] = (1, 2, 3),
    widths: Sequence[float] = (0.5, 1.0, 2.0),
    kernels: Sequence[str] = (),
    replicates: int = 3,
    mean: Callable[[float, float], float] = additive,
    sd: float = 0.003,
    seed: int = 0,
) -> DataFrame:
    """Make a full factorial; the columns are the ledger's."""
    rng = np.random.default_rng(seed)
    shift = 0.01 * rng.normal(size=replicates)
    rows = [
        {
            "conv_blocks": depth,
            "filter_multiplier": width,
            **({"kernel_schedule": kernel} if kernels else {}),
            "replicate": replicate,
            "seed": 100 + replicate,
            "epochs": 12,
            "val_accuracy": mean(depth, width) + shift[replicate] + sd * rng.normal(),
            "params": int(1000 * width**2 * 2**depth),
            "flops": int(1e6 * width**2 * depth),
            "seconds": 10 * width * depth + 0.1 * rng.uniform(),
            "status": "ok",
        }
        for depth, width, kernel, replicate in product(
            depths, widths, kernels or [""], range(replicates)
        )
    ]
    return DataFrame(rows)


def history_of(executions: DataFrame, curve: Callable[[float, int], float]) -> DataFrame:
    """Give every execution twelve epochs: curve(its last accuracy, epoch)."""
    rows = [
        {**row, "epoch": epoch, "val_accuracy": curve(row["val_accuracy"], epoch)}
        for row in executions.to_dict("records")
        for epoch in range(1, 13)
    ]
    return DataFrame(rows)


def model_of(executions: DataFrame, question: Question = QUESTION) -> Model:
    """Fit the model to what may be analysed."""
    return fit(prepare(executions, question))


def only(frame: DataFrame, **values: object) -> "dict[str, object]":
    """Find the one row that has these values."""
    rows = frame
    for column, value in values.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, f"{len(rows)} rows have {values}"
    return dict(rows.iloc[0])
