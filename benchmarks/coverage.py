"""Do the intervals hold what they should, and is nothing found where nothing is?

    python benchmarks/coverage.py                  1,000 studies a condition, about 15 minutes
    python benchmarks/coverage.py --quick          a few conditions, seconds
    python benchmarks/coverage.py --shape 3x4 --replicates 3 --structure t3 --studies 4000

Simulated studies without any effect. For each shape of study, number of replicates and structure
of errors it prints the coverage of nominal 95% intervals (steps and slopes over all, within a level
of another factor, rectangles of an interaction), the share of studies with a verdict (family-wise
error, Holm over the printed contrasts), and the share of verdicts on a planted step of five
standard errors, with a paired t-test's beside it; then what is outside the limits and, for the
3 x 4 studies, how often the simultaneous intervals hold all contrasts. Standard errors in brackets
are in units of the last digit. The structures of errors are in error_structures.py.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from error_structures import REQUIRED, SEEN, STRUCTURES, UNSEEN
from scipy import special

from tuner.analysis.error_terms import error_terms
from tuner.analysis.incomplete import incomplete_terms
from tuner.analysis.simultaneous import max_t

SHAPES = {"2x2": (2, 2), "3x4": (3, 4), "4x3": (4, 3), "8x8": (8, 8), "3x3x3x2": (3, 3, 3, 2),
          "one of 3": (3,), "one of 6": (6,)}  # fmt: skip
REPLICATES = (2, 3, 5, 10)
KINDS = ("step", "slope", "within", "rectangle")
LEAST_COVERAGE, MOST_FAMILY_WISE = 0.93, 0.06
PLANTED = 5.0  # standard errors
QUICK = ["normal", "t3", "flagship's strata", "spread .3 to 2.7", "failed executions"]


@dataclass(frozen=True)
class Family:
    """The contrasts of a study: those of one factor first, then within levels, then rectangles."""

    kinds: Any  # of KINDS
    weights: Any  # contrasts x cells
    raised: Any  # contrasts x cells: the cells above a step, NaN if the contrast is none

    @property
    def printed(self) -> Any:
        """Tell which contrasts share Holm's correction."""
        return self.kinds != "rectangle"


def full(sizes: tuple[int, ...]) -> Any:
    """List the cells of a full factorial: cells x factors."""
    return np.array(list(product(*map(range, sizes))))


def along(codes: Any, factor: int, kept: Any) -> Iterator[tuple[str, Any, Any]]:
    """Make the slope of a factor over some cells and its steps: kind, weights, raised cells."""
    others = np.delete(codes, factor, axis=1)
    line = np.unique(others, axis=0, return_inverse=True)[1].ravel()
    x = codes[:, factor].astype(float)
    total, count = np.bincount(line, kept * x), np.maximum(np.bincount(line, kept), 1)
    centred = np.where(kept, x - (total / count)[line], 0)
    if centred.any():
        yield "slope", centred / (centred**2).sum(), np.full(len(codes), np.nan)
    for low in range(int(x.max())):
        pair = kept & np.isin(x, (low, low + 1))
        pair &= (np.bincount(line, pair) == 2)[line]
        if pair.any():
            sign = np.where(x == low, -1, 1) * pair
            yield "step", 2 * sign / pair.sum(), x > low


def contrasts(codes: Any) -> Family:
    """Make what the report prints, and the rectangles of the first two factors."""
    everything = np.ones(len(codes), bool)
    rows = [
        row for factor in range(codes.shape[1]) for row in along(codes, factor, everything)
        if factor < 2 or row[0] == "step"
    ]  # fmt: skip
    none = np.full(len(codes), np.nan)
    if codes.shape[1] > 1:
        for factor, by in ((0, 1), (1, 0)):
            for level in np.unique(codes[:, by]):
                within = along(codes, factor, codes[:, by] == level)
                rows += [("within", weights, none) for _, weights, _ in within]
        for low, by in product(range(codes[:, 0].max()), range(codes[:, 1].max())):
            corners = [(codes[:, :2] == (low + i, by + j)).all(axis=1)
                       for i, j in ((0, 0), (0, 1), (1, 0), (1, 1))]  # fmt: skip
            if len({corner.sum() for corner in corners}) == 1:
                weights = np.array([1, -1, -1, 1]) @ corners / corners[0].sum()
                rows.append(("rectangle", weights, none))
    return Family(*(np.array(column) for column in zip(*rows, strict=True)))


