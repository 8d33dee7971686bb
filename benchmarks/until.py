"""Do intervals hold when replicates are added until they are narrow?

    python benchmarks/until.py                1,000 studies a condition, about two minutes
    python benchmarks/until.py --studies 200

Simulated 3 x 4 studies without any effect begin with three replicates and get one more at a time
until the intervals of all steps are as narrow as was asked (`tuner search --until`), up to 20. What
is asked is the half-width that the median study has with 4, 6 or 10 replicates. Printed are the
coverage of the steps' 95% intervals where each study stopped, the share of studies with a verdict
(Holm over all printed contrasts), the same of studies that have the median number of replicates in
any case, and the replicates of the middle 80% of studies. Standard errors in brackets are in units
of the last digit.
"""

import argparse
from typing import Any

import numpy as np
from coverage import contrasts, full, mean_and_error, p_values, text_of
from error_structures import STRUCTURES
from scipy import special

from tuner.analysis.error_terms import error_terms

TRIED = ("normal", "t3", "replicate x depth", "flagship's strata", "spread .3 to 2.7",
         "one wild cell", "flagship's residuals")  # fmt: skip
FIRST, MOST = 3, 20
AT = (4, 6, 10)


def by_replicates(structure: str, studies: int, seed: int) -> tuple[Any, Any, Any]:
    """Analyse studies with each number of replicates.

    Returns:
        Half-widths of the widest step (numbers of replicates x studies), the steps' coverage, and
        whether there is a verdict.
    """
    codes = full((3, 4))
    family = contrasts(codes)
    steps = family.kinds == "step"
    values = STRUCTURES[structure](np.random.default_rng(seed), codes, studies, MOST)
    widths, covered, found = [], [], []
    for number in range(FIRST, MOST + 1):
        terms = error_terms(values[..., :number], codes)
        estimates, errors = terms.estimate(family.weights), terms.of(family.weights)
        half = special.stdtrit(errors.df, 0.975) * errors.se
        widths.append(half[:, steps].max(axis=1))
        covered.append((np.abs(estimates) <= half)[:, steps].mean(axis=1))
        p = p_values(estimates / errors.se, errors.df)[:, family.printed].min(axis=1)
        found.append(p * family.printed.sum() < 0.05)
    return np.array(widths), np.array(covered), np.array(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Coverage where replicates end by a rule.")
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'':24}asked at   coverage  family-wise   fixed: coverage  family-wise   replicates")
    for structure in TRIED:
        widths, covered, found = by_replicates(structure, options.studies, options.seed)
        everyone = np.arange(options.studies)
        for number in AT:
            asked = np.median(widths[number - FIRST])
            is_narrow = widths <= asked
            is_narrow[-1] = True
            stopped = is_narrow.argmax(axis=0)
            fixed = int(np.median(stopped))
            parts = [
                text_of(mean_and_error(values))
                for values in (
                    covered[stopped, everyone],
                    found[stopped, everyone],
                    covered[fixed],
                    found[fixed],
                )
            ]
            low, high = np.quantile(stopped + FIRST, (0.1, 0.9))
            print(
                f"{structure:24}R={number:<6} {parts[0]:>10} {parts[1]:>12} {parts[2]:>17} "
                f"{parts[3]:>12}   {low:.0f} to {high:.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
