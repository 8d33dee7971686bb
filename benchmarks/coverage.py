"""Does the analysis say the truth? Simulated studies whose effects are planted.

    python benchmarks/coverage.py --studies 1000

prints, for each shape of study: the share of 95% intervals that hold the planted effect (over all
printed contrasts, and separately for those within a level), the share of studies with a verdict
on an effect that is not there (family-wise error), and the share of verdicts of the wrong sign.
"""

import argparse
import gc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from pandas import DataFrame

from tuner.analysis.contrasts import Contrast, all_contrasts
from tuner.analysis.inference import assess
from tuner.analysis.model import fit
from tuner.analysis.preparing import prepare
from tuner.analysis.question import Question

DEPTHS, WIDTHS = (1.0, 2.0, 3.0), (0.5, 1.0, 2.0, 4.0)
QUESTION = Question(
    ("width", "conv_blocks"), objective="accuracy", width="width", depth="conv_blocks", scale=1.0
)


@dataclass(frozen=True)
class Shape:
    """A kind of study: planted cell means, the spread of seeds, and which executions there are."""

    mean: Callable[[float, float], float]  # of (depth, width), in percentage points
    num_replicates: int = 3
    sd: Callable[[float, float], float] = lambda depth, width: 0.5
    is_there: Callable[[float, float, int], bool] = lambda depth, width, replicate: True
    replicate_sd: float = 1.0


def additive(depth: float, width: float) -> float:
    """Gain 3 points a block and 2 a doubling."""
    return 50 + 3 * depth + 2 * float(np.log2(width))


def interacting(depth: float, width: float) -> float:
    """Gain less from width the deeper, and from depth the wider."""
    return additive(depth, width) - 0.6 * depth * float(np.log2(width))


def only_depth(depth: float, width: float) -> float:
    """Gain from the second block only, and nothing from width."""
    return 50 + 3 * min(depth, 2)


def spread(depth: float, width: float) -> float:
    """Spread three times as much at the deepest: a ninefold variance."""
    return 1.5 if depth == 3 else 0.5


def without_corner(depth: float, width: float, replicate: int) -> bool:
    """Leave out the deepest of the narrowest, and one cell amid."""
    return (depth, width) not in ((3.0, 0.5), (2.0, 2.0))


def more_of_bad_corners(depth: float, width: float, replicate: int) -> bool:
    """Repeat narrow deep and wide shallow cells most, so that raw means hide the effects."""
    return replicate < (10 if (depth - 2) * np.log2(width / 1.5) < 0 else 3)


SHAPES = {
    "additive, 3 replicates": Shape(additive, 3),
    "additive, 5 replicates": Shape(additive, 5),
    "additive, 10 replicates": Shape(additive, 10),
    "interacting, 3 replicates": Shape(interacting, 3),
    "no effect at all, 3 replicates": Shape(lambda depth, width: 50.0, 3),
    "depth only, 5 replicates": Shape(only_depth, 5),
    "heteroscedastic, 3 replicates": Shape(only_depth, 3, sd=spread),
    "heteroscedastic, 5 replicates": Shape(only_depth, 5, sd=spread),
    "heteroscedastic, 10 replicates": Shape(only_depth, 10, sd=spread),
    "holed, 3 replicates": Shape(additive, 3, is_there=without_corner),
    "imbalanced, 3 to 10 replicates": Shape(additive, 10, is_there=more_of_bad_corners),
}


def simulate(shape: Shape, rng: np.random.Generator) -> DataFrame:
    """Draw a study.

    Returns:
        One row an execution: conv_blocks, width, replicate, accuracy (percent).
    """
    of_replicate = shape.replicate_sd * rng.normal(size=shape.num_replicates)
    rows = [
        (depth, width, replicate, shape.mean(depth, width) + of_replicate[replicate]
         + shape.sd(depth, width) * rng.normal())
        for depth, width, replicate in product(DEPTHS, WIDTHS, range(shape.num_replicates))
        if shape.is_there(depth, width, replicate)
    ]  # fmt: skip
    return DataFrame(rows, columns=["conv_blocks", "width", "replicate", "accuracy"])


def planted(shape: Shape, contrast: Contrast) -> float:
    """Work out the effect that a contrast should show, from the planted means."""
    table = np.array([[shape.mean(depth, width) for width in WIDTHS] for depth in DEPTHS])
    levels, x = WIDTHS, np.log2(WIDTHS)
    others: tuple[float, ...] = DEPTHS
    if contrast.factor == "conv_blocks":
        table, levels, x, others = table.T, DEPTHS, np.array(DEPTHS), WIDTHS
    means = table.mean(axis=0)
    if "=" in contrast.given:
        means = table[others.index(float(contrast.given.split("=")[1]))]
    if contrast.text.startswith("per"):
        effect = float(np.polyfit(x, means, 1)[0])
    else:
        low, high = (levels.index(float(text)) for text in contrast.text.split(" → "))
        effect = float(means[high] - means[low])
    return 0.0 if abs(effect) < 1e-9 else effect  # 1e-14 is rounding in the planted means


def try_shape(shape: Shape, num_studies: int, seed: int) -> DataFrame:
    """Analyse simulated studies.

    Returns:
        One row a contrast of a study: study, conditional (bool), truth, covered (bool), resolved
        (bool: a verdict is given), wrong_sign (bool), welch (bool: its interval leads).
    """
    rng = np.random.default_rng(seed)
    contrasts: list[Contrast] = []
    tried = []
    for study in range(num_studies):
        model = fit(prepare(simulate(shape, rng), QUESTION))
        contrasts = contrasts or all_contrasts(model)  # the same in every study of a shape
        found = assess(model, contrasts)
        truth = np.array([planted(shape, contrast) for contrast in contrasts])
        resolved = found["p_holm"] < 0.05
        rows = DataFrame(
            {
                "study": study,
                "conditional": [contrast.given != "" for contrast in contrasts],
                "truth": truth,
                "covered": (found["ci_low"] <= truth) & (truth <= found["ci_high"]),
                "resolved": resolved,
                "wrong_sign": resolved & (np.sign(found["estimate"]) != np.sign(truth)),
                "welch": model.leading == "welch",
            }
        )
        tried.append(rows[found["ci_low"].notna()])
    return pd.concat(tried, ignore_index=True)


def summarise(tried: DataFrame) -> dict[str, float]:
    """Sum up the studies of one shape."""
    false = tried[tried["truth"] == 0].groupby("study")["resolved"].any()
    real = tried[tried["truth"] != 0]
    return {
        "coverage": tried["covered"].mean(),
        "over all": tried.loc[~tried["conditional"], "covered"].mean(),
        "within levels": tried.loc[tried["conditional"], "covered"].mean(),
        "family-wise error": false.mean() if len(false) else np.nan,
        "wrong sign": real["wrong_sign"].mean() if len(real) else np.nan,
        "welch leads": tried["welch"].mean(),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Coverage of the intervals on planted effects.")
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shape", choices=SHAPES, action="append")
    options = parser.parse_args()
    gc.freeze()  # statsmodels collects garbage in every correction; this keeps that cheap
    for name in options.shape or SHAPES:
        summary = summarise(try_shape(SHAPES[name], options.studies, options.seed))
        numbers = "  ".join(f"{key} {value:.3f}" for key, value in summary.items())
        print(f"{name:32s} {numbers}", flush=True)


if __name__ == "__main__":
    main()
