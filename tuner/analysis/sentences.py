"""The answer in sentences: what each factor does, by itself and within levels of others."""

from collections.abc import Iterator

import numpy as np
from pandas import DataFrame

from tuner.analysis.inference import SIGNIFICANCE
from tuner.analysis.question import Question
from tuner.analysis.shape import shape_of, steps_of
from tuner.analysis.verdicts import Row, interval_text, is_resolved, num_digits, signed
from tuner.words import p_text

LITTLE = 0.1  # of an effect: a difference between levels of another factor that is small for sure
SMALL = 0.25  # the same where no two intervals part


def verdict_sentences(effects: DataFrame, interactions: DataFrame, question: Question) -> list[str]:
    """Answer the question: the width, the depth, the others, then interactions.

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
    """Say what one factor does; then, where it interacts with another, what it does within it."""
    own = effects[effects["factor"] == factor]
    role = question.role(factor)
    name = f"{role.capitalize()} ({factor})" if role and role != factor else factor
    yield from average_sentences(name, own[own["by"].eq("")], question)
    resolved = interactions[interactions["resolved"].astype(bool)]
    pairs = {frozenset(pair) for pair in resolved[["factor", "by"]].itertuples(index=False)}
    for by, within in own[own["by"].ne("")].groupby("by", sort=False):
        if frozenset((factor, by)) in pairs:
            yield f"{name}: {conditional_text(str(by), within, question)}."


def average_sentences(name: str, own: DataFrame, question: Question) -> Iterator[str]:
    """Say what a factor does over all: its slope if that leads, else the shape of its steps."""
    slopes, steps = own[own["kind"].eq("growth")], own[own["kind"].eq("step")]
    if slopes.empty:
        for effect in steps.to_dict("records"):
            yield f"{name} {effect['contrast']}: {effect['verdict']}{given_of(effect)}."
        return
    slope = slopes.iloc[0].to_dict()
    known = steps[steps["estimate"].notna()]
    if slope["leads"]:
        yield f"{name}: {slope['verdict']}{given_of(slope)}.{unresolved_steps(slope, steps)}"
        return
    if np.isnan(slope["estimate"]) or known.empty:
        yield f"{name} {slope['contrast']}: {slope['verdict']}{given_of(slope)}."
    if len(known):
        yield f"{name}: {shape_text(known, question)}."


def shape_text(steps: DataFrame, question: Question) -> str:
    """Name the shape of a factor's steps, then list them with their intervals."""
    if not steps["ci_low"].notna().all():
        return steps_text(steps)
    is_common = steps["given"].nunique() == 1
    listed = {True: [], False: []}  # type: dict[bool, list[str]]
    for effect in steps.to_dict("records"):
        text = f"{effect['contrast']} {interval_text(effect, question)}"
        listed[is_resolved(effect)].append(text + ("" if is_common else given_of(effect)))
    shape = shape_of(steps_of(steps))
    text = f"{shape}: {', '.join(listed[True])}" if listed[True] else shape
    if listed[False]:
        seen = steps.loc[~(steps["p_holm"] < SIGNIFICANCE), "detectable"].max()
        seen = question.objective.difference(f"{seen:.{num_digits(0, seen)}f}")
        text += f"{'. Not resolved' if listed[True] else ''}: {', '.join(listed[False])}"
        text += f"; this study could have seen {seen}"
    return text + (given_of(steps.iloc[0].to_dict()) if is_common else "")


