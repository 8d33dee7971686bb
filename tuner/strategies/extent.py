"""How much a strategy will train: before it begins, and as far as its records tell."""

import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tuner.shard import dealt
from tuner.strategies import strategy_of
from tuner.strategies.ahead import Chain, SoFar, of_known, of_tuned
from tuner.study import Study


class Foreseen(NamedTuple):
    """An execution of a study whose results have no say in what is trained."""

    trial: int  # by its number, from 0
    replicate: int
    place: int  # of its cell among the planned ones


def num_executions(study: Study, num_cells: int) -> int:
    """The executions of a whole study.

    Args:
        study: resolved.
        num_cells: of its design, those that are planned.
    """
    num_trials = len(strategy_of(study).trial_epochs(study, num_cells))
    return num_trials * study.replicates + num_cells * study.num_candidates


def total_seconds(study: Study, cell_seconds: Sequence[float]) -> float:
    """The time that all executions of a study, or of its shard, take together, in seconds.

    Args:
        study: resolved.
        cell_seconds: the expected time of each planned cell at the full budget.
    """
    if study.shard:
        return sum(cell_seconds[execution.place] for execution in in_shard(study, cell_seconds))
    epochs = strategy_of(study).trial_epochs(study, len(cell_seconds))
    num_tuning = len(cell_seconds) * study.num_candidates
    budgets = sum(epochs) * study.replicates / study.epochs + num_tuning
    return budgets * statistics.fmean(cell_seconds)


def foreseen(study: Study, num_cells: int) -> Iterator[list[Foreseen]]:
    """The executions of a study, replicate by replicate.

    Args:
        study: resolved, `is_foreseen`.
        num_cells: of its design, those that are planned.
    """
    strategy = strategy_of(study)
    places = strategy.order(study, num_cells)[: len(strategy.trial_epochs(study, num_cells))]
    for replicate in range(study.replicates):
        yield [Foreseen(trial, replicate, place) for trial, place in enumerate(places)]


def ahead(so_far: SoFar, part: Iterable[Foreseen] | None = None) -> list[Chain]:
    """What is left of a study, or of its shard: executions in the order in which they wait.

    Args:
        so_far: how far the study has come.
        part: the executions of its shard; None for the whole study.
    """
    study = so_far.study
    if is_foreseen(study):
        whole = itertools.chain.from_iterable(foreseen(study, len(so_far.planned)))
        return of_known(so_far, whole if part is None else part)
    return of_tuned(so_far) if study.tune else strategy_of(study).ahead(so_far)


def is_foreseen(study: Study) -> bool:
    """Whether it is known which executions a study has before any of them has ended."""
    return strategy_of(study).is_known_beforehand and not study.tune


def in_shard(study: Study, cell_seconds: Sequence[float]) -> list[Foreseen]:
    """The executions of a study's shard; all of them where it is no shard.

    They are dealt out by their expected time. More replicates change nothing of how the first
    were, so that a shard is extended by them as a study is.

    Args:
        study: resolved, `is_foreseen`.
        cell_seconds: the expected time of each planned cell.
    """
    number, num_shards = study.shard or (1, 1)
    replicates = foreseen(study, len(cell_seconds))
    hands = dealt(replicates, lambda execution: cell_seconds[execution.place], num_shards)
    return hands[number - 1]
