"""One sentence a factor, by rule from its effects; never stronger than their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuner.analysis.shape import Shape, Step, read_shape
from tuner.objective import Objective
from tuner.report.answers import amounts
from tuner.report.answers.naming import Naming

MORE = {"depth": "Deeper", "width": "Wider"}
MOST_STEPS = 4  # that a sentence lists
NOTHING_MORE = "beyond that nothing more was seen"


@dataclass(frozen=True)
class Told:
    """What a sentence about a factor is made of.

    Attributes:
        naming: How the factor is called.
        objective: What was measured.
        slope: The growth that leads, as (estimate, is resolved); None where the steps lead.
        steps: Its steps in the direction of quality: a rise is a gain.
        means: The mean at each level, by the level's text.
        detectable: What the slope could have seen, or each step.
        is_little: Whether it matters little for sure.
        is_hinted: Whether the slope's own interval leaves zero out, where it is not resolved.
        depends_on: What other factors are called at whose levels it was seen to matter by itself.
    """

    naming: Naming
    objective: Objective
    slope: tuple[float, bool] | None
    steps: Sequence[Step]
    means: dict[str, float]
    detectable: Sequence[float]
    is_little: bool = False
    is_hinted: bool = False
    depends_on: Sequence[str] = ()


def factor_sentence(told: Told) -> str:
    """What a factor does, in one sentence."""
    if told.slope is not None:
        return slope_sentence(told, *told.slope)
    shape = read_shape(told.steps)
    if shape.kind == "flat":
        return unseen_sentence(told)
    if told.is_little:
        return little_sentence(
            told, max(abs(step.estimate) for step in told.steps), "at most a step"
        )
    if not is_counted(told):
        return named_sentence(told)
    return SAID[shape.kind](told, shape)


def is_counted(told: Told) -> bool:
    """Whether the levels are numbers, so that there is more and less of the factor."""
    return all(is_number(step.low) and is_number(step.high) for step in told.steps)


def is_number(text: str) -> bool:
    """Whether a level's text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def slope_sentence(told: Told, estimate: float, is_resolved: bool) -> str:
    """What each doubling, or each further block, does."""
    written = f"about {amounts.points(estimate, told.objective)}"
    does = f"{each(told.naming)} {amounts.gain(estimate, told.objective, written)}"
    if told.is_hinted:
        does = f"{does[:1].lower()}{does[1:]}"
        return f"Taken by itself, {does}; among so many comparisons that may be chance."
    if not is_resolved:
        return unseen_sentence(told)
    if told.is_little:
        return little_sentence(told, estimate, per(told.naming))
    return f"{does}."


def each(naming: Naming) -> str:
    """What a slope is of: "Each doubling of the filters", "Each further block"."""
    if naming.role == "width":
        return f"Each doubling of the {naming.unit.many if naming.unit else naming.spoken}"
    return f"Each further {naming.one_more}"


def per(naming: Naming) -> str:
    """What a slope is told by: "a doubling", "a block"."""
    return "a doubling" if naming.role == "width" else f"a {naming.one_more}"


def unseen_sentence(told: Told) -> str:
    """That no effect was seen, on the average or at all, and which one would have been."""
    seen = max((size for size in told.detectable if size == size), default=float("nan"))
    text = f"No effect of {told.naming.spoken} was seen"
    hinted = [step for step in told.steps if step.ci_low * step.ci_high > 0]
    if hinted and told.slope is None and not told.depends_on:
        step = max(hinted, key=lambda step: abs(step.estimate))
        size = amounts.points(step.estimate, told.objective)
        gain = amounts.gain(step.estimate * told.objective.sign, told.objective, size)
        does = step_text(told, step, gain)
        return f"Taken by itself, {does}; among so many comparisons that may be chance."
    if told.depends_on:
        others = amounts.listed(told.depends_on)
        text = (
            f"What {told.naming.spoken} does depends on {others}; on the average nothing was seen"
        )
    if seen != seen:
        return f"{text}."
    by = f" {per(told.naming)}" if told.naming.role or told.naming.unit else ""
    would = f"{amounts.points(seen, told.objective)}{by} would have been"
    return f"{text} ({would})." if told.depends_on else f"{text}; one of {would}."


def little_sentence(told: Told, size: float, by: str) -> str:
    """That an effect is there, and small, on the average or at all."""
    name = told.naming.spoken[:1].upper() + told.naming.spoken[1:]
    average, depends = "", ""
    if told.depends_on:
        average = " on the average"
        depends = f"; what it does depends on {amounts.listed(told.depends_on)}"
    return f"{name} matters little{average}: {amounts.points(size, told.objective)} {by}{depends}."


def one_way_sentence(told: Told, shape: Shape) -> str:
    """What more of a factor does where all of its resolved steps go one way."""
    is_gain = shape.kind == "rises"
    if shape.tail:
        return levelling_sentence(told, shape, is_gain)
    pace = f", by {shape.pace} each time" if shape.pace else ""
    better = "better" if is_gain else "worse"
    return f"{more_of(told.naming)} is {better}{pace}: {steps_text(told, shape)}."


def more_of(naming: Naming) -> str:
    """More of a factor: "Deeper", "More features is", "A larger kernel"."""
    if naming.role in MORE:
        return MORE[naming.role]
    return f"More {naming.unit.many}" if naming.unit else f"A larger {naming.spoken}"


