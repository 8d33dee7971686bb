"""One sentence a factor: is its effect another in another study, as far as intervals tell?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tuner.objective import Objective
from tuner.report.answers import amounts
from tuner.report.answers.factors import each
from tuner.report.answers.naming import Naming


@dataclass(frozen=True)
class Difference:
    """How much an effect of one study differs from that of the reference.

    Attributes:
        study: Its name.
        effect: Its effect.
        estimate: Its effect less the reference's.
        low: The least that this may be; NaN where there is no interval.
        high: The most.
        is_resolved: Whether its sign stands after Holm's correction.
        refusal: Why there is no interval.
    """

    study: str
    effect: float
    estimate: float
    low: float
    high: float
    is_resolved: bool
    refusal: str = ""


def difference_sentence(
    naming: Naming,
    objective: Objective,
    contrast: str,
    reference: tuple[str, float],
    differences: Sequence[Difference],
) -> str:
    """What a change does in each study, and whether the studies are told apart.

    Args:
        naming: How the factor is called.
        objective: What was measured.
        contrast: The change, as effects have it: "1 → 2", "per doubling".
        reference: The first study's name and effect.
        differences: Of the further studies.
    """
    numbers = [n for d in differences for n in (d.estimate, d.low, d.high)]
    places = places_of(numbers, objective)
    effects = [reference, *((d.study, d.effect) for d in differences)]
    done = effects_text(effects, objective, places)
    told = [
        difference_text(d, reference[0], len(differences) > 1, objective, places)
        for d in differences
    ]
    return f"{change(naming, contrast)} {done}: {'; '.join(told)}."


def places_of(numbers: Sequence[float], objective: Objective) -> int:
    """The decimals of a sentence's numbers: so many that effects and their difference agree."""
    return max(amounts.decimals(numbers, objective), int(objective.is_share))


def change(naming: Naming, contrast: str) -> str:
    """The change that a sentence is about: "A second block", "Going from 8 to 16 filters"."""
    low, is_step, high = contrast.partition(" → ")
    if not is_step:
        return each(naming)
    if ordinal := naming.ordinal(low, high):
        return f"{'An' if ordinal.startswith('eigh') else 'A'} {ordinal}"
    return f"Going from {naming.number(low)} to {naming.level(high)}"


def effects_text(effects: Sequence[tuple[str, float]], objective: Objective, places: int) -> str:
    """What the change does in each study: "adds 13 points in A and 9.1 in B"."""
    texts, before = [], None
    for study, effect in effects:
        sign = math.copysign(1, effect)
        does = amounts.gain(sign, objective, amounts.points(effect, objective, places))
        texts.append(f"{amounts.amount(effect, places) if sign == before else does} in {study}")
        before = sign
    return amounts.listed(texts)


def difference_text(
    found: Difference, reference: str, is_one_of_several: bool, objective: Objective, places: int
) -> str:
    """Whether one study's effect is told apart, and what remains possible where it is not."""
    of = f" of {found.study} from {reference}" if is_one_of_several else ""
    size = amounts.amount(found.estimate, places)
    if math.isnan(found.low):
        return f"the difference{of}, {size}, has no interval ({found.refusal})"
    if found.is_resolved:
        ends = sorted(math.copysign(1, found.estimate) * end for end in (found.low, found.high))
        bounds = " to ".join(signed(end, places) for end in ends)
        return f"the difference{of}, {size} ({bounds}), is resolved"
    span = possible(found.low, found.high, objective, places)
    return f"the difference{of} is not resolved, the effect in {found.study} may be {span}"


def signed(number: float, places: int) -> str:
    """A number with a minus where it is below zero."""
    return f"{'−' if round(number, places) < 0 else ''}{amounts.amount(number, places)}"


def possible(low: float, high: float, objective: Objective, places: int) -> str:
    """What a difference may be: "from 0.7 points lower to 1.5 higher"."""
    ends = [amounts.amount(end, places) for end in (low, high)]
    if low < 0 < high:
        return f"from {amounts.points(low, objective, places)} lower to {ends[1]} higher"
    least, most = sorted((low, high), key=abs)
    way = "higher" if high > 0 else "lower"
    return f"{amounts.amount(least, places)} to {amounts.points(most, objective, places)} {way}"


def undetermined_sentence(
    naming: Naming,
    objective: Objective,
    num_steps: int,
    reference: str,
    spans: Mapping[str, tuple[float, float]],
) -> str:
    """That no step of a factor is told apart between studies, and what differences remain possible.

    Args:
        naming: How the factor is called.
        objective: What was measured.
        num_steps: Of how many steps none is resolved.
        reference: The first study.
        spans: Of each further study, the least and the most that any of its differences may be.
    """
    places = places_of([end for span in spans.values() for end in span], objective)
    told = [f"{possible(*span, objective, places)} in {study}" for study, span in spans.items()]
    return (
        f"No step of {naming.spoken} is told apart between {amounts.listed([reference, *spans])}: "
        f"each of the {num_steps} may be {amounts.listed(told)}."
    )
