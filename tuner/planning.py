"""A study that can be trained: its settings resolved against its dataset and search space."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from search_spaces import SEARCH_SPACES
from tuner.design import Design, execution_seconds, make_design
from tuner.engine.pace import Pace
from tuner.errors import UsageError
from tuner.execution import Execution, Record
from tuner.making import find
from tuner.meeting import check_of, notices, resolved_in
from tuner.shard import Shard
from tuner.space import Space, make_space
from tuner.strategies import STRATEGIES, strategy_of
from tuner.strategies.extent import (
    Foreseen,
    in_shard,
    is_foreseen,
    num_executions,
    total_seconds,
)
from tuner.study import Study
from tuner.training.backend import start_tensorflow
from tuner.training.datasets import Dataset, check_name, load_ahead
from tuner.training.rehearsal import Rehearsal, rehearse
from tuner.training.splits import are_plenty, sizes, split
from tuner.words import counted, duration

if TYPE_CHECKING:
    import pandas as pd

ANY_IMAGES = (32, 32, 3)


@dataclass(frozen=True, repr=False)
class Plan:
    """A study that can be trained: resolved, with its dataset, search space and design.

    At the end of a notebook's cell it is shown as its size and its cells.
    """

    study: Study
    dataset: Dataset
    space: Space
    design: Design
    rehearsal: Rehearsal

    def __repr__(self) -> str:
        return (
            f"Plan of {self.study.folder_name}: {counted(len(self.design.planned), 'cell')}, "
            f"{counted(self.num_executions, 'execution')}, about {duration(self.total_seconds)} on "
            "one thread of a CPU"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.cells.to_html(index=False, na_rep='')}"

    @property
    def cells(self) -> "pd.DataFrame":
        """One row a cell: cell, each factor, params, flops (forward, an image), state, reason."""
        return self.design.frame()

    @cached_property
    def shard(self) -> "list[Foreseen] | None":
        """The executions of a shard; None where the whole study is trained."""
        return in_shard(self.study, self.cell_seconds) if self.study.shard else None

    @property
    def part(self) -> "set[tuple[int, int]] | None":
        """The same as the engine has them, by trial and replicate."""
        if self.shard is None:
            return None
        return {(execution.trial, execution.replicate) for execution in self.shard}

    @property
    def num_executions(self) -> int:
        """The executions of the whole study, or of its shard."""
        if self.shard is not None:
            return len(self.shard)
        return num_executions(self.study, len(self.design.planned))

    @cached_property
    def num_of_cell(self) -> "Counter[int]":
        """How many executions each planned cell has, by its index, where results choose none."""
        planned = self.design.planned
        if self.shard is not None:
            return Counter(planned[execution.place].index for execution in self.shard)
        each = self.study.replicates + self.study.num_candidates
        return Counter({cell.index: each for cell in planned})

    @cached_property
    def cell_seconds(self) -> list[float]:
        """A rough time of one execution of each planned cell."""
        return [self.seconds(cell.index) for cell in self.design.planned]

    @property
    def total_seconds(self) -> float:
        """A rough time of the whole study, or of its shard, on one thread of a CPU."""
        return total_seconds(self.study, self.cell_seconds)

    @property
    def a_replicate(self) -> list[tuple[int, int]]:
        """The cell and the epochs of each execution of the dearest; none where results choose."""
        places = range(len(self.design.planned))
        replicates = [[*places]] if strategy_of(self.study).is_known_beforehand else [[]]
        if self.shard is not None:
            by_replicate: dict[int, list[int]] = {}
            for execution in self.shard:
                by_replicate.setdefault(execution.replicate, []).append(execution.place)
            replicates = [*by_replicate.values()]
        dearest = max(replicates, key=lambda some: sum(self.cell_seconds[place] for place in some))
        return [(self.design.planned[place].index, self.study.epochs) for place in dearest]

    @property
    def num_scored(self) -> int:
        """The images that the objective of an execution is measured on."""
        idle = len(self.dataset.labels) - (self.study.train_size or 0)
        return idle if self.study.score_on == "idle" else self.study.validation_size or 0

    @property
    def notices(self) -> list[str]:
        """What a user should know of how the space is met here."""
        return notices(self.study, self.space, self.rehearsal)

    def seconds(self, cell: int, epochs: int | None = None) -> float:
        """A rough time of one execution of a cell, on one thread of a CPU.

        Args:
            cell: its index.
            epochs: that it trains; by default the study's budget.
        """
        data, flops = self.dataset, self.design.cells[cell].flops
        epochs = self.study.epochs if epochs is None else epochs
        return execution_seconds(self.study, data.input_shape, len(data.labels), flops, epochs)

    def pace(self, num_slots: int, records: Iterable[Record]) -> Pace:
        """The pace of the study, from the executions that have ended."""
        planned = [cell.index for cell in self.design.planned]
        return Pace(self.study, planned, self.seconds, num_slots, self.shard, [*records])


def make_plan(study: Study) -> Plan:
    """Resolves a study against its dataset and search space; nothing is trained.

    Raises:
        TunerError: one line for whatever would keep it from being trained.
    """
    strategy = strategy_of(study)
    check_name(study.dataset)
    dataset_of_study = load_ahead(study.dataset)
    start_tensorflow()
    refuse_what_the_space_does_not_know(study, not strategy.covers)
    dataset = dataset_of_study()
    train_size, validation_size = sizes(dataset, study.train_size, study.validation_size)
    study = study.model_copy(update={"train_size": train_size, "validation_size": validation_size})
    check_splits(study, dataset, range(study.replicates))
    space = make_space(study.space, dataset.input_shape, dataset.num_classes)
    study, space = resolved_in(study, space, not strategy.covers)
    refuse_unanswerable(study)
    # Strategies that do not cover the planned cells choose their trials themselves, from all cells.
    size = (study.fraction or study.max_trials) if strategy.covers else None
    num_drawn = strategy.num_drawn(study)
    check = check_of(study, space, num_drawn)
    design = make_design(study, space, size, num_drawn, check)
    strategy.make(study, design)  # refuses what the strategy cannot do
    rehearsal = rehearse(study, space, dataset, {**study.held, **design.planned[0].levels})
    study = study.model_copy(update={"scaling": rehearsal.scaling(study.scaling)})
    plan = Plan(study, dataset, space, design, rehearsal)
    if study.shard and not plan.shard:
        most = num_executions(study, len(design.planned))
        raise UsageError(
            f"--shard {study.shard} has no execution, as the study has {most}: expected at most "
            f"{most} shards"
        )
    return plan


def refuse_what_the_space_does_not_know(study: Study, is_drawn: bool) -> None:
    """Refuses what is wrong whatever the images are, before they load: no space, or no such factor.

    Only what ships is cheap enough to be made twice.

    Raises:
        UsageError: as `resolved` does.
    """
    find(study.space)
    if study.space in SEARCH_SPACES:
        resolved_in(study, make_space(study.space, ANY_IMAGES, 10), is_drawn)


def check_splits(study: Study, dataset: Dataset, replicates: Iterable[int]) -> None:
    """Refuses replicates whose images cannot be drawn: a rare class may be missed by one of them.

    Raises:
        DataError: naming the class.
    """
    if are_plenty(dataset, study.train_size or 0, study.validation_size or 0):
        return
    for replicate in replicates:
        seed = Execution(study, "", 0, replicate, {}, study.epochs).seed
        split(dataset, study.train_size or 0, study.validation_size or 0, seed)


def refuse_unanswerable(study: Study) -> None:
    """Refuses a factor with nothing to compare, and tuning in what is no grid.

    Raises:
        UsageError: naming what was asked, and how to mend it.
    """
    if study.tune and not strategy_of(study).tunes:
        able = " or ".join(strategy.name for strategy in STRATEGIES.values() if strategy.tunes)
        raise UsageError(
            f"--tune {next(iter(study.tune))} goes with --strategy {able}, got {study.strategy}; "
            f"make it a factor instead: --set {next(iter(study.tune))}=V1,V2"
        )
    if study.fraction and not strategy_of(study).covers:
        raise UsageError(
            f"--cells {study.fraction} chooses a part of a grid, got --strategy {study.strategy}; "
            f"expected --strategy grid, or --max-trials {study.fraction}"
        )
    if study.until and (study.fraction or study.max_trials or not strategy_of(study).covers):
        raise UsageError(
            "--until adds replicates of a whole grid: expected --strategy grid without --cells and "
            f"--max-trials, got --strategy {study.strategy}"
            + (" and a part of its cells, of which more tell more" if study.fraction else "")
        )
    if study.shard:
        refuse_shard(study, study.shard)
    for name, levels in study.factors.items():
        if len(levels) == 1:
            raise UsageError(
                f"factor {name} has one level, {levels[0]}: expected two or more, as in "
                f"--set {name}=V1,V2; to hold it: --fix {name}={levels[0]}"
            )


def refuse_shard(study: Study, shard: Shard) -> None:
    """Refuses a shard of a study whose executions depend on results that other shards have.

    Raises:
        UsageError: naming what depends on them.
    """
    if study.until:
        raise UsageError(
            f"--until adds replicates by what the whole study has found, got --shard {shard}: "
            "expected --replicates N"
        )
    if not is_foreseen(study):
        able = " or ".join(one.name for one in STRATEGIES.values() if one.is_known_beforehand)
        chooses = "--tune" if study.tune else f"--strategy {study.strategy}"
        raise UsageError(
            f"{chooses} chooses by results, which a shard does not have, got --shard {shard}: "
            f"expected --strategy {able}, without --tune"
        )