def present(structure: str, codes: Any, replicates: int) -> Any:
    """Say which executions there are: cells x replicates, bool."""
    there = np.ones((len(codes), replicates), bool)
    if structure == "unequal counts":  # twice as many of cells in two corners
        corner = (codes - codes.mean(axis=0))[:, :2].prod(axis=1) > 0
        return np.concatenate([there, there & corner[:, None]], axis=1)
    if structure == "failed executions":
        failed = np.arange(0, len(codes), 4)
        there[failed, failed % replicates] = False
    return there


@dataclass(frozen=True)
class Tried:
    """What came out of the studies of one condition: shares and their standard errors."""

    coverage: dict[str, tuple[float, float]]  # of each kind
    family_wise: tuple[float, float]
    power: float
    paired_power: float

    @property
    def lowest(self) -> float:
        """Give the coverage of the kind that is covered least."""
        return min(share for share, _ in self.coverage.values())


def try_condition(shape: str, replicates: int, structure: str, studies: int, seed: int) -> Tried:
    """Simulate studies and analyse them all at once."""
    rng = np.random.default_rng(seed)
    codes = full(SHAPES[shape])
    if structure == "one hole":
        codes = np.delete(codes, len(codes) // 2, axis=0)
        codes = np.stack([np.unique(level, return_inverse=True)[1] for level in codes.T], axis=1)
    there = present(structure, codes, replicates)
    values = STRUCTURES[structure](rng, codes, studies, there.shape[1])
    family = contrasts(codes)
    if there.all():
        terms = error_terms(values, codes)
    else:
        terms = incomplete_terms(np.where(there, values, np.nan), codes)
    estimates, errors = terms.estimate(family.weights), terms.of(family.weights)
    spreads = terms.spreads(family.weights)
    covered = np.abs(estimates) <= special.stdtrit(errors.df, 0.975) * errors.se
    smallest = p_values(estimates / errors.se, errors.df)[:, family.printed].min(axis=1)
    found = smallest * family.printed.sum() < 0.05
    return Tried(
        {kind: mean_and_error(covered[:, family.kinds == kind].mean(axis=1))
         for kind in KINDS if (family.kinds == kind).any()},
        mean_and_error(found),
        power(family, estimates, errors.se, errors.df),
        power(family, estimates, np.sqrt(spreads.own), spreads.own_df),
    )  # fmt: skip


def p_values(t: Any, df: Any) -> Any:
    """Two-sided p-values."""
    return 2 * special.stdtr(np.minimum(df, 1e8), -np.abs(t))


def mean_and_error(values: Any) -> tuple[float, float]:
    """Average over studies."""
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))


def power(family: Family, estimates: Any, se: Any, df: Any) -> float:
    """Give the share of verdicts (Holm) on a planted step, averaged over up to six steps."""
    steps = np.flatnonzero(family.kinds == "step")
    shares = []
    for step in steps[np.unique(np.linspace(0, len(steps) - 1, 6).astype(int))]:
        planted = PLANTED * estimates[:, step].std() * (family.weights @ family.raised[step])
        p = p_values((estimates + planted) / se, df)[:, family.printed]
        rank = np.argsort(np.argsort(p, axis=1), axis=1)
        passes = p * (p.shape[1] - rank) < 0.05
        first_failure = np.where(passes, p.shape[1], rank).min(axis=1)
        place = np.flatnonzero(family.printed).searchsorted(step)
        shares.append((rank[:, place] < first_failure).mean())
    return float(np.mean(shares))


