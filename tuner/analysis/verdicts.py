"""Sentences made from the numbers by rule; never stronger than the interval."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pandas import DataFrame

from tuner.analysis.inference import SIGNIFICANCE
from tuner.analysis.question import Question
from tuner.words import counted, p_text

Row = Mapping[Any, Any]  # a row of a frame, by column


def num_digits(*numbers: float) -> int:
    """Choose decimals that show two numbers' distance and hide no sign."""
    spread = max(abs(numbers[-1] - numbers[0]) / 2, 1e-4)
    digits = int(np.clip(-np.floor(np.log10(spread)), 1, 4))
    while digits < 4 and any(abs(x) > 1e-4 and round(x, digits) == 0 for x in numbers):
        digits += 1
    return digits


def signed(number: float, digits: int = 1) -> str:
    """Write a number with its sign, +2.1 or −0.3."""
    rounded = round(number, digits) + 0.0  # −0.0 is zero
    return f"{rounded:+.{digits}f}".replace("-", "−")


def interval_text(effect: Row, question: Question, per: str = "") -> str:
    """Write an effect with its interval, "+2.1 points per doubling [1.7, 2.5]"."""
    low, high = effect["ci_low"], effect["ci_high"]
    digits = num_digits(low, high)
    bounds = f"[{low:.{digits}f}, {high:.{digits}f}]".replace("-", "−")
    written = question.objective.difference(signed(effect["estimate"], digits))
    return f"{written}{per} {bounds}"


def is_resolved(effect: Row) -> bool:
    """Tell whether an effect's sign stands after Holm's correction."""
    return bool(effect["p_holm"] < SIGNIFICANCE)


def effect_verdict(effect: Row, question: Question) -> str:
    """Say what one contrast shows.

    Args:
        effect: a row with estimate, ci_low, ci_high, p, p_holm, family, detectable, pairs,
            refusal and contrast.
        question: what is asked.
    """
    per = f" {effect['contrast']}" if str(effect.get("contrast", "")).startswith("per") else ""
    if np.isnan(effect["estimate"]):
        return f"not estimable: {effect['refusal']}"
    if np.isnan(effect["ci_low"]):
        value = question.objective.difference(signed(effect["estimate"], 2))
        return f"means only: {value}{per}, no interval ({effect['refusal']})"
    shown = interval_text(effect, question, per)
    if is_resolved(effect):
        return shown + (f", in {effect['pairs']} pairs" if effect["pairs"] else "")
    if effect["p"] < SIGNIFICANCE:
        return f"not resolved after Holm's correction for {effect['family']} contrasts: {shown}"
    seen = f"{effect['detectable']:.{num_digits(0, effect['detectable'])}f}"
    seen = question.objective.difference(seen)
    return f"not resolved: {shown}; this study could have seen {seen}"


def flagged_verdict(growth: Row, question: Question) -> str:
    """Say what a slope shows that no sentence may lead with, and why.

    Args:
        growth: as `effect_verdict` takes it, with lack_of_fit.
        question: what is asked.
    """
    if growth["lack_of_fit"] >= SIGNIFICANCE:
        why = "a step against it is resolved"
    else:
        fit = f" (lack of fit p {p_text(growth['lack_of_fit'])})"
        why = "no straight line fits" + ("" if np.isnan(growth["lack_of_fit"]) else fit)
    return f"{why}: {effect_verdict(growth, question)}"


def budget_verdict(effect: Row, question: Question) -> str:
    """Say which of two networks of equal cost is better; the effect is deep − wide."""
    verdict = effect_verdict(effect, question)
    if not is_resolved(effect):
        return verdict
    deeper_is_better = (effect["estimate"] > 0) == question.objective.maximize
    return f"{'deeper' if deeper_is_better else 'wider'} is better: {verdict}"


def budget_sentence(cost: str, pairs: DataFrame) -> str:
    """Sum up the pairs of one cost, as `budgets.wide_against_deep` returns them."""
    error = pairs["matching_error"].abs().max()
    tested = pairs[pairs["p_holm"].notna()]
    compared = (
        f"Wide against deep at equal {cost} (within {error:.0%}), "
        f"{counted(len(pairs), 'pair')} of cells"
    )
    if tested.empty:
        return f"{compared}: none could be tested."
    part = "" if len(tested) == len(pairs) else f" of {len(tested)} that could be tested"
    wins = {side: int(tested["verdict"].str.startswith(side).sum()) for side in ("deeper", "wider")}
    found = [f"the {side} one is better in {number}" for side, number in wins.items() if number]
    said = f"{', '.join(found)}{part}" if found else f"which is better is resolved in none{part}"
    return f"{compared}: {said}, after Holm's correction."
