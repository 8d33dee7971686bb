"""A study's settings held against what its search space declares."""

from collections.abc import Collection, Mapping, Sequence

from search_spaces import Hyperparameter
from tuner.errors import UsageError
from tuner.setting_types import EVERY_FACTOR, Level
from tuner.study import Study
from tuner.words import level_text, nearest


def resolved(study: Study, known: Mapping[str, Hyperparameter], is_drawn: bool = False) -> Study:
    """The study with every hyperparameter of its space a factor, or fixed at one level.

    Args:
        study: as it was asked.
        known: the hyperparameters of its space.
        is_drawn: whether its strategy draws configurations, so that a factor may be continuous.

    Raises:
        UsageError: for an unknown hyperparameter, with the nearest name, or an impossible level.
    """
    study = with_known_names(study, known)
    given = named(study, known)
    factors = searched_levels(study, known)
    sampled = [name for name, levels in factors.items() if is_drawn and not levels]
    factors = {name: levels for name, levels in factors.items() if name not in sampled}
    for name, levels in factors.items():
        if not levels:
            raise UsageError(
                f"{name} is continuous: give its levels, as in --set {name}={examples(known[name])}"
            )
    cells = study.cells and tuple(
        {name: checked(name, level, known[name]) for name, level in cell.items()}
        for cell in study.cells
    )
    tune = {name: tuned_levels(name, levels, known[name]) for name, levels in study.tune.items()}
    searched = {*factors, *sampled, *given}
    free = {name: spec.default for name, spec in known.items() if name not in searched}
    fixed = {
        name: checked(name, level, known[name])
        for name, level in study.fixed.items()
        if name not in tune
    }
    study = study.model_copy(
        update={
            "factors": factors, "cells": cells, "fixed": {**free, **fixed}, "tune": tune,
            "sampled": tuple(sampled), "levels": {}, "only": (),
        }
    )  # fmt: skip
    study = study.model_copy(update=axes(study, known))
    return study.model_copy(update={"until": named_half_widths(study)})


def named_half_widths(study: Study) -> dict[str, float]:
    """The half-widths that are asked for, by the names of factors: of all, or of width and depth.

    Raises:
        UsageError: if one is asked of what is no factor, or replicates cannot reach it.
    """
    if not study.until:
        return {}
    if study.replicates > study.max_replicates:
        raise UsageError(
            f"expected --max-replicates of at least --replicates ({study.replicates}), got "
            f"{study.max_replicates}"
        )
    roles = {"width": study.width, "depth": study.depth}
    found: dict[str, float] = {}
    for name, half_width in study.until.items():
        factor = name if name in study.factor_names else roles.get(name)
        if name == EVERY_FACTOR:
            found = dict.fromkeys(study.factor_names, half_width) | found
        elif factor is None:
            raise UsageError(
                f"--until: this study has no factor {name!r}.{nearest(name, study.factor_names)} "
                f"(factors: {', '.join(study.factor_names)})"
            )
        else:
            found[factor] = half_width
    return found


def searched_levels(
    study: Study, known: Mapping[str, Hyperparameter]
) -> dict[str, tuple[Level, ...]]:
    """The levels of each factor: as asked, else the space's own; none of what is continuous."""
    asked = {**study.factors, **study.levels, **dict.fromkeys(study.sampled, ())}
    factors = {
        name: distinct(name, [checked(name, level, known[name]) for level in levels])
        for name, levels in asked.items()
    }
    if study.only:
        return {name: factors.get(name, known[name].levels) for name in study.only}
    if study.cells is not None or study.factors or study.sampled:
        return factors
    asked_of = asked_by_default(known, {*study.fixed, *study.tune})
    return {
        name: factors.get(name, spec.levels) for name, spec in known.items()
        if name in factors or name in asked_of
    }  # fmt: skip


def asked_by_default(known: Mapping[str, Hyperparameter], held: Collection[str]) -> list[str]:
    """The factors of a study that names none, of those that it does not hold.

    They are the width and the depth, where the space says which these are, with those of whose
    role it says nothing; else all that are scientific.
    """
    scientific = [
        name for name, spec in known.items() if spec.role == "scientific" and name not in held
    ]
    asked = [name for name in scientific if known[name].axis or not known[name].is_role_said]
    has_axis = any(known[name].axis for name in asked)
    return asked if has_axis else scientific


def spread(spec: Hyperparameter) -> tuple[Level, ...]:
    """Five levels of a continuous hyperparameter, over all of its range as its author scaled it."""
    if spec.sample is None:
        return ()
    return tuple(dict.fromkeys(spec.sample(share) for share in (0, 0.25, 0.5, 0.75, 1)))


def examples(spec: Hyperparameter) -> str:
    """Levels that could be typed for a continuous hyperparameter."""
    return ",".join(level_text(level) for level in spread(spec)[1::2]) or "0.1,0.2"


