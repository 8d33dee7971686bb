"""Bayesian search: Keras Tuner's own Gaussian process, asked about the cells of a design."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras_tuner
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from tuner.strategies.oracle import ProcessOracle
from tuner.strategies.order import num_initial
from tuner.strategies.sampling import DrawingOracle

Choice = keras_tuner.engine.hyperparameters.Choice


class BayesianOracle(DrawingOracle, ProcessOracle):
    """Proposes some cells at random, then always the untried one with the best confidence bound.

    Keras Tuner optimises the bound over a box and takes the nearest configuration, which may be a
    repeated or an infeasible one; among listed cells the best one is simply looked up.

    After the random ones, a cell is proposed only when none is open. So a proposal depends on the
    results before it and not on when they came in, and a search can be repeated and resumed with
    any number of slots.

    Args:
        cells: the configurations; by default the declared space is searched as Keras Tuner does.
        num_initial_points: how many are drawn at random; by default 3 for each factor.
        **kwargs: as in `DrawingOracle` and in the Keras Tuner oracle.
    """

    def __init__(
        self,
        cells: Sequence[Mapping[str, Any]] | None = None,
        num_initial_points: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._axes = axes_of(cells or [])
        if cells is not None:
            num_initial_points = num_initial_points or num_initial(len(self._axes))
        super().__init__(cells=cells, num_initial_points=num_initial_points, **kwargs)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The next cell, or IDLE while the result of another is awaited."""
        if self.cells is None:
            return super().populate_space(trial_id)  # type: ignore[no-any-return]
        if len(self.start_order) < self.num_initial_points:
            return self.propose_at_random()
        if self.ongoing_trials:
            return {"status": "IDLE"}
        completed = [trial for trial in self.trials.values() if trial.status == "COMPLETED"]
        if len(completed) < self.num_initial_points:
            return self.propose_at_random()
        untried = [cell for cell in self.cells if not self.was_tried(cell)]
        if not untried:
            return {"status": "STOPPED"}
        return {"status": "RUNNING", "values": dict(untried[self._best(untried)])}

    def _best(self, cells: Sequence[Mapping[str, Any]]) -> int:
        """The index of the cell with the best bound, by Keras Tuner's process and its beta."""
        x, y = self.observed()
        known = np.isfinite(y)
        with warnings.catch_warnings():
            # A flat axis drives its length scale to the bound: nothing that a user could mend.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.gpr.fit(x[known], y[known])
        positions = [
            [axis.value_to_prob(cell.get(axis.name, axis.default)) for axis in self._axes]
            for cell in cells
        ]
        mean, deviation = self.gpr.predict(np.array(positions), return_std=True)
        return int(np.argmin(mean - self.beta * deviation))

    def axes(self) -> list[Any]:
        """The axes of the process: of the cells, where they are listed."""
        return super().axes() if self.cells is None else self._axes


def axes_of(cells: Sequence[Mapping[str, Any]]) -> list[Any]:
    """One Keras Tuner choice for each factor of two levels or more; numbers in their order."""
    found = []
    for name in dict.fromkeys(name for cell in cells for name in cell):
        levels = list(dict.fromkeys(cell[name] for cell in cells if name in cell))
        if all(isinstance(level, int | float) for level in levels):
            levels = sorted(float(level) for level in levels)
        if len(levels) > 1:
            found.append(Choice(name, levels))
    return found
