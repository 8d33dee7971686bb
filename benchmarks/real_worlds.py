"""Do intervals hold in a world that nobody made up?

    python benchmarks/real_worlds.py            300 studies a condition, about a minute
    python benchmarks/real_worlds.py --train    train the world anew first, about ten minutes

The world is a table of small scikit-learn networks, width x depth, each cell trained in 100
replicates that share their split and their seeds: `worlds/digits.csv`, accuracy on held-out digits.
The mean of the 100 is the truth. A study is 2, 3, 5 or 10 of the replicates, drawn at random.
Printed are the coverage of the truth by nominal 95% intervals (steps and slopes over all, within a
level of the other factor, rectangles of the interaction; and of slopes by paired t intervals, which
take nothing from other contrasts), the share of studies with a verdict of the wrong sign, and, with
each cell's mean taken away so that there is no effect, the share with a verdict at all.
Standard errors in brackets are in units of the last digit.
"""

import argparse
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from coverage import KINDS, contrasts, full, mean_and_error, p_values, text_of
from scipy import special
from statsmodels.stats.multitest import multipletests

from tuner.analysis.error_terms import error_terms

WORLD = Path(__file__).parent / "worlds" / "digits.csv"
WIDTHS, DEPTHS, NUM_REPLICATES = (4, 8, 16), (1, 2, 3, 4), 100


def train() -> pd.DataFrame:
    """Train every cell in every replicate."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    images, digits = load_digits(return_X_y=True)
    rows = []
    for replicate, width, depth in product(range(NUM_REPLICATES), WIDTHS, DEPTHS):
        told, held, told_digits, held_digits = train_test_split(
            images, digits, train_size=600, random_state=replicate
        )
        scaler = StandardScaler().fit(told)
        made = MLPClassifier((width,) * depth, max_iter=15, random_state=replicate,
                             learning_rate_init=0.01, batch_size=32)  # fmt: skip
        made.fit(scaler.transform(told), told_digits)
        score = (made.predict(scaler.transform(held)) == held_digits).mean()
        rows.append((width, depth, replicate, round(float(score), 5)))
    return pd.DataFrame(rows, columns=["width", "depth", "replicate", "score"])


def by_replicate() -> Any:
    """Lay the world out as cells x replicates, in the order of `coverage.full`."""
    table = pd.read_csv(WORLD)
    return table.pivot(index=["width", "depth"], columns="replicate", values="score").to_numpy()


def try_world(world: Any, replicates: int, studies: int, seed: int) -> list[str]:
    """Draw studies and analyse them; returns the texts of a row."""
    rng = np.random.default_rng(seed)
    codes = full((len(WIDTHS), len(DEPTHS)))
    family = contrasts(codes)
    truth = world.mean(axis=1) @ family.weights.T
    drawn = np.stack(
        [world[:, rng.choice(world.shape[1], replicates, replace=False)] for _ in range(studies)]
    )
    terms = error_terms(drawn, codes)
    estimates, errors = terms.estimate(family.weights), terms.of(family.weights)
    covered = np.abs(estimates - truth) <= special.stdtrit(errors.df, 0.975) * errors.se
    p = p_values(estimates / errors.se, errors.df)[:, family.printed]
    told = np.array([multipletests(row, method="holm")[0] for row in p])
    slopes = np.einsum("scr,kc->skr", drawn, family.weights[family.kinds == "slope"])
    half_width = special.stdtrit(replicates - 1, 0.975) * slopes.std(axis=2, ddof=1)
    off = np.abs(slopes.mean(axis=2) - truth[family.kinds == "slope"])
    paired = off <= half_width / replicates**0.5
    is_wrong = np.sign(estimates) != np.sign(truth)
    without = p_values((estimates - truth) / errors.se, errors.df)[:, family.printed]
    return [
        *(text_of(mean_and_error(covered[:, family.kinds == k].mean(axis=1))) for k in KINDS),
        text_of(mean_and_error(paired.mean(axis=1))),
        text_of(mean_and_error((told & is_wrong[:, family.printed]).any(axis=1))),
        text_of(mean_and_error(without.min(axis=1) * family.printed.sum() < 0.05)),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Coverage in a world of real networks.")
    parser.add_argument("--train", action="store_true", help="train the world anew")
    parser.add_argument("--studies", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.train:
        train().to_csv(WORLD, index=False)
    names = (*KINDS, "paired", "wrong sign", "no effect")
    print(f"{'':8}" + "".join(f"{name:>12}" for name in names))
    for replicates in (2, 3, 5, 10):
        row = try_world(by_replicate(), replicates, options.studies, options.seed)
        print(f"R={replicates:<6}" + "".join(f"{text:>12}" for text in row), flush=True)


if __name__ == "__main__":
    main()
