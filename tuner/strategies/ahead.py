"""What a study has still to train, as far as its records tell.

A chain is a list of rungs, each of which begins when the one before has ended; chains run beside
one another. A rung lists the expected seconds of its executions that have not ended. Where results
choose what is trained, each of them takes what those take that may be chosen, by their chances.
"""

import itertools
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tuner.execution import TUNING, Key, Record, score_of
from tuner.strategies.brackets import Bracket
from tuner.strategies.chances import Chances, placed, promoted, standardized
from tuner.strategies.order import drawn_order
from tuner.study import Study

TRUST = 0.7  # in the scores of a rung as the order of the next one's


class Trial(NamedTuple):
    """Which trial: the number of its configuration in the order of asking, and its rung."""

    number: int
    rung: int = 0

    @classmethod
    def of(cls, name: str) -> "Trial":
        """The one of a name: "0007-1" is in rung 1."""
        number, _, rung = name.partition("-")
        return cls(int(number), int(rung or 0))


class Chain(NamedTuple):
    """Rungs that wait for one another, and how much longer or shorter what is chosen may take.

    Both in seconds; the doubt is one standard error.
    """

    rungs: list[list[float]]
    doubt: float = 0.0


@dataclass(frozen=True)
class SoFar:
    """A study as far as it has come.

    Attributes:
        study: Resolved.
        planned: The indices of its planned cells, in the order of the design.
        records: Of the executions that have ended.
        seconds: The expected time of an execution, from its cell and the epochs that it trains.
        behind: The seconds that executions under way have behind them.
    """

    study: Study
    planned: Sequence[int]
    records: Sequence[Record]
    seconds: Callable[[int, int], float]
    behind: Mapping[Key, float] = field(default_factory=dict)

    @cached_property
    def ended(self) -> set[tuple[Trial, int]]:
        """The executions that have ended, by trial and replicate."""
        return {(Trial.of(record.trial), record.replicate) for record in self.records}

    @cached_property
    def num_ended(self) -> Counter[Trial]:
        """How many executions of each trial have."""
        return Counter(trial for trial, _ in self.ended)

    @cached_property
    def scores(self) -> dict[Trial, float]:
        """The mean objective of each trial that has one so far; higher is better."""
        objective, found = self.study.objective, defaultdict(list)
        for record in self.records:
            score = score_of(record, objective)
            if score is not None and math.isfinite(score):
                found[Trial.of(record.trial)].append(score * objective.sign)
        return {trial: statistics.fmean(scores) for trial, scores in found.items()}

    @cached_property
    def drawn(self) -> list[int]:
        """The cells in the order in which a strategy that draws them does."""
        return [self.planned[place] for place in drawn_order(len(self.planned), self.study.seed)]

    @cached_property
    def under_way(self) -> dict[Trial, list[float]]:
        """The seconds that each execution under way has behind it, by its trial."""
        found = defaultdict(list)
        for key, behind in self.behind.items():
            found[Trial.of(key.trial)].append(behind)
        return found

    def has_begun(self, trial: Trial) -> bool:
        """Whether an execution of a trial has begun."""
        return trial in self.num_ended or trial in self.under_way

    def num_left(self, trial: Trial) -> int:
        """How many replicates of a trial have not ended."""
        return max(0, self.study.replicates - self.num_ended[trial])

    def left(self, trial: Trial, seconds: float) -> list[float]:
        """What each of them has left of the seconds that an execution takes."""
        behind = [*self.under_way.get(trial, ()), *[0.0] * self.study.replicates]
        return [max(0.0, seconds - one) for one in behind[: self.num_left(trial)]]


def of_known(so_far: SoFar, executions: Iterable[tuple[int, int, int]]) -> list[Chain]:
    """Of executions that do not wait for one another: by number of trial, replicate, place."""
    epochs = so_far.study.epochs
    behind = {(Trial.of(key.trial), key.replicate): one for key, one in so_far.behind.items()}
    left = [
        so_far.seconds(so_far.planned[place], epochs) - behind.get((Trial(trial), replicate), 0.0)
        for trial, replicate, place in executions
        if (Trial(trial), replicate) not in so_far.ended
    ]
    return [Chain([[max(0.0, seconds) for seconds in left]])]


def of_tuned(so_far: SoFar) -> list[Chain]:
    """Of a grid that tunes its cells first, each with every candidate."""
    num_candidates, epochs = so_far.study.num_candidates, so_far.study.epochs
    trials = itertools.product(range(len(so_far.planned)), range(num_candidates))
    tuning = [(number, TUNING, place) for number, (place, _) in enumerate(trials)]
    [first] = of_known(so_far, tuning)
    tuned = [
        so_far.left(Trial(number), so_far.seconds(cell, epochs))
        for number, cell in enumerate(so_far.planned, len(tuning))
    ]
    return [Chain([*first.rungs, [*itertools.chain(*tuned)]])]