def levelling_sentence(told: Told, shape: Shape, is_gain: bool) -> str:
    """Up to which level more of a factor was seen to matter."""
    naming, last = told.naming, shape.steps[-1].high
    what = f"More {naming.unit.many}" if naming.unit else f"More {naming.spoken}"
    verb = {
        (True, True): "help",
        (True, False): "hurt",
        (False, True): "helps",
        (False, False): "hurts",
    }
    text = f"{what} {verb[naming.unit is not None, is_gain]} up to {naming.number(last)}"
    rest = told.detectable[len(told.detectable) - count_after(told.steps, last) :]
    seen = [size for size in rest if size == size]
    if not seen:
        end = "what more does is not resolved" if shape.tail == "unresolved" else NOTHING_MORE
        return f"{text}; {end}."
    would = f"a {'gain' if is_gain else 'loss'} of {amounts.points(max(seen), told.objective)}"
    if shape.tail == "unresolved":
        return f"{text}; what more does is not resolved ({would} would have been seen)."
    return f"{text}; {NOTHING_MORE} ({would} would have been)."


def count_after(steps: Sequence[Step], level: str) -> int:
    """How many steps begin at a level or above it."""
    return len(steps) - [step.high for step in steps].index(level) - 1


def peak_sentence(told: Told, shape: Shape) -> str:
    """Where a factor is best, and what the next step costs."""
    before, after = shape.turns
    down = next(step for step in shape.steps if step.low == after and step.sign < 0)
    best = told.naming.level(before)
    if before != after:
        best = f"between {told.naming.number(before)} and {told.naming.level(after)}"
        return f"Best {best}; {step_text(told, down, gain_of(told, down))}."
    return f"Best at {best}; {step_text(told, down, gain_of(told, down))}."


def dip_sentence(told: Told, shape: Shape) -> str:
    """Where a factor is worst, with the means at its ends."""
    first, last = shape.steps[0].low, shape.steps[-1].high
    before, after = shape.turns
    worst = min((before, after), key=lambda text: told.objective.sign * told.means[text])
    at = {
        text: amounts.round_level(told.means[text], told.objective) for text in (first, worst, last)
    }
    down, up = ("falls", "rises") if told.objective.maximize else ("rises", "falls")
    name, number = told.objective.words, told.naming.number
    return (
        f"{name[:1].upper()}{name[1:]} {down} from {at[first]} to {at[worst]} between "
        f"{number(first)} and {told.naming.level(worst)}, then {up} to {at[last]}."
    )


def disorder_sentence(told: Told, shape: Shape) -> str:
    """That a factor helps and hurts in no order, and where it is best."""
    best = max(told.means, key=lambda text: told.objective.sign * told.means[text])
    mean = amounts.round_level(told.means[best], told.objective)
    return (
        f"More and less of {told.naming.spoken} help in no order; the best mean, {mean}, is at "
        f"{told.naming.level(best)}."
    )


SAID = {
    "rises": one_way_sentence,
    "falls": one_way_sentence,
    "peaks": peak_sentence,
    "dips": dip_sentence,
    "no order": disorder_sentence,
}


def named_sentence(told: Told) -> str:
    """Which of named levels is better than its neighbour, and by how much."""
    parts = []
    for step in told.steps:
        if step.sign:
            better = "better" if step.sign > 0 else "worse"
            size = amounts.points(step.estimate, told.objective, places_of(told))
            parts.append(f"{step.high} is {better} than {step.low} by {size}")
        else:
            parts.append(f"{step.high} and {step.low} are not told apart")
    name = told.naming.spoken[:1].upper() + told.naming.spoken[1:]
    more = "; …" if len(parts) > MOST_STEPS else ""
    return f"{name} {'; '.join(parts[:MOST_STEPS])}{more}."


def steps_text(told: Told, shape: Shape) -> str:
    """The resolved steps in a row: "the second block adds 13 points, the third 11"."""
    resolved = [step for step in shape.steps if step.sign]
    shown = resolved if len(resolved) <= MOST_STEPS else [resolved[0], resolved[-1]]
    texts = [step_text(told, shown[0], gain_of(told, shown[0]))]
    for step in shown[1:]:
        size = amounts.amount(step.estimate, places_of(told))
        texts.append(step_text(told, step, size, is_later=True))
    text = (", … " if len(shown) < len(resolved) else ", ").join(texts)
    return text + ("; not every step is resolved" if len(resolved) < len(told.steps) else "")


def gain_of(told: Told, step: Step) -> str:
    """What a step does to the objective; a rise of a step is a gain."""
    size = amounts.points(step.estimate, told.objective, places_of(told))
    return amounts.gain(step.estimate * told.objective.sign, told.objective, size)


def places_of(told: Told) -> int:
    """The decimals that all steps of one sentence have."""
    return amounts.decimals([step.estimate for step in told.steps if step.sign], told.objective)


def step_text(told: Told, step: Step, does: str, is_later: bool = False) -> str:
    """One step: "the second block adds 13 points", "from 8 to 16 filters adds 4.2 points"."""
    naming = told.naming
    ordinal = naming.ordinal(step.low, step.high)
    if ordinal is not None:
        return f"the {ordinal.partition(' ')[0] if is_later else ordinal} {does}"
    low, high = naming.number(step.low), naming.number(step.high)
    if is_later:
        return f"from {low} to {high} another {does}"
    return f"going from {low} to {naming.level(step.high)} {does}"
