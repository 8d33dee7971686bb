"""From what is typed on the command line to a study."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tuner.errors import UsageError
from tuner.ready import ready_studies
from tuner.setting_types import EVERY_FACTOR
from tuner.study import Study, read_study, validated

DEFAULT_STUDY = "width-depth"
MOST_SPELLED = 12  # levels of a range


def study_from(
    config: str | None,
    levels: list[str],
    fixed: list[str],
    tuned: list[str],
    until: Sequence[str] = (),
    **settings: Any,
) -> Study:
    """A study from its configuration, with what was typed in place of what it says.

    Args:
        config: a YAML file, a study's folder or a ready study; without one, the default study
            for its own space.
        levels: "FACTOR=V1,V2" each.
        fixed: "NAME=V" each; a factor of the configuration is no longer searched then.
        tuned: "NAME" or "NAME=V1,V2" each.
        until: "HALF-WIDTH" or "FACTOR=HALF-WIDTH" each.
        **settings: of a study; those that are None were not typed.

    Raises:
        UsageError: for whatever is not a study's setting.
    """
    typed = {name: value for name, value in settings.items() if value is not None}
    default = read_study(DEFAULT_STUDY)
    if config is not None:
        base = read_study(configuration_file(config))
    elif typed.get("space", default.space) == default.space:
        base = default
    else:
        base = validated({"name": Path(typed["space"].rpartition(":")[2]).stem})
    held = dict(pair(text, "--fix NAME=V") for text in fixed)
    typed_levels = (pair(text, "--set FACTOR=V1,V2") for text in levels)
    searched = {factor: levels_from(factor, value) for factor, value in typed_levels}
    tune = {
        name: tuple(value.split(",")) if value else ()
        for name, _, value in (text.partition("=") for text in tuned)
    }
    both = set(held) & set(searched)
    if both:
        raise UsageError(f"{both.pop()!r} is both searched and fixed: expected --set or --fix")
    factors = {name: v for name, v in {**base.factors, **searched}.items() if name not in held}
    if "only" in typed and base.factors:
        wanted = [name.strip() for name in str(typed["only"]).split(",")]
        factors = {name: levels for name, levels in factors.items() if name in wanted}
    is_whole = base.factors or base.cells  # else the space is first to say what its factors are
    return base.with_settings(
        factors=factors if is_whole else {},
        levels={} if is_whole else factors,
        fixed={name: v for name, v in {**base.fixed, **held}.items() if name not in searched},
        tune={**base.tune, **tune},
        until=half_widths_from(until) or base.until,
        **typed,
    )


def is_named(config: str | None, name: str | None) -> bool:
    """Whether a study was given a name: by its option, or in a file of one's own."""
    return name is not None or not (config is None or config in ready_studies())


def configuration_file(config: str) -> Path | str:
    """The file of a configuration, also where the folder of a study is named."""
    inside = Path(config) / "study.yaml"
    return inside if inside.is_file() else config


def levels_from(factor: str, text: str) -> tuple[str, ...]:
    """The levels of a typed "V1,V2".

    Raises:
        UsageError: for a range, which is no level, with the levels that it spans.
    """
    spanned = re.fullmatch(r"(\d+)(?:-|\.\.|:|…)(\d+)", text)
    low, high = map(int, spanned.groups()) if spanned else (0, 0)
    if low < high:
        spelled = range(low, high + 1) if high - low < MOST_SPELLED else (low, "…", high)
        raise UsageError(
            f"--set {factor}: expected levels with commas between them, got {text!r}. "
            f"Did you mean --set {factor}={','.join(map(str, spelled))}?"
        )
    return tuple(text.split(","))


def half_widths_from(texts: Sequence[str]) -> dict[str, str]:
    """The half-widths of a typed "0.5" or "depth=0.5", by factor."""
    typed = (text.rpartition("=") for text in texts)
    return {name.strip() or EVERY_FACTOR: value.strip() for name, _, value in typed}


def pair(text: str, form: str) -> tuple[str, str]:
    """The name and the value of a typed "NAME=VALUE"."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise UsageError(f"expected {form}, got {text!r}")
    return name.strip(), value.strip()
