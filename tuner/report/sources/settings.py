"""What the numbers of a study may depend on, laid out flat so that studies can be compared."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from tuner.report.sources.source import Source
from tuner.study import STOPPING, TOLD, Study
from tuner.words import level_text, listed

IMAGES = "images (SHA-256)"
#: What two studies share if they share their replicates, as people say it.
SHARED_BY = {
    IMAGES: "images",
    "train_size": "training sizes",
    "validation_size": "validation sizes",
    "seed": "seeds",
}
SHOWN = 12  # digits of a hash
FILE = "file "  # before the name of a space's source file
SET_UP = "set-up"  # of the framework: threads, kernels, precision
#: Settings that say what of the same world is looked at, and not how it is trained.
OF_THE_DESIGN = {"seed", "replicates", "strategy", "max_trials", "fraction", "build", "dataset"}


def settings_of(study: Study, environment: Mapping[str, Any]) -> dict[str, str]:
    """The settings of a study and what it was begun in, by name: each factor's levels among them.

    Args:
        study: As it was resolved.
        environment: What `StudyFolder.environment` has.
    """
    return {
        name: text
        for name, value in _told(study, environment)
        if (text := _written(value)) not in ("", "None")
    }


def _told(study: Study, environment: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every setting with its value."""
    settings = study.model_dump(mode="json", exclude=TOLD | STOPPING | {"shard"})
    cells = settings.pop("cells") or []
    yield from settings.pop("fixed").items()
    yield from settings.pop("factors").items()
    for name in study.factor_names if cells else ():
        yield name, list(dict.fromkeys(cell[name] for cell in cells))
    yield from settings.items()
    yield IMAGES, environment.get("data", {}).get("sha256", "")[:SHOWN]
    yield from environment.get("versions", {}).items()
    yield SET_UP, environment.get("settings")
    yield "processor", environment.get("cpu")
    space = environment.get("space") or {}
    files = space if isinstance(space, dict) else {study.space: space}
    yield from ((f"{FILE}{name}", digest[:SHOWN]) for name, digest in files.items())


def is_file(setting: str) -> bool:
    """Whether a setting is what a source file of the space holds."""
    return setting.startswith(FILE)


def _written(value: Any) -> str:
    """A setting as text."""
    if isinstance(value, dict):
        return listed(f"{name}: {_written(part)}" for name, part in value.items())
    return listed(map(level_text, value)) if isinstance(value, list) else level_text(value)


def differing(sources: list[Source], names: list[str]) -> pd.DataFrame:
    """The settings in which studies differ.

    Args:
        sources: The studies; of tables, nothing is known.
        names: How they are called.

    Returns:
        One row a setting: setting, and a column of texts for each study ("" where it has none).
    """
    known = [source.facts.settings for source in sources]
    every = dict.fromkeys(name for settings in known for name in settings)
    if len({settings.get(IMAGES, "") for settings in known}) == 1:
        every.pop("dataset", None)  # the same images, wherever they lie
    if any(SET_UP not in settings for settings in known):
        every.pop(SET_UP, None)  # what an early study did not record need not differ
    rows = [[name, *(settings.get(name, "") for settings in known)] for name in every]
    return pd.DataFrame(
        [row for row in rows if len(set(row[1:])) > 1], columns=["setting", *names], dtype=object
    )


def why_not_shared(first: Source, other: Source) -> str:
    """Why two studies do not share their replicates, as a phrase; "" where they do."""
    known = [source.facts.settings for source in (first, other)]
    for source, settings in zip((first, other), known, strict=True):
        if missing := [what for name, what in SHARED_BY.items() if name not in settings]:
            return f"nothing is known of the {listed(missing)} of {source.name}"
    for name, what in SHARED_BY.items():
        one, two = (settings[name] for settings in known)
        if one != two:
            return f"their {what} differ ({one} and {two})"
    return ""
