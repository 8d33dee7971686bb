"""Do the intervals of differences between studies hold, in a world that nobody made up?

    python benchmarks/compared_worlds.py            1,000 pairs of studies a condition, seconds

The world is that of `real_worlds.py`: small networks on the digits, width x depth, in 100
replicates that share their split and their seeds. Two of its parts are taken for two studies with
other settings: the shallow and the deep networks, which both vary the width; or those of one width
and those of another, which both vary the depth. A pair of studies is 2, 3, 5 or 10 of the
replicates, drawn at random: the same for both ("shared"), or others for the second ("apart").
Printed are the coverage of the differences of all steps by nominal 95% intervals, as
`tuner compare` gives them within replicates and by Welch; of the shared ones also by paired t
intervals, and by Welch's, which do not use that they are shared, with how wide these are beside
those within replicates; and, with the true differences taken away, the share of pairs of studies
with a verdict after Holm. Standard errors in brackets are in units of the last digit.
"""

import argparse
from typing import Any

import numpy as np
from coverage import contrasts, full, mean_and_error, p_values, text_of
from real_worlds import DEPTHS, WIDTHS, by_replicate
from scipy import special

from tuner.analysis.error_terms import error_terms

SETTINGS = np.array([(width, depth) for width in WIDTHS for depth in DEPTHS])
SHALLOW = SETTINGS[:, 1] <= 2
#: Cells of the first study, of the second, and the sizes of the factorial that both are.
PARTS = {
    "shallow, deep": (SHALLOW, ~SHALLOW, (3, 2)),
    "width 8, 16": (SETTINGS[:, 0] == 8, SETTINGS[:, 0] == 16, (4,)),
    "width 4, 16": (SETTINGS[:, 0] == 4, SETTINGS[:, 0] == 16, (4,)),
}
COLUMNS = ("shared", "paired t", "as if apart", "width", "apart", "verdict", "verdict apart")


def compared(
    first: Any, other: Any, codes: Any, weights: Any, paired: bool
) -> tuple[Any, Any, Any]:
    """Estimate differences of contrasts as `tuner.analysis.comparison` does: with se and df."""
    if paired:
        terms = error_terms(other - first, codes)
        error = terms.of(weights)
        return terms.estimate(weights), error.se, error.df
    parts = [error_terms(values, codes) for values in (first, other)]
    errors = [terms.of(weights) for terms in parts]
    total = sum(error.se**2 for error in errors)
    spread = sum(error.se**4 / error.df for error in errors)
    estimate = parts[1].estimate(weights) - parts[0].estimate(weights)
    return estimate, np.sqrt(total), total**2 / spread


def try_parts(part: str, replicates: int, studies: int, seed: int) -> list[str]:
    """Draw pairs of studies and compare them; returns the texts of a row."""
    first, other, sizes = PARTS[part]
    world, codes = by_replicate(), full(sizes)
    family = contrasts(codes)
    weights = family.weights[(family.kinds == "step")]
    truth = (world[other] - world[first]).mean(axis=1) @ weights.T
    rng = np.random.default_rng(seed)
    drawn = np.stack(
        [rng.choice(world.shape[1], 2 * replicates, replace=False) for _ in range(studies)]
    )
    one, same, elsewhere = (
        world[cells][:, places].swapaxes(0, 1)
        for cells, places in (
            (first, drawn[:, :replicates]),
            (other, drawn[:, :replicates]),
            (other, drawn[:, replicates:]),
        )
    )
    found = {
        "shared": compared(one, same, codes, weights, True),
        "as if apart": compared(one, same, codes, weights, False),
        "apart": compared(one, elsewhere, codes, weights, False),
    }
    differences = np.einsum("scr,kc->skr", same - one, weights)
    found["paired t"] = (
        differences.mean(axis=2),
        differences.std(axis=2, ddof=1) / replicates**0.5,
        np.full(truth.shape, replicates - 1.0),
    )
    half = {name: special.stdtrit(df, 0.975) * se for name, (_, se, df) in found.items()}
    covered = {
        name: text_of(mean_and_error((np.abs(estimate - truth) <= half[name]).mean(axis=1)))
        for name, (estimate, _, _) in found.items()
    }
    told = {name: verdicts(*found[name], truth) for name in ("shared", "apart")}
    width = f"{half['as if apart'].mean() / half['shared'].mean():.2f}"
    return [
        *(covered[name] for name in COLUMNS[:3]), width, covered["apart"],
        told["shared"], told["apart"],
    ]  # fmt: skip


def verdicts(estimate: Any, se: Any, df: Any, truth: Any) -> str:
    """The share of pairs of studies with a verdict, where no difference is true."""
    p = p_values((estimate - truth) / se, df)
    return text_of(mean_and_error(p.min(axis=1) * p.shape[1] < 0.05))  # the first that Holm tests


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Coverage of differences between real studies.")
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'':22}" + "".join(f"{name:>14}" for name in COLUMNS))
    for part in PARTS:
        for replicates in (2, 3, 5, 10):
            row = try_parts(part, replicates, options.studies, options.seed)
            name = f"{part}, R={replicates}"
            print(f"{name:22}" + "".join(f"{text:>14}" for text in row), flush=True)


if __name__ == "__main__":
    main()
