"""Keras Tuner's oracles under names of our own: the only file that knows their private ones.

They are those of Keras Tuner 1.4.8; pyproject.toml holds the versions that may have them.
"""

import inspect
import math
from collections.abc import Mapping
from typing import Any

import keras_tuner

from tuner.budget import parted
from tuner.discovery import discover
from tuner.errors import UsageError
from tuner.objective import Objective
from tuner.questions import with_conditions
from tuner.words import in_one_line

# Keras Tuner takes a space for used up after 20 draws of what it has had, which a small one
# often gives by chance.
MAX_COLLISIONS = 1000
# Keras Tuner's 20 take seconds a proposal, and its process has one length scale alone to find.
NUM_RESTARTS = 3


class Oracle(keras_tuner.Oracle):  # type: ignore[misc]
    """What our oracles share: failures never end a search, and a budget is no configuration.

    Args:
        **kwargs: as in `keras_tuner.Oracle`.
    """

    promotes = False  # whether a trial may go on from where another stopped: then `needed` says so

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_consecutive_failed_trials": math.inf, **kwargs})
        self._max_collisions = MAX_COLLISIONS
        self._is_in_memory = False
        self._hypermodel: Any = None
        self._hypermodel_says: Any = None
        self._failures: dict[frozenset[tuple[str, Any]], str | None] = {}

    def _set_project_dir(self, directory: Any, project_name: Any) -> None:
        """As in Keras Tuner, whose tuner calls it first of all: the space is explored then."""
        super()._set_project_dir(directory, project_name)
        if getattr(self, "cells", None) is None and not self.hyperparameters.space:
            self.explore(calling_hypermodel())

    def explore(self, hypermodel: Any) -> None:
        """Finds all that a HyperModel asks for, where Keras Tuner sees what its defaults ask.

        What is asked in a loop or behind an `if` gets the conditions under which it is.
        """
        if hypermodel is None or hasattr(hypermodel, "hyperparameters"):
            self._hypermodel_says = getattr(hypermodel, "infeasible", None)  # it lists all itself
            return

        def ask(hp: Any) -> Any:
            hypermodel.declare_hyperparameters(hp)
            return hypermodel.build(hp)

        try:
            found = discover(ask)
        except UsageError:  # of a HyperModel that builds nothing: Keras Tuner tells it by itself
            return
        self._hypermodel = hypermodel
        for declared in found.declared:
            self.hyperparameters.merge([with_conditions(declared, declared.conditions)])

    def update_space(self, hyperparameters: Any) -> None:
        """As in Keras Tuner; but a space that was explored is known."""
        if self._hypermodel is None:
            super().update_space(hyperparameters)

    def get_space(self) -> Any:
        """As in Keras Tuner, which loses the value of a name that two scopes have."""
        space = super().get_space()
        space.ensure_active_values = lambda: keep_active(space)
        return space

    def fails(self, values: Mapping[str, Any]) -> str | None:
        """Why the HyperModel of a stock tuner cannot build a configuration; None where it can."""
        if self._hypermodel_says is not None:
            said: str | None = self._hypermodel_says(values)
            return said
        if self._hypermodel is None:
            return None
        own = {name: level for name, level in values.items() if not name.startswith("tuner/")}
        key = frozenset(own.items())
        if key not in self._failures:
            hp = self.hyperparameters.copy()
            hp.values = own
            try:
                self._hypermodel.build(hp)
                self._failures[key] = None
            except Exception as error:  # whatever a user's code raises
                self._failures[key] = in_one_line(error)
        return self._failures[key]

    def keep_in_memory(self) -> None:
        """Writes no files and prints nothing from now on: a study's state is its ledger alone."""
        self.verbose = 0
        self._is_in_memory = True

    def save(self) -> None:
        """As in Keras Tuner, unless it is kept in memory."""
        if not self._is_in_memory:
            super().save()

    def _check_consecutive_failures(self) -> None:
        """As in Keras Tuner, which looks through all trials each time, also where any may fail."""
        if math.isfinite(self.max_consecutive_failed_trials):
            super()._check_consecutive_failures()

    def draw(self) -> dict[str, Any] | None:
        """Random values of the declared space that have not been tried; None where none is left."""
        return super()._random_values()  # type: ignore[no-any-return]

    def was_tried(self, values: Mapping[str, Any]) -> bool:
        """Whether a trial has had these values."""
        return bool(self._duplicate(values))

    def pass_over(self, values: Mapping[str, Any]) -> None:
        """Counts values as tried."""
        self._tried_so_far.add(self._compute_values_hash(values))

    def needed(self, trial_id: str) -> bool:
        """Whether a trial may still have to go on from where this one stops."""
        return False

    def begin(self, tuner_id: str, trial_id: str, response: Mapping[str, Any]) -> Any:
        """Makes a response a trial with an id of our own; what `create_trial` does otherwise."""
        self.tuner_ids.add(tuner_id)
        hyperparameters = self.hyperparameters.copy()
        hyperparameters.values = response.get("values", {})
        trial = keras_tuner.engine.trial.Trial(hyperparameters, trial_id, response["status"])
        if trial.status == "RUNNING":
            self._record_values(trial)
            self.ongoing_trials[tuner_id] = trial
            self.trials[trial.trial_id] = trial
            self.start_order.append(trial.trial_id)
            self._save_trial(trial)
            self.save()
            self._display.on_trial_begin(trial)
        elif trial.status == "STOPPED":
            self.tuner_ids.remove(tuner_id)
        return trial

    @property
    def retries(self) -> bool:
        """Whether a failed trial waits to be tried again."""
        return bool(self._retry_queue)

    def recorded(self, trial: Any, values: dict[str, Any]) -> None:
        """Called once a trial's values are recorded, with the values as they were proposed."""

    def _save_trial(self, trial: Any) -> None:
        if not self._is_in_memory:
            super()._save_trial(trial)

    def _record_values(self, trial: Any) -> None:
        values = dict(trial.hyperparameters.values)
        super()._record_values(trial)
        self.recorded(trial, values)

    def _random_values(self) -> dict[str, Any] | None:
        return self.draw()

    def _compute_values_hash(self, values: Mapping[str, Any]) -> str:
        return super()._compute_values_hash(parted(values)[0])  # type: ignore[no-any-return]