def with_known_names(study: Study, known: Mapping[str, Hyperparameter]) -> Study:
    """The study with what the space calls by a taken name under the name that it has here."""

    def known_name(name: str) -> str:
        return f"hp_{name}" if name not in known and f"hp_{name}" in known else name

    renamed = {
        field: {known_name(name): value for name, value in getattr(study, field).items()}
        for field in ("factors", "levels", "fixed", "tune")
    }
    cells = study.cells and tuple({known_name(n): v for n, v in c.items()} for c in study.cells)
    only = tuple(map(known_name, study.only))
    return study.model_copy(update={**renamed, "cells": cells, "only": only})


def axes(study: Study, known: Mapping[str, Hyperparameter]) -> dict[str, str | None]:
    """The study's width, depth and step of the depth: as it says, else as its space does.

    Raises:
        UsageError: if it names what is no factor.
    """
    found: dict[str, str | None] = {"width": study.width, "depth": study.depth}
    for axis, name in found.items():
        if name is not None and name not in study.factor_names:
            refuse_levels(axis, name, study, known)
            raise UsageError(
                f"--{axis}: this study has no factor {name!r}.{nearest(name, study.factor_names)} "
                f"(factors: {', '.join(study.factor_names)})"
            )
        of_space = (name for name in study.factor_names if known[name].axis == axis)
        found[axis] = name or next(of_space, None)
    depth = found["depth"]
    return {**found, "step": study.step or (known[depth].step or None if depth else None)}


def refuse_levels(axis: str, typed: str, study: Study, known: Mapping[str, Hyperparameter]) -> None:
    """Refuses levels where the name of a factor is meant, and says how levels are typed.

    Raises:
        UsageError: if what was typed begins as a number does.
    """
    if typed[:1].isdigit():
        of_axis = [name for name in study.factor_names if known[name].axis == axis]
        levels = typed if "," in typed else f"{typed},…"
        raise UsageError(
            f"--{axis} names the factor that is the {axis}, got {typed!r}. Did you mean "
            f"--set {next(iter(of_axis), 'FACTOR')}={levels}? "
            f"(factors: {', '.join(study.factor_names)})"
        )


def distinct(name: str, levels: list[Level]) -> tuple[Level, ...]:
    """The levels of a factor, each of them once.

    Raises:
        UsageError: if two that were written differently are equal.
    """
    if len(set(levels)) < len(levels):
        raise UsageError(f"factor {name}: expected different levels, got {levels}")
    return tuple(levels)


def tuned_levels(name: str, levels: Sequence[Level], spec: Hyperparameter) -> tuple[Level, ...]:
    """The levels that a tuned hyperparameter tries: those given, or the space's own.

    Raises:
        UsageError: if it is under study itself, or there is nothing to choose from.
    """
    if spec.role == "scientific" and spec.is_role_said:
        raise UsageError(f"{name} is a factor under study: expected a nuisance, as learning_rate")
    usual = spec.levels or (spread(spec) if spec.sample else ())
    found = tuple(checked(name, level, spec) for level in levels or usual)
    if len(found) < 2:
        raise UsageError(f"expected two levels or more to tune, as in --tune {name}=V1,V2")
    return found


def named(study: Study, known: Mapping[str, Hyperparameter]) -> set[str]:
    """The hyperparameters that a study names, each known to its space and in one role.

    Raises:
        UsageError: for an unknown name, with the nearest, or one that is named twice.
    """
    searched = {
        *study.factors,
        *study.levels,
        *study.only,
        *study.sampled,
        *(study.cells or ({},))[0],
    }
    given = {*searched, *study.fixed, *study.tune}
    for name in sorted(given):
        check_name(name, study.space, known)
    if tuned := searched & set(study.tune):
        raise UsageError(f"{tuned.pop()!r} is both searched and tuned: expected --set or --tune")
    if both := searched & set(study.fixed):
        raise UsageError(f"{both.pop()!r} is both searched and fixed: expected --set or --fix")
    return given


def check_name(name: str, space: str, known: Mapping[str, Hyperparameter]) -> None:
    """Refuses the name of a factor that the space does not have, offering the nearest."""
    if name not in known:
        axis = next((one for one, spec in known.items() if spec.axis == name), None)
        hint = f" Did you mean {axis!r}?" if axis else nearest(name, known)
        raise UsageError(
            f"the space {space} has no factor {name!r}.{hint} (factors: {', '.join(known)})"
        )


def checked(name: str, level: Level, spec: Hyperparameter) -> Level:
    """A level as the space has it; text from the command line becomes the default's type."""
    if isinstance(level, str) and not isinstance(spec.default, str):
        level = parsed(level)
    elif isinstance(spec.default, str) and not isinstance(level, str):
        level = str(level)
    try:
        return spec.checked(name, level)
    except ValueError as error:
        raise UsageError(str(error)) from error


def parsed(text: str) -> Level:
    """A number or a truth value where the text is one, else the text."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