def conditional_text(by: str, within: DataFrame, question: Question) -> str:
    """Say how a factor's effect differs between levels of another that it interacts with.

    Args:
        by: the other factor.
        within: the factor's effects within the levels of `by`, growths and steps.
        question: what is asked.
    """
    within = within[within["estimate"].notna()]
    slopes = within[within["kind"].eq("conditional growth")]
    steps = within[within["kind"].eq("conditional step")]
    has_lines = len(slopes) > 0 and bool(slopes["leads"].all())
    asked = slopes if has_lines else steps
    if is_small(asked, SMALL) and (is_small(asked, LITTLE) or not intervals_part(asked)):
        return f"its effect differs little between levels of {by}: {range_text(asked, question)}"
    if not intervals_part(asked):
        return (
            f"its effect depends on {by}, though no two levels of it are told apart: "
            f"{range_text(asked, question)}"
        )
    levels = asked.groupby("at", sort=False)
    if has_lines:
        told = [f"{effect['given']}: {effect['verdict']}" for effect in asked.to_dict("records")]
    elif slopes.empty:
        told = [f"{by}={at}: {steps_text(of_level)}" for at, of_level in levels]
    else:
        told = [
            f"{by}={at}: {shape_of(steps_of(of_level))} ({estimates_text(of_level, question)})"
            for at, of_level in levels
        ]
    return f"its effect depends on {by}. " + ". ".join(f"At {text}" for text in told)


def steps_text(steps: DataFrame) -> str:
    """List steps with their verdicts."""
    return "; ".join(
        f"{effect['contrast']} {effect['verdict']}{given_of(effect)}"
        for effect in steps.to_dict("records")
    )


def is_small(asked: DataFrame, share: float) -> bool:
    """Tell whether each contrast differs by no more than a share of itself between levels."""
    of_contrast = asked.groupby("contrast", sort=False)["estimate"]
    largest = asked["estimate"].abs().groupby(asked["contrast"], sort=False).max()
    return bool((of_contrast.max() - of_contrast.min() <= share * largest).all())


def intervals_part(asked: DataFrame) -> bool:
    """Tell whether a contrast has two levels of the other factor whose intervals do not meet."""
    of_contrast = asked.groupby("contrast", sort=False)
    return bool((of_contrast["ci_low"].max() > of_contrast["ci_high"].min()).any())


def range_text(asked: DataFrame, question: Question) -> str:
    """Write each contrast's range: "9.7 to 10.2 points per added block"."""
    texts = []
    for contrast, effects in asked.groupby("contrast", sort=False):
        low, high = effects["estimate"].min(), effects["estimate"].max()
        digits = num_digits(low, high)
        text = question.objective.difference(f"{low:.{digits}f} to {high:.{digits}f}")
        text = text.replace("-", "−")
        is_slope = str(contrast).startswith("per")
        texts.append(f"{text} {contrast}" if is_slope else f"{contrast}: {text}")
    return ", ".join(texts)


def estimates_text(steps: DataFrame, question: Question) -> str:
    """List steps without their intervals: "1 → 2 +13.2, 2 → 3 +11.2 points"."""
    digits = num_digits(0, float(steps["estimate"].abs().max()))
    named = ", ".join(
        f"{contrast} {signed(estimate, digits)}"
        for contrast, estimate in steps[["contrast", "estimate"]].itertuples(index=False)
    )
    return question.objective.difference(named)


def given_of(effect: Row) -> str:
    """Say which cells an effect was taken over, if not all; of which level is said before."""
    given = str(effect["given"])
    if effect["by"]:
        given = given.removeprefix(f"{effect['by']}={effect['at']}").removeprefix(", ")
    return f" ({given})" if given else ""


def unresolved_steps(growth: Row, steps: DataFrame) -> str:
    """Name the steps that are not resolved by themselves where the slope over all of them is."""
    if np.isnan(growth["ci_low"]) or not is_resolved(growth) or len(steps) < 2:
        return ""
    unresolved = steps[steps["ci_low"].notna() & ~(steps["p_holm"] < SIGNIFICANCE)]
    if unresolved.empty:
        return ""
    return f" Not resolved by itself: the step {', '.join(unresolved['contrast'])}."


def interaction_sentence(row: Row) -> str:
    """Say whether one factor's effect depends on another; silent where nothing can be tested."""
    pair = f"{row['factor']} × {row['by']}"
    if np.isnan(row["p"]):
        return f"{pair}: not tested ({row['reason']})." if row["df_residual"] > 0 else ""
    if row["resolved"]:
        return f"{pair}: they interact (p {p_text(row['p_holm'])} after Holm)."
    return f"{pair}: no interaction was resolved (p {p_text(row['p_holm'])} after Holm)."
