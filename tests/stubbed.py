"""A search with its claims, ledger and tables, whose trainings are stubbed by a number."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from tuner import claiming, running
from tuner.design import Design
from tuner.execution import Execution, Outcome
from tuner.folder import StudyFolder
from tuner.planning import Plan
from tuner.study import Study
from tuner.training.datasets import load_dataset

ABOUT = {
    "data": {"sha256": "0", "num_images": 1437, "image_shape": [8, 8, 1]},
    "space": {"shapes.py": "0"},
    "settings": {"threads": 1},
}


def plan_of(study: Study, design: Design) -> Plan:
    """A plan without a search space."""
    return Plan(study, load_dataset("digits"), None, design, None)


def search(
    output: Path,
    study: Study,
    design: Design,
    train: Callable[[Execution], Outcome],
    about: dict[str, Any] = ABOUT,
    **how: Any,
) -> StudyFolder:
    """Runs a study, or its shard, to its end, as `tuner search` does; returns its folder."""
    plan = plan_of(study, design)
    path = output / study.folder_name
    with (
        mock.patch.object(claiming, "environment", return_value=about),
        mock.patch.object(running, "execute", train),
        running.claimed(plan, path, **how) as folder,
    ):
        list(running.run(plan, folder, 0))
    return StudyFolder(path)


def searched_shards(output: Path, study: Study, design: Design, num: int, train: Any) -> list[Path]:
    """Runs every shard of a study to its end; returns their folders."""
    shards = [study.with_settings(shard=f"{number}/{num}") for number in range(1, num + 1)]
    return [search(output, shard, design, train).path for shard in shards]
