"""How a study meets its search space: its factors, what can be built, what a user should know."""

from dataclasses import replace

from search_spaces.loading import SEARCH_SPACES, shadowed_hint
from tuner.design import MOST_LISTED, Check, num_cells
from tuner.discovery import EFFORT
from tuner.resolving import resolved
from tuner.space import Space
from tuner.study import Study
from tuner.training.rehearsal import Rehearsal, try_build
from tuner.words import level_text, listed


def notices(study: Study, space: Space, rehearsal: Rehearsal) -> list[str]:
    """What a user should know of how a space is met: scaling, labels, names, a fit of its own."""
    layers = f" (the model has {', '.join(rehearsal.rescales)})" if rehearsal.rescales else ""
    if rehearsal.rescales and study.scaling != "none":
        layers += ": they are scaled twice, unless --scaling none"
    found = [f"scaling of the images: {study.scaling}{layers}"]
    if rehearsal.labels != "sparse":
        found.append(f"labels: {rehearsal.labels}, as the loss {rehearsal.loss} wants them")
    if space.has_fit:
        found.append("fit() of the space's own is called for each epoch: slower than without one")
    if space.arguments and not space.says_costs:
        made = ", ".join(f"{name}={value}" for name, value in space.arguments.items())
        found.append(f"the space is made with {made}")
    found += [
        f"{own} is called {here} here: every study has a column {own}"
        for here, own in space.renamed.items()
    ]
    if also := also_scientific(study, space):
        found.append(f"held at their defaults: {also} (--set NAME=V1,V2 asks of one, too)")
    if hint := shadowed_hint():
        found.append(hint.removeprefix("; "))
    if not space.says_costs and not space.found.is_whole:
        found.append("the space is large: hyperparameters that few levels reveal may not be found")
    return found


def also_scientific(study: Study, space: Space) -> str:
    """What else a space of a user's is about, and a study that named no factors holds."""
    if study.space in SEARCH_SPACES:
        return ""
    return listed(
        f"{name}={level_text(spec.default)}" for name, spec in space.hyperparameters.items()
        if spec.role == "scientific" and study.fixed.get(name) == spec.default
    )  # fmt: skip


def resolved_in(study: Study, space: Space, is_drawn: bool) -> tuple[Study, Space]:
    """A study resolved, and its space; levels beyond those of the space may reveal more of it."""
    found = resolved(study, space.hyperparameters, is_drawn)
    typed = {**{name: (level,) for name, level in found.fixed.items()}, **found.tune}
    beyond = {
        name: levels
        for name, levels in {**typed, **found.factors}.items()
        if space.conditional and set(levels) - set(space.hyperparameters[name].levels)
    }
    if not beyond:
        return found, space
    space = replace(space, further={**space.further, **beyond})
    return resolved(study, space.hyperparameters, is_drawn), space


def check_of(study: Study, space: Space, num_drawn: int | None) -> Check | None:
    """Builds cells to find the infeasible, where a space does not say; None where that is dear."""
    if space.says_costs:
        return None
    possible = num_cells(study, space)
    num_built = possible if possible <= MOST_LISTED else num_drawn or 0
    if study.build == "cheap" and num_built * space.found.effort > EFFORT:
        return None
    return lambda values: try_build(space, values)
