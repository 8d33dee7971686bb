"""Sentences made from the numbers by rule; never stronger than the interval."""

from collections.abc import Iterator, Mapping
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
    """Write an effect with its interval, "+2.1 pp per doubling [1.7, 2.5]"."""
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
    found = [
        f"the {side} one is better in {pairs['verdict'].str.startswith(side).sum()}"
        for side in ("deeper", "wider")
    ]
    compared = f"{counted(len(pairs), 'pair')} of cells"
    return (
        f"Wide against deep at equal {cost} (within {error:.0%}), {compared}: {', '.join(found)}, "
        "after Holm's correction."
    )


def verdict_sentences(effects: DataFrame, interactions: DataFrame, question: Question) -> list[str]:
    """Answer the question: one sentence each for the width, the depth, the others, interactions.

    Args:
        effects: as `effects.effects` returns it.
        interactions: as `variance.interactions` returns it.
        question: what was asked, with the factors that vary.
    """
    first = [factor for factor in (question.width, question.depth) if factor]
    rest = [factor for factor in question.factors if factor not in first]
    sentences = [
        sentence
        for factor in (*first, *rest)
        for sentence in factor_sentences(factor, effects, interactions, question)
    ]
    sentences += [interaction_sentence(row) for row in interactions.to_dict("records")]
    if not question.objective.maximize:
        sentences.append(
            f"A smaller {question.objective.name} is better: a negative effect is a gain."
        )
    return [sentence for sentence in sentences if sentence]


def factor_sentences(
    factor: str, effects: DataFrame, interactions: DataFrame, question: Question
) -> Iterator[str]:
    """Say what one factor does; where it depends on another, its effects within levels lead."""
    own = effects[effects["factor"] == factor]
    role = question.role(factor)
    name = f"{role.capitalize()} ({factor})" if role and role != factor else factor
    conditional = own[own["kind"] == "conditional growth"]
    if conditional.empty:
        conditional = own[own["kind"] == "conditional step"]
    by = conditional["given"].str.split("=").str[0].iloc[0] if len(conditional) else ""
    involved = interactions["factor"].eq(factor) | interactions["by"].eq(factor)
    other = interactions["factor"].eq(by) | interactions["by"].eq(by)
    if (interactions["resolved"] & involved & other).any():
        yield (
            f"{name}: its effect depends on {by}. "
            + ". ".join(
                f"At {effect['given']}{step_of(effect)}: {effect['verdict']}"
                for effect in conditional.to_dict("records")
            )
            + "."
        )
        name = f"{name}, averaged over {by}"
    slopes = own[own["kind"] == "growth"]
    steps = own[own["kind"] == "step"]
    for effect in slopes.to_dict("records"):
        yield f"{name}: {effect['verdict']}{given_of(effect)}.{exceptions(effect, steps)}"
    if slopes.empty:
        for effect in steps.to_dict("records"):
            yield f"{name}{step_of(effect)}: {effect['verdict']}{given_of(effect)}."


def step_of(effect: Row) -> str:
    """Name the step; a growth needs no name."""
    return "" if str(effect["contrast"]).startswith("per") else f" {effect['contrast']}"


def given_of(effect: Row) -> str:
    """Say which cells an effect was taken over, if not all."""
    return f" ({effect['given']})" if effect["given"] else ""


def exceptions(growth: Row, steps: DataFrame) -> str:
    """Name the steps that a straight line hides: of the other sign, or not resolved."""
    if np.isnan(growth["ci_low"]) or not is_resolved(growth) or len(steps) < 2:
        return ""
    opposite = np.sign(steps["estimate"]) != np.sign(growth["estimate"])
    against = steps[opposite & (steps["p_holm"] < SIGNIFICANCE)]
    unresolved = steps[steps["ci_low"].notna() & ~(steps["p_holm"] < SIGNIFICANCE)]
    text = ""
    if len(against):
        named = ", ".join(f"{c} ({signed(e)})" for c, e in against[["contrast", "estimate"]].values)
        text += f" Against that trend: {named}."
    if len(unresolved):
        text += f" Not resolved by itself: the step {', '.join(unresolved['contrast'])}."
    return text


def interaction_sentence(row: Row) -> str:
    """Say whether one factor's effect depends on another; silent where nothing can be tested."""
    pair = f"{row['factor']} × {row['by']}"
    if np.isnan(row["p"]):
        return f"{pair}: not tested ({row['reason']})." if row["df_residual"] > 0 else ""
    if row["resolved"]:
        return f"{pair}: they interact (p {p_text(row['p_holm'])} after Holm)."
    return f"{pair}: no interaction was resolved (p {p_text(row['p_holm'])} after Holm)."