def of_bayesian(so_far: SoFar, num_trials: int, num_initial: int) -> list[Chain]:
    """Of a search that draws its first trials, and then proposes one behind the other.

    Those not proposed yet are among the cells that are left, the dear ones where those score best.
    """
    epochs, replicates = so_far.study.epochs, so_far.study.replicates
    cells = dict(enumerate(so_far.drawn[:num_initial]))
    cells.update({Trial.of(record.trial).number: record.cell for record in so_far.records})
    met, num_unknown = {*cells.values()}, sum(n not in cells for n in range(num_trials))
    untried = {cell: cell for cell in so_far.planned if cell not in met}
    gain = gain_of_cost(so_far, [cells])
    merits = {n: gain * cost for n, cost in standardized(costs_of(so_far, untried)).items()}
    chances = promoted(dict.fromkeys(untried, 1.0), merits, num_unknown, abs(gain))
    costs = {cell: so_far.seconds(cell, epochs) for cell in untried}
    mean = sum(chances[cell] * costs[cell] for cell in untried) / max(1, num_unknown)
    seconds = {number: so_far.seconds(cell, epochs) for number, cell in cells.items()}
    one_by_one = [
        so_far.left(Trial(number), seconds.get(number, mean)) for number in range(num_trials)
    ]
    first = [*itertools.chain(*one_by_one[:num_initial])]
    doubt = doubt_of(chances, costs, dict.fromkeys(untried, replicates))
    return [Chain([first, *one_by_one[num_initial:]], doubt)]


def of_hyperband(so_far: SoFar, brackets: Iterable[Bracket]) -> list[Chain]:
    """Of brackets: each is a chain, whose first rung holds the cells that are drawn next."""
    numbers = iter(enumerate(so_far.drawn))
    drawn = [(bracket, dict(itertools.islice(numbers, bracket.sizes[0]))) for bracket in brackets]
    gain = gain_of_cost(so_far, [cells for _, cells in drawn])
    return [of_bracket(so_far, bracket, cells, gain) for bracket, cells in drawn]


def of_bracket(so_far: SoFar, bracket: Bracket, cells: Mapping[int, int], gain: float) -> Chain:
    """Of one bracket.

    Args:
        so_far: how far the study has come.
        bracket: its rungs.
        cells: those drawn for it, by their number.
        gain: how scores follow costs, from -1 to 1, where nothing else is known.
    """
    by_cost = {n: gain * cost for n, cost in standardized(costs_of(so_far, cells)).items()}
    merits: Mapping[int, float] = by_cost
    chances: Chances = dict.fromkeys(cells, 1.0)
    trust, rungs, doubt = abs(gain), [], 0.0
    before = (0, *bracket.epochs)
    for rung, (epochs, initial_epoch) in enumerate(zip(bracket.epochs, before, strict=False)):
        trials = {number: Trial(number, rung) for number in cells}
        costs = {n: so_far.seconds(cell, epochs - initial_epoch) for n, cell in cells.items()}
        left = {number: so_far.num_left(trial) for number, trial in trials.items()}
        rungs.append([*expected(so_far, trials, chances, costs)])
        doubt += doubt_of(chances, costs, left)
        scores = {n: so_far.scores[trial] for n, trial in trials.items() if trial in so_far.scores}
        failed = [n for n, trial in trials.items() if not left[n] and trial not in so_far.scores]
        merits = {**merits, **placed(scores, merits), **dict.fromkeys(failed, -math.inf)}
        of_all = bracket.sizes[rung] * so_far.study.replicates
        share = sum(so_far.num_ended[trial] for trial in trials.values()) / of_all
        trust = trust + (1 - trust) * share if share < 1 else 1.0
        if rung + 1 < len(bracket.sizes):
            begun = {number for number in cells if so_far.has_begun(Trial(number, rung + 1))}
            others = {number: one for number, one in chances.items() if number not in begun}
            room = max(0, bracket.sizes[rung + 1] - len(begun))
            chances = dict.fromkeys(begun, 1.0) | promoted(others, merits, room, trust)
        # What costs more gains more in later epochs, as far as scores follow costs at all.
        merits = {number: merit + by_cost[number] for number, merit in merits.items()}
        trust *= TRUST
    return Chain(rungs, doubt)


def expected(
    so_far: SoFar, trials: Mapping[int, Trial], chances: Chances, costs: Mapping[int, float]
) -> Iterator[float]:
    """The seconds of the executions that are left of a rung: of those known, and of a mean one."""
    for number, chance in chances.items():
        if chance == 1:
            yield from so_far.left(trials[number], costs[number])
    replicates = so_far.study.replicates
    open_ones = {n: chance * replicates for n, chance in chances.items() if 0 < chance < 1}
    if count := sum(open_ones.values()):
        mean = sum(share * costs[number] for number, share in open_ones.items()) / count
        yield from [mean] * round(count)


def doubt_of(chances: Chances, costs: Mapping[int, float], left: Mapping[int, int]) -> float:
    """How much a rung's seconds vary with what is chosen for it, as a standard error."""
    mean = statistics.fmean(costs.values()) if costs else 0.0
    return math.sqrt(
        sum(
            max(0.0, chance * (1 - chance)) * (left[number] * (costs[number] - mean)) ** 2
            for number, chance in chances.items()
        )
    )


def gain_of_cost(so_far: SoFar, drawn: Iterable[Mapping[int, int]]) -> float:
    """The correlation of scores and costs within the first rungs, 0 where too few are known."""
    costs: list[float] = []
    scores: list[float] = []
    for cells in drawn:
        known = {n: cell for n, cell in cells.items() if Trial(n) in so_far.scores}
        costs += standardized(costs_of(so_far, known)).values()
        scores += standardized({n: so_far.scores[Trial(n)] for n in known}).values()
    if len(set(costs)) < 3 or len(set(scores)) < 3:
        return 0.0
    return statistics.correlation(costs, scores)


def costs_of(so_far: SoFar, cells: Mapping[int, int]) -> dict[int, float]:
    """The logarithm of the seconds that each takes."""
    epochs = so_far.study.epochs
    return {n: math.log(max(so_far.seconds(cell, epochs), 1e-9)) for n, cell in cells.items()}
