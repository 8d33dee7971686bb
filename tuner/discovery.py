"""Every hyperparameter that a HyperModel asks for, and the levels of others that it needs for it.

A HyperModel is a program: it may ask in a loop, behind an `if`, or in a scope, so that what it asks
depends on the answers. It is run with one answer changed at a time, and in groups, where none of a
group matters; each new question is looked at from where it was first met.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tuner.errors import UsageError
from tuner.questions import (
    Answers,
    Question,
    covers,
    is_active,
    needed,
    question,
    with_conditions,
)
from tuner.setting_types import Level
from tuner.traces import Runs, Trace

EFFORT = 20.0  # for all builds together, about seconds; counted, so that it finds the same anywhere
SWEPT_WHOLE = 6  # a number of so many levels is tried at each, one of more where its ends differ
NUM_DRAWS = 6  # configurations drawn to find what needs two answers at once


@dataclass(frozen=True)
class Discovery:
    """What a HyperModel asks for.

    Attributes:
        declared: Keras Tuner's hyperparameters, those that others need first. Their conditions say
            where they are asked; one that is asked in several places stands for each of them.
        is_whole: Whether all that could reveal more was tried.
        failure: What the first configuration that could not be built said.
        effort: Of building one network, about seconds.
    """

    declared: list[Any]
    is_whole: bool
    failure: str | None
    effort: float


def discover(
    ask: Callable[[Any], object], name: str = "", further: Mapping[str, Sequence[Level]] = {}
) -> Discovery:
    """Everything that a HyperModel asks for.

    Args:
        ask: runs it with a `keras_tuner.HyperParameters`; gives back its network.
        name: of the HyperModel.
        further: levels beside those that it declares.

    Raises:
        UsageError: if it cannot be run with any configuration that was tried.
    """
    explorer = Explorer(Runs(ask, dict(further)))
    explorer.begin(name)
    while explorer.contexts or explorer.draw():
        if explorer.contexts:
            explorer.look_around(explorer.contexts.pop(0))
    failures = [trace.failure for trace in explorer.runs.traces if trace.failure]
    efforts = [trace.effort for trace in explorer.runs.traces if not trace.failure]
    return Discovery(
        explorer.declared(),
        explorer.runs.effort <= EFFORT,
        next(iter(failures), None),
        max(efforts),
    )


@dataclass
class Explorer:
    """What the runs of a HyperModel have shown so far, and what is still to be looked at."""

    runs: Runs
    contexts: list[Trace] = field(default_factory=list)
    looked_at: list[Trace] = field(default_factory=list)
    swept: list[tuple[Trace, str]] = field(default_factory=list)
    order: list[Question] = field(default_factory=list)
    known: dict[Question, Any] = field(default_factory=dict)
    num_drawn: int = 0

    def begin(self, name: str) -> None:
        """Finds a first configuration that can be built: the default one, or one that is drawn.

        Raises:
            UsageError: if there is none.
        """
        first = self.runs.run({})
        for question_, hyperparameter in zip(first.questions, first.asked.values(), strict=True):
            self.known[question_] = hyperparameter
        while first.failure and self.num_drawn < NUM_DRAWS:
            self.num_drawn += 1
            first = self.runs.run(self.drawn(self.num_drawn))
        if first.failure:
            first = self.runs.traces[0]
            raise UsageError(
                f"build() of {name} fails for {first.answers or 'its defaults'}: {first.failure}"
            )
        self.known, self.num_drawn = {}, 0
        self.meet(first)

    def meet(self, trace: Trace) -> None:
        """Takes in what a run asked; a run that asked something new is looked at later."""
        if trace.failure:
            return
        place, is_new = 0, False
        for question_, hyperparameter in zip(trace.questions, trace.asked.values(), strict=True):
            if question_ in self.known:
                place = max(place, self.order.index(question_) + 1)
                continue
            self.known[question_] = hyperparameter
            self.order.insert(place, question_)
            place, is_new = place + 1, True
        if is_new:
            self.contexts.append(trace)

    def look_around(self, base: Trace) -> None:
        """Runs what shows on which answers of a run its questions depend."""
        self.looked_at.append(base)
        matter = {name for _, name in self.swept}
        for name in [name for name in base.asked if name in matter]:
            self.sweep(base, name)
        self.split(base, [name for name in base.asked if name not in matter])

    def split(self, base: Trace, names: list[str]) -> None:
        """Looks at each of some names alone, unless changing all of them changes no question."""
        if self.runs.effort > EFFORT or not names:
            return
        if len(names) == 1:
            self.sweep(base, names[0])
        elif (news := self.together(base, names)) is not None:
            half = len(names) // 2
            self.split(base, names[:half])
            self.split(base, names[half:])
            self.meet(news)  # last: from where one answer alone reveals something, more is known

    def together(self, base: Trace, names: list[str]) -> Trace | None:
        """A run in which some names, changed together, change the questions; None without one."""
        levels = {name: picked(self.runs.levels(base.asked[name])) for name in names}
        for number in range(max(map(len, levels.values()))):
            answers = {name: found[number % len(found)] for name, found in levels.items()}
            trace = self.runs.run({**base.answers, **answers})
            if trace.failure or set(trace.questions) != set(base.questions):
                return trace
        return None

    def sweep(self, base: Trace, name: str) -> None:
        """Runs with one answer changed, at all levels that may make a difference."""
        levels = self.runs.levels(base.asked[name])
        is_listed = not hasattr(base.asked[name], "step") or len(levels) <= SWEPT_WHOLE
        waiting = [(0, len(levels) - 1)] if len(levels) > 1 else []
        if is_listed:
            waiting = []
            for level in levels:
                self.changed(base, {name: level})
        while waiting and self.runs.effort <= EFFORT:
            low, high = waiting.pop()
            ends = [self.changed(base, {name: levels[place]}) for place in (low, high)]
            is_same = set(ends[0].questions) == set(ends[1].questions) and not ends[1].failure
            middle = (low + high) // 2
            if middle > low and not is_same:
                waiting += [(low, middle), (middle, high)]
        found = (self.runs.known_run({**base.answers, name: level}) for level in levels)
        runs = [trace for trace in found if trace is not None]
        if any(set(trace.questions) != set(base.questions) for trace in runs):
            self.swept.append((base, name))

    def changed(self, base: Trace, answers: Answers) -> Trace:
        """A run with some answers of another one changed, its news taken in."""
        trace = self.runs.run({**base.answers, **answers})
        self.meet(trace)
        return trace

    def draw(self) -> bool:
        """Runs a configuration drawn from all that is known; False where enough were."""
        if self.num_drawn >= NUM_DRAWS or self.runs.effort > EFFORT or len(self.order) < 2:
            return False
        self.num_drawn += 1
        wanted = self.drawn(self.num_drawn)
        trace = self.runs.run(wanted)
        self.meet(trace)
        if not trace.failure and trace not in self.contexts:
            foreseen = {question(h) for h in self.declared() if is_active(h, trace.answers)}
            if set(trace.questions) - foreseen:
                self.contexts.append(trace)
        return True

    def drawn(self, seed: int) -> dict[str, Level]:
        """A configuration drawn from all that is known."""
        rng = np.random.default_rng(seed)
        found = {}
        for (name, _), hyperparameter in self.known.items():
            if levels := self.runs.levels(hyperparameter):
                found[name] = levels[int(rng.integers(len(levels)))]
        return found

    def declared(self) -> list[Any]:
        """The hyperparameters with their conditions."""
        found = []
        for question_ in self.order:
            places = [self.conditions(base, question_) for base in self.looked_at
                      if question_ in base.questions]  # fmt: skip
            kept: list[list[Any]] = []
            for place in sorted(places, key=len):
                if not any(covers(other, place) for other in kept):
                    kept.append(place)
            found += [with_conditions(self.known[question_], place) for place in kept or [[]]]
        return found

    def conditions(self, base: Trace, wanted: Question) -> list[Any]:
        """What must hold, all of it, for a question to be asked: from the runs around one."""
        found = []
        said = {condition.name: condition for condition in base.asked[wanted[0]].conditions}
        before = itertools.takewhile(lambda name: name != wanted[0], base.asked)
        for name in before:
            if name in said:
                found.append(said[name])
                continue
            if not any(base is run and name == other for run, other in self.swept):
                continue
            levels = self.runs.levels(base.asked[name])
            met = self.met(base, name, levels, wanted)
            if not all(met):
                kept = [level for level, is_met in zip(levels, met, strict=True) if is_met]
                found.append(needed(name, kept))
        return found

    def met(self, base: Trace, name: str, levels: Sequence[Level], wanted: Question) -> list[bool]:
        """Whether a question is asked at each level of a name; as below, where that was not run."""
        found: list[bool] = []
        for level in levels:
            answers = {**base.answers, name: level}
            run = self.runs.known_run(answers)
            if run is None:
                found.append(found[-1] if found else True)
            else:
                found.append(bool(run.failure) or wanted in run.questions)
        return found


def picked(levels: Sequence[Level]) -> list[Level]:
    """The levels of a name that is changed in a group: the ends and the middle of many."""
    if len(levels) <= SWEPT_WHOLE:
        return list(levels)
    return [levels[0], levels[-1], levels[len(levels) // 2]]
