"""What a fraction of a factorial tells: which factors matter most."""

from collections.abc import Mapping, Sequence

from tuner.objective import Objective
from tuner.report.answers import amounts
from tuner.report.answers.naming import Naming
from tuner.report.answers.searches import number_word


def matters_sentence(
    apart: Mapping[str, float],
    seen: Sequence[str],
    names: Mapping[str, Naming],
    objective: Objective,
    num_cells: int,
    num_possible: int,
) -> str:
    """Which factors matter, the strongest first, and from how many networks that is predicted.

    Args:
        apart: How far the mean levels of each factor lie apart, the farthest first.
        seen: The factors of which some step is resolved.
        names: How the factors are called.
        objective: What was measured.
        num_cells: That were trained.
        num_possible: Of the whole factorial.
    """
    matter = [name for name in apart if name in seen]
    told = f"Predicted from {num_cells:,} of {num_possible:,} networks."
    if not matter:
        return f"None of the {number_word(len(apart))} factors was seen to matter. {told}"
    first, *rest = matter
    text = (
        f"Of the {number_word(len(apart))}, {names[first].spoken} matters most "
        f"(up to {amounts.points(apart[first], objective)})"
    )
    if rest:
        more = [f"{names[name].spoken} ({size_of(apart[name], objective)})" for name in rest]
        text += (
            f", then {amounts.listed(more)}" if len(more) < 3 else f", then {', then '.join(more)}"
        )
    unseen = [names[name].spoken for name in apart if name not in seen]
    if unseen:
        verb = "was" if len(unseen) == 1 else "were"
        text += f"; {amounts.listed(unseen)} {verb} not seen to matter"
    return f"{text}. {told}"


def size_of(value: float, objective: Objective) -> str:
    """An amount without its unit."""
    return amounts.amount(value, amounts.decimals([value], objective))