def simultaneous(structure: str, replicates: int, studies: int, seed: int) -> tuple[float, float]:
    """Give the share of 3 x 4 studies whose max-t intervals hold all printed contrasts."""
    codes = full(SHAPES["3x4"])
    weights = contrasts(codes).weights[contrasts(codes).printed]
    held = []
    for values in STRUCTURES[structure](np.random.default_rng(seed), codes, studies, replicates):
        terms = error_terms(values, codes)
        error = terms.of(weights)
        multiplier = max_t(terms.covariance(weights), error.df)
        held.append((np.abs(terms.estimate(weights)) <= multiplier * error.se).all())
    return mean_and_error(np.array(held))


def text_of(share: tuple[float, float]) -> str:
    """Write a share with its standard error: .952(3)."""
    return f"{share[0]:.3f}({1000 * share[1]:.0f})"


def tell(condition: tuple[str, int, str], tried: Tried) -> None:
    """Print a condition's row."""
    coverage = tried.coverage
    kinds = [f"{text_of(coverage[kind]) if kind in coverage else '':>11}" for kind in KINDS]
    shape, replicates, structure = condition
    print(
        f"{shape:8} R={replicates:<3}{structure:22}{''.join(kinds)}   {text_of(tried.family_wise)}"
        f"   {tried.power:.3f}  {tried.paired_power:.3f}",
        flush=True,
    )


def conclude(tried: dict[tuple[str, int, str], Tried]) -> None:
    """Print what is outside the limits, and the power of 3 x 4 studies of three replicates."""
    for name, structures in (("required", REQUIRED), ("seen", SEEN), ("unseen", UNSEEN)):
        for number in REPLICATES:
            those = {k: v for k, v in tried.items() if k[1] == number and k[2] in structures}
            low = [(k[0], k[2], round(v.lowest, 3)) for k, v in those.items()
                   if v.lowest < LEAST_COVERAGE]  # fmt: skip
            high = [(k[0], k[2], round(v.family_wise[0], 3)) for k, v in those.items()
                    if v.family_wise[0] > MOST_FAMILY_WISE]  # fmt: skip
            if those:
                print(f"R={number}, {len(those)} conditions of {name} structures")
                print(f"  a kind covered below {LEAST_COVERAGE}: {low or 'none'}")
                print(f"  family-wise error above {MOST_FAMILY_WISE}: {high or 'none'}")
    powers = [v for k, v in tried.items() if k[:2] == ("3x4", 3) and k[2] in REQUIRED]
    if powers:
        mean, paired = (
            np.mean([getattr(v, of) for v in powers]) for of in ("power", "paired_power")
        )
        print(f"power in 3x4 at R=3 over required structures: {mean:.3f}, paired {paired:.3f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Coverage of the intervals on planted effects.")
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shape", choices=SHAPES, action="append")
    parser.add_argument("--replicates", type=int, choices=REPLICATES, action="append")
    parser.add_argument("--structure", choices=STRUCTURES, action="append")
    parser.add_argument("--quick", action="store_true", help="200 studies of a few conditions")
    options = parser.parse_args()
    studies = 200 if options.quick else options.studies
    shapes = options.shape or (["3x4"] if options.quick else list(SHAPES))
    replicates = options.replicates or ([3] if options.quick else list(REPLICATES))
    structures = options.structure or (QUICK if options.quick else list(STRUCTURES))
    print(f"{'':34}{''.join(f'{kind:>11}' for kind in KINDS)}   family-wise power  paired")
    tried = {}
    for condition in product(shapes, replicates, structures):
        tried[condition] = try_condition(*condition, studies, options.seed)
        tell(condition, tried[condition])
    conclude(tried)
    for structure in structures[:1] if options.quick else structures[:9]:
        share = simultaneous(structure, 3, min(studies, 20 if options.quick else 300), options.seed)
        print(f"simultaneous intervals hold, 3x4 R=3 {structure}: {text_of(share)}")


if __name__ == "__main__":
    main()
