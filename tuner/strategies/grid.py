"""The grid: exactly the feasible cells, each once, as many at a time as are asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras_tuner

from tuner.balance import balanced_subset
from tuner.design import Configuration, configurations
from tuner.levels import grid_levels
from tuner.objective import VALIDATION_ACCURACY
from tuner.strategies.oracle import Oracle


class GridOracle(Oracle):
    """Proposes every feasible cell of a space once; works in a stock `keras_tuner.Tuner`.

    Nothing depends on how trials end: cells are not held back for running neighbours, failures do
    not end the search, and a reloaded oracle goes on with the next cell.

    Args:
        objective: as in Keras Tuner.
        max_trials: at most so many cells, a balanced subset drawn by the seed.
        cells: the configurations; by default the full factorial of the declared levels.
        infeasible: from a configuration to the reason why no network has it, or None; the method
            of that name of a search space.
        seed: of the subset; 0 is a seed too.
        **kwargs: as in `keras_tuner.Oracle`.

    Examples:
        >>> import keras_tuner
        >>> from search_spaces import ConvPool
        >>> space = ConvPool(
        ...     conv_blocks=[1, 2, 3], filter_multiplier=1.0, kernel_schedule="3", dense_depth=0,
        ...     learning_rate=0.01,
        ... )
        >>> oracle = tuner.GridOracle(infeasible=space.infeasible)
        >>> stock = keras_tuner.Tuner(oracle, space, directory="results", project_name="grid")
        >>> [cell["conv_blocks"] for cell in oracle.planned()]
        [1, 2, 3]
    """

    def __init__(
        self,
        objective: Any = VALIDATION_ACCURACY.name,
        max_trials: int | None = None,
        cells: Sequence[Mapping[str, Any]] | None = None,
        infeasible: Callable[[Mapping[str, Any]], str | None] | None = None,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(objective=objective, max_trials=max_trials, seed=seed, **kwargs)
        self.seed = seed  # Keras Tuner takes 0 for "any seed"
        self.cells = None if cells is None else [dict(cell) for cell in cells]
        self.infeasible = infeasible or self.fails
        self._planned: list[Configuration] | None = None

    def planned(self) -> list[Configuration]:
        """The cells that are proposed, in their order.

        Raises:
            ValueError: if a declared hyperparameter is continuous.
        """
        listed = self.cells if self.cells is not None else full_factorial(self.hyperparameters)
        feasible = [cell for cell in listed if self.infeasible(cell) is None]
        return [feasible[index] for index in balanced_subset(feasible, self.max_trials, self.seed)]

    def recorded(self, trial: Any, values: dict[str, Any]) -> None:
        """Keeps a trial's values: Keras Tuner drops one whose name stands in another scope too."""
        trial.hyperparameters.values = values

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The next cell, whatever became of those before it."""
        if self._planned is None:
            self._planned = self.planned()
        number = len(self.start_order)
        if number >= len(self._planned):
            return {"status": "STOPPED"}
        return {"status": "RUNNING", "values": self._planned[number]}


def full_factorial(space: keras_tuner.HyperParameters) -> list[Configuration]:
    """Every configuration of a declared space; hyperparameters of inactive scopes are left out.

    Raises:
        ValueError: if a hyperparameter is continuous.
    """
    levels: dict[str, list[Any]] = {}
    for declared in space.space:
        found = grid_levels(declared)
        if not found:
            raise ValueError(f"{declared.name} is continuous: expected a step, or cells=[…]")
        known = levels.setdefault(declared.name, [])
        known.extend(level for level in found if level not in known)
    return configurations(levels, space.space)
