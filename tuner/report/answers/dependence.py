"""What one effect depends on, in a sentence a pair of factors."""

from collections.abc import Mapping

import pandas as pd

from tuner.analysis.inference import SIGNIFICANCE
from tuner.analysis.sentences import SMALL, intervals_part, is_small
from tuner.analysis.verdicts import num_digits
from tuner.objective import Objective
from tuner.report.answers import amounts
from tuner.report.answers.naming import Naming

Names = Mapping[str, Naming]
MOST_LEVELS = 5  # that a sentence lists


def dependence_sentences(
    effects: pd.DataFrame, interactions: pd.DataFrame, names: Names, objective: Objective
) -> list[str]:
    """One sentence for each pair of factors that was tested.

    Args:
        effects: As `effects.effects` returns them.
        interactions: As `variance.interactions` returns them.
        names: How the factors are called.
        objective: What was measured.
    """
    if interactions.empty:
        return []
    said, unseen = [], []
    for row in interactions.to_dict("records"):
        one, other = names[row["factor"]], names[row["by"]]
        if row["resolved"]:
            said.append(pair_sentence(effects, one, other, objective))
        elif row["p"] == row["p"]:
            unseen.append(f"{one.spoken} and {other.spoken}")
    if unseen:
        text = f"Whether {amounts.listed(unseen)}"
        said.append(
            f"{text} change each other's effect could not be seen: as far as this study can tell, "
            "their effects add up."
        )
    return said


def pair_sentence(effects: pd.DataFrame, one: Naming, other: Naming, objective: Objective) -> str:
    """How the effect of one factor differs between the levels of another."""
    ways = [(one, other), (other, one)]
    asked = {way: within_of(effects, *way) for way in ways}
    known = [way for way in ways if len(asked[way]) > 1]
    if not known:
        return f"What {one.spoken} does depends on {other.spoken}."
    naming, by = max(known, key=lambda way: relative_spread(asked[way]))
    rows = asked[naming, by]
    if is_small(rows, SMALL) and not intervals_part(rows):
        return small_sentence(rows, naming, by, objective)
    return large_sentence(rows, naming, by, objective)


def within_of(effects: pd.DataFrame, naming: Naming, by: Naming) -> pd.DataFrame:
    """A factor's slope at each level of another; without slopes, the step that differs most."""
    own = effects[
        effects["factor"].eq(naming.name) & effects["by"].eq(by.name) & effects["estimate"].notna()
    ]
    slopes = own[own["kind"].eq("conditional growth")]
    if len(slopes):
        return slopes
    contrasts = [rows for _, rows in own.groupby("contrast", sort=False)]
    return max(contrasts, key=relative_spread, default=own)


def relative_spread(rows: pd.DataFrame) -> float:
    """How much an effect differs between levels, as a part of its largest."""
    estimates = rows["estimate"]
    largest = estimates.abs().max()
    return float((estimates.max() - estimates.min()) / largest) if largest > 0 else 0.0


def small_sentence(rows: pd.DataFrame, naming: Naming, by: Naming, objective: Objective) -> str:
    """That an effect is much the same at every level of another factor."""
    sizes = sorted(rows["estimate"].abs())
    places = num_digits(sizes[0], sizes[-1])
    low, most = amounts.amount(sizes[0], places), amounts.points(sizes[-1], objective, places)
    return (
        f"What {naming.spoken} does is much the same at every {by.spoken} "
        f"({low} to {most} {by_what(rows, naming)})."
    )


def by_what(rows: pd.DataFrame, naming: Naming) -> str:
    """What an effect is told by: "a doubling", "a block", "going from 3 to 5-3"."""
    contrast = str(rows["contrast"].iloc[0])
    if contrast.startswith("per doubling"):
        return "a doubling"
    if contrast.startswith("per"):
        return f"a {naming.one_more}"
    low, _, high = contrast.partition(" → ")
    return f"going from {naming.number(low)} to {naming.level(high) if naming.unit else high}"


def large_sentence(rows: pd.DataFrame, naming: Naming, by: Naming, objective: Objective) -> str:
    """An effect at each level of another factor, or at the only levels where it was seen."""
    is_seen = rows["p_holm"] < SIGNIFICANCE
    shown = rows if len(rows) <= MOST_LEVELS else rows.iloc[[0, -1]]
    what = by_what(rows, naming)
    listed = (", " if len(shown) == len(rows) else ", … ").join(parts_of(shown, by, objective))
    is_average = rows["kind"].eq("conditional growth").all() and not rows["leads"].all()
    average = " (each the average of its steps)" if is_average else ""
    if not is_seen.any():
        return (
            f"How much {naming.spoken} matters depends on {by.spoken}; at no {by.spoken} by itself "
            "is it told from chance."
        )
    if not is_seen.all():
        name = naming.spoken[:1].upper() + naming.spoken[1:]
        seen = amounts.listed([by.level(str(at)) for at in rows.loc[is_seen, "at"]])
        return f"{name} was seen to matter only at {seen}: {what} {listed}{average}."
    return f"How much {naming.spoken} matters depends on {by.spoken}: {what} {listed}{average}."


def parts_of(rows: pd.DataFrame, by: Naming, objective: Objective) -> list[str]:
    """What an effect is at each level: "adds 1.9 points at 1 block", then "4.2 at 2"."""
    parts, verb = [], ""
    places = amounts.decimals(rows["estimate"], objective)
    for row in rows.to_dict("records"):
        at, value = str(row["at"]), float(row["estimate"])
        if not row["p_holm"] < SIGNIFICANCE:
            parts.append(f"shows nothing at {by.level(at)}")
            verb = ""
            continue
        said = amounts.gain(value, objective, "").rstrip()
        if said == verb:
            parts.append(f"{amounts.amount(value, places)} at {by.number(at)}")
        else:
            size = amounts.points(value, objective, places)
            parts.append(f"{amounts.gain(value, objective, size)} at {by.level(at)}")
        verb = said
    return parts
