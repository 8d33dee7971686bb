"""What a study is called that was given no name: after what it asks, with a number where taken."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tuner.cli.settings import DEFAULT_STUDY
from tuner.cli.telling import echo
from tuner.errors import StudyError
from tuner.setting_types import MOST_BYTES
from tuner.study import Study, read_study
from tuner.words import name_some

if TYPE_CHECKING:
    from tuner.execution import Record
    from tuner.folder import StudyFolder
    from tuner.planning import Plan

MOST_NAMED = 3  # factors in a name


def named(plan: "Plan", output: Path, name: str = "") -> "Plan":
    """A plan whose study has a name of its own, or that of the same study where there is one.

    Args:
        plan: of a study that was given no name.
        output: the folder of studies.
        name: to begin with; by default what the study asks.
    """
    from tuner.claiming import differences_from, environment
    from tuner.folder import StudyFolder
    from tuner.running import gone_on_with

    about = environment(plan.space, plan.dataset)
    taken = ""
    for candidate in numbered(name or name_of(plan.study)):
        study = plan.study.model_copy(update={"name": candidate})
        folder = StudyFolder(output / study.folder_name)
        study = gone_on_with(study, output)
        found = differences_from(folder, study, about) if folder.is_study else []
        if not found:
            break
        taken = f"{folder.path} asks something else: {name_some(found)}"
    if taken:
        echo(f"{taken}. This study is {study.folder_name}", err=True)
    return replace(plan, study=study)


def numbered(name: str) -> Iterator[str]:
    """A name, then the same with a number behind it: "width-depth-digits-2"."""
    return itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))


def name_of(study: Study) -> str:
    """What a resolved study asks, as a name: "width-depth-hyperband-digits"."""
    parts = [subject(study)]
    if study.strategy != read_study(DEFAULT_STUDY).strategy:
        parts.append(study.strategy)
    parts.append(Path(study.dataset).stem)
    name = re.sub(r"[^\w.]+", "-", "-".join(parts)).strip("-. ")
    return name.encode()[: MOST_BYTES - 30].decode(errors="ignore") or study.name


def subject(study: Study) -> str:
    """What a study is about: its factors, the width first, where they are not those of its name."""
    default = read_study(DEFAULT_STUDY)
    if study.name != default.name or [*default.factors] == study.factor_names:
        return study.name
    roles = {study.width: "width", study.depth: "depth"}
    leading = [roles[name] for name in (study.width, study.depth) if name in study.factor_names]
    words = leading + [name for name in study.factor_names if name not in roles]
    return "-".join(words) if len(words) <= MOST_NAMED else f"{len(words)}-factors"


def completed_plan(
    folder: "StudyFolder", factors: list[str], dataset: str | None, output: Path
) -> "tuple[Plan, list[Record]]":
    """The plan of a study's full factorial, and the executions that are reused in it.

    Args:
        folder: of the study.
        factors: that are searched; none for all.
        dataset: where its images lie now; None for where they lay.
        output: the folder of studies.

    Raises:
        StudyError: if the images there are others.
    """
    from tuner.completing import completed_study, reused_records
    from tuner.planning import make_plan

    completed, records = completed_study(folder, factors)
    found = make_plan(completed.with_settings(dataset=dataset) if dataset else completed)
    if found.dataset.sha256 != folder.data["sha256"]:
        raise StudyError(
            f"the images of {found.study.dataset} are not those that {folder.path} was trained on "
            f"({folder.study.dataset}): expected --dataset PATH to the same"
        )
    found = named(found, output, found.study.name)
    return found, reused_records(found, records)
