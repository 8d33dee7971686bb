"""What stands in small type under an answer: estimates, intervals, what they are averaged over."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tuner.analysis.verdicts import num_digits, signed
from tuner.objective import Objective
from tuner.report.answers.factors import per
from tuner.report.answers.naming import Naming, given_in_words

MOST_SHOWN = 4  # effects under one answer; the table of steps has them all


def factor_detail(
    rows: pd.DataFrame, names: Mapping[str, Naming], naming: Naming, objective: Objective
) -> str:
    """The estimates behind a factor's sentence, each with its interval, and over which cells.

    Args:
        rows: The effects that lead: contrast, estimate, ci_low, ci_high, given, pairs.
        names: How the factors are called.
        naming: How this one is.
        objective: What was measured.
    """
    known = rows[rows["estimate"].notna()]
    shown = [effect_text(row, naming) for row in known.head(MOST_SHOWN).to_dict("records")]
    if not shown:
        return ""
    more = f" and {len(known) - MOST_SHOWN} more" if len(known) > MOST_SHOWN else ""
    unit = " points" if objective.is_share else f" of {objective.words}"
    has_intervals = known["ci_low"].notna().any()
    text = f"{', '.join(shown)}{more}{unit}{' [95% intervals]' if has_intervals else ''}"
    return "; ".join(
        part for part in (text, over_text(known, names, naming), pairs_text(known)) if part
    )


def effect_text(row: Mapping[Any, Any], naming: Naming) -> str:
    """One estimate with its interval: "1 → 2 blocks: +13.3 [12.9, 13.8]"."""
    low, high = row["ci_low"], row["ci_high"]
    if math.isnan(low):
        return f"{contrast_text(row['contrast'], naming)} {signed(row['estimate'], 1)}"
    digits = num_digits(low, high)
    bounds = f"[{low:.{digits}f}, {high:.{digits}f}]".replace("-", "−")
    return f"{contrast_text(row['contrast'], naming)} {signed(row['estimate'], digits)} {bounds}"


def contrast_text(contrast: str, naming: Naming) -> str:
    """A contrast in the levels' units: "8 → 16 filters", "a doubling"."""
    low, is_step, high = contrast.partition(" → ")
    if not is_step:
        return per(naming) if contrast.startswith("per") else contrast
    if naming.unit is None:
        return f"{low} → {high}"
    return f"{naming.number(low)} → {naming.level(high)}"


def over_text(rows: pd.DataFrame, names: Mapping[str, Naming], naming: Naming) -> str:
    """What the estimates are averaged over."""
    given = rows["given"].unique()
    others = [name.spoken for name in names.values() if name.name != naming.name]
    if len(given) == 1 and given[0]:
        words = given_in_words(str(given[0]), dict(names))
        return words if words.startswith("over") else f"at {words}"
    if len(given) > 1:
        return "each over the combinations that have both levels"
    return f"averaged over {' and '.join(others)}" if others else ""


def pairs_text(rows: pd.DataFrame) -> str:
    """In how many matched pairs the effect has its sign, where all are told alike."""
    pairs = rows["pairs"].unique()
    return f"the same sign in {pairs[0]} pairs" if len(pairs) == 1 and pairs[0] else ""