def keep_active(space: Any) -> None:
    """Gives all that is active in a space a value of its own, and nothing else one.

    Keras Tuner's own way takes a name's value away as soon as one of two scopes is inactive.
    """
    active = {hp.name: hp for hp in space.space if space.is_active(hp)}
    for name, hp in active.items():
        is_shared = sum(other.name == name for other in space.space) > 1
        if name not in space.values or (is_shared and space.values[name] not in list(hp.values)):
            space.values[name] = hp.default
    for name in {*space.values} - {*active}:
        if any(hp.name == name for hp in space.space):
            del space.values[name]


def objective_of(objective: Objective) -> Any:
    """An objective as Keras Tuner has it, with its direction."""
    return keras_tuner.Objective(objective.name, objective.direction)


def calling_hypermodel() -> Any:
    """The HyperModel of the stock tuner whose constructor is calling; None where there is none.

    Keras Tuner never tells an oracle of it.
    """
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, keras_tuner.Tuner):
            return getattr(caller, "hypermodel", None)
        frame = frame.f_back
    return None


class ProcessOracle(keras_tuner.oracles.BayesianOptimizationOracle):  # type: ignore[misc]
    """Keras Tuner's Gaussian process, over axes that may be our own."""

    def axes(self) -> list[Any]:
        """The hyperparameters that the process is over."""
        return super()._nonfixed_space()  # type: ignore[no-any-return]

    def propose_at_random(self) -> dict[str, Any]:
        """A response with values drawn at random."""
        return self._random_populate_space()  # type: ignore[no-any-return]

    def observed(self) -> tuple[Any, Any]:
        """The trials' positions on the axes, and their scores, smaller better."""
        return self._vectorize_trials()  # type: ignore[no-any-return]

    def _make_gpr(self) -> Any:
        gpr = super()._make_gpr()
        gpr.n_restarts_optimizer = NUM_RESTARTS
        return gpr

    def _nonfixed_space(self) -> list[Any]:
        return self.axes()
