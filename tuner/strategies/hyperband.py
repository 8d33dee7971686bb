"""Hyperband: many configurations for few epochs, the best of them for more."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras_tuner

from tuner.budget import Budget, parted
from tuner.objective import VALIDATION_ACCURACY
from tuner.strategies.brackets import Bracket, rung_sizes, schedule
from tuner.strategies.sampling import DrawingOracle


@dataclass(frozen=True)
class Rung:
    """Where a rung stands.

    `best` are the trials that ended with a score, best first, and equals in the order in which
    their configurations were drawn; `num_open` counts those that may yet join them, the ones that
    are not proposed so far included; `num_promoted` is how many the next rung holds.
    """

    trials: list[str]
    best: list[str]
    num_open: int
    num_promoted: int

    @property
    def certain(self) -> list[str]:
        """The trials that are promoted however the open ones end."""
        return self.best[: max(0, self.num_promoted - self.num_open)]


class HyperbandOracle(DrawingOracle):
    """Hyperband by Li et al. (2018); works in a stock `keras_tuner.Tuner`.

    A trial is promoted as soon as no open one can take its place. So which configurations reach
    which rung depends on the results alone: not on the order in which trials end, nor on how many
    are open at a time. Failed trials, and those whose score is not a finite number, rank last and
    are never promoted. A promotion is a new trial: its parent's values, more epochs, and
    the parent's id (see `tuner.budget`).

    Args:
        objective: as in Keras Tuner.
        max_epochs: of the last rung of every bracket.
        factor: one of so many goes on to the next rung, with so many times the epochs.
        num_sweeps: how often to go through all brackets; None until the space or `max_trials` is
            used up.
        max_trials: at most so many trials; brackets shrink so that each still ends at max_epochs.
        **kwargs: as in `DrawingOracle` and `keras_tuner.Oracle`.

    Examples:
        >>> import keras_tuner
        >>> from search_spaces import ConvPool
        >>> space = ConvPool(
        ...     conv_blocks=[1, 2, 3], filter_multiplier=1.0, kernel_schedule="3", dense_depth=0,
        ...     learning_rate=0.01,
        ... )
        >>> oracle = tuner.HyperbandOracle(max_epochs=9, infeasible=space.infeasible)
        >>> stock = keras_tuner.Tuner(oracle, space, directory="results", project_name="rungs")
        >>> oracle.verbose = 0
        >>> oracle.create_trial("a worker").hyperparameters.values["tuner/epochs"]
        1
    """

    promotes = True

    def __init__(
        self,
        objective: Any = VALIDATION_ACCURACY.name,
        max_epochs: int = 100,
        factor: int = 3,
        num_sweeps: int | None = 1,
        max_trials: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(objective=objective, max_trials=max_trials, **kwargs)
        self.factor = factor
        num_cells = None if self.cells is None else len(self.cells)
        self._coming = schedule(max_epochs, factor, num_sweeps, num_cells, max_trials)
        self._begun: list[Bracket] = []
        self._open: dict[int, int] = {}  # those that have not ended: the first draw of each
        self._draws: list[str] = []
        self._num_seen = 0  # of the trials begun, those whose draws are among them
        self._over: set[str] = set()
        self._used_up = False

    @keras_tuner.synchronized  # type: ignore[untyped-decorator]
    def create_trial(self, tuner_id: str) -> Any:
        """As in Keras Tuner, but with ids that do not depend on when a trial is proposed.

        `0007` is the eighth configuration drawn; `0007-1` and `0007-2` are its promotions.
        """
        if tuner_id in self.ongoing_trials or self.retries:
            return super().create_trial(tuner_id)
        response = self.populate_space("")
        return self.begin(tuner_id, self._id_of(response.get("values", {})), response)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The next promotion or drawn configuration, of the earliest bracket that has one."""
        for bracket, rungs in self._standing():
            for number, rung in reversed(list(enumerate(rungs))):
                for parent in rung.certain:
                    if promotion_of(parent) not in self.trials:
                        return self._proposal(bracket, number + 1, parent)
            if not self._used_up and len(rungs[0].trials) < bracket.sizes[0]:
                return self._proposal(bracket, 0)
        following = None if self._used_up else next(self._coming, None)
        if following is not None:
            self._begin(following)
            return self.populate_space(trial_id)
        return {"status": "IDLE" if self.ongoing_trials else "STOPPED"}

    def needed(self, trial_id: str) -> bool:
        """Whether a trial may still have to go on from where this one stops.

        True while it may be promoted, and from then until its promotion has ended.
        """
        child = promotion_of(trial_id)
        if child in self.trials:
            return child not in self._ended()
        drawn = int(trial_id.partition("-")[0])
        for _, rungs in self._standing(drawn):
            for rung in rungs[:-1]:
                if trial_id in rung.trials:
                    is_open = trial_id not in self._ended()
                    return is_open or trial_id in rung.best[: rung.num_promoted]
        return False

    def _proposal(self, bracket: Bracket, rung: int, parent: str | None = None) -> dict[str, Any]:
        """A trial of a rung: drawn for the first, else going on from its parent."""
        if parent is None:
            drawn = self.draw()
            if drawn is None:  # the declared space is used up: the bracket shrinks to what it has
                self._used_up = True
                return self.populate_space("")
            values = drawn
        else:
            values = self.trials[parent].hyperparameters.values
        initial_epoch = bracket.epochs[rung - 1] if rung else 0
        budget = Budget(bracket.epochs[rung], initial_epoch, bracket.number, rung, parent)
        return {"status": "RUNNING", "values": {**parted(values)[0], **budget.values()}}

    def _standing(self, of: int | None = None) -> Iterator[tuple[Bracket, list[Rung]]]:
        """Each bracket that has been begun and has not ended, with where its rungs stand.

        Args:
            of: the number of a draw: its bracket alone.
        """
        roots = self._roots()
        for place, first in list(self._open.items()):
            bracket = self._begun[place]
            if of is not None and not first <= of < first + bracket.sizes[0]:
                continue
            rungs = self._rungs(bracket, roots[first : first + bracket.sizes[0]])
            if any(rung.num_open for rung in rungs):
                yield bracket, rungs
            else:
                del self._open[place]

    def _rungs(self, bracket: Bracket, trials: list[str]) -> list[Rung]:
        """Where the rungs of a bracket stand, from the trials of its first."""
        ended = self._ended()
        num_expected = len(trials) if self._used_up else bracket.sizes[0]
        sizes = rung_sizes(num_expected, len(bracket.sizes), self.factor)
        rungs = []
        for next_size in (*sizes[1:], 0):
            with_score = [trial for trial in trials if trial in ended and self._has_score(trial)]
            best = sorted(
                with_score,
                key=lambda trial: self.trials[trial].score,
                reverse=self.objective.direction == "max",
            )
            num_open = num_expected - len(ended.intersection(trials))
            rungs.append(Rung(trials, best, num_open, min(next_size, len(best) + num_open)))
            trials = [child for child in map(promotion_of, trials) if child in self.trials]
            num_expected = rungs[-1].num_promoted
        return rungs

    def _ended(self) -> set[str]:
        """The trials that have ended."""
        self._over.update(self.end_order[len(self._over) :])  # it only grows
        return self._over

    def _has_score(self, trial_id: str) -> bool:
        trial = self.trials[trial_id]
        return trial.status == "COMPLETED" and math.isfinite(trial.score)

    def _roots(self) -> list[str]:
        """The trials of drawn configurations, in the order of the draw."""
        new = self.start_order[self._num_seen :]  # it only grows
        self._num_seen += len(new)
        self._draws += [trial for trial in new if "-" not in trial]
        return self._draws

    def _begin(self, bracket: Bracket) -> None:
        self._open[len(self._begun)] = sum(begun.sizes[0] for begun in self._begun)
        self._begun.append(bracket)

    def _id_of(self, values: dict[str, Any]) -> str:
        budget = parted(values)[1]
        if budget.parent is None:
            return f"{len(self._roots()):04d}"
        return f"{budget.parent.partition('-')[0]}-{budget.rung}"

    def get_state(self) -> dict[str, Any]:
        """As in Keras Tuner; where brackets stand is read off the trials."""
        return {**super().get_state(), "used_up": self._used_up}

    def set_state(self, state: dict[str, Any]) -> None:
        """As in Keras Tuner, for an oracle that has proposed nothing; brackets follow the draws."""
        super().set_state(state)
        self._used_up = state["used_up"]
        while sum(bracket.sizes[0] for bracket in self._begun) < len(self._roots()):
            self._begin(next(self._coming))


def promotion_of(trial_id: str) -> str:
    """The id of a trial's promotion to the next rung, whether there is one or not."""
    drawn, _, rung = trial_id.partition("-")
    return f"{drawn}-{int(rung or 0) + 1}"
