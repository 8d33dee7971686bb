"""The grid with nuisance hyperparameters tuned at each cell, as Godbole et al. 2023 ask for.

Godbole, Dahl, Gilmer, Shallue, Nado: Deep Learning Tuning Playbook, "Identifying scientific,
nuisance, and fixed hyperparameters".
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from tuner.budget import Budget
from tuner.objective import VALIDATION_ACCURACY
from tuner.strategies.oracle import Oracle


class TunedGridOracle(Oracle):
    """Every cell with every candidate, in the tuning replicate; then every cell with its best.

    A candidate that fails or diverges is not chosen; where all do, the first one is.

    Args:
        cells: the configurations, without the tuned hyperparameters.
        tune: the levels that each tuned hyperparameter tries.
        objective: as in Keras Tuner.
        seed: as in Keras Tuner; nothing is drawn.
    """

    def __init__(
        self,
        cells: Sequence[Mapping[str, Any]],
        tune: Mapping[str, Sequence[Any]],
        objective: Any = VALIDATION_ACCURACY.name,
        seed: int = 0,
    ) -> None:
        super().__init__(objective=objective, seed=seed)
        self.cells = [dict(cell) for cell in cells]
        self.candidates = [
            dict(zip(tune, levels, strict=True)) for levels in itertools.product(*tune.values())
        ]

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The next candidate of the next cell; behind them all, the next cell as tuned."""
        number = len(self.start_order)
        num_tuning = len(self.cells) * len(self.candidates)
        if number < num_tuning:
            cell, candidate = divmod(number, len(self.candidates))
            budget = Budget(is_tuning=True).values()
            values = {**self.cells[cell], **self.candidates[candidate], **budget}
            return {"status": "RUNNING", "values": values}
        if number - num_tuning >= len(self.cells):
            return {"status": "STOPPED"}
        if set(self.start_order[:num_tuning]) - set(self.end_order):
            return {"status": "IDLE"}
        cell = number - num_tuning
        return {"status": "RUNNING", "values": {**self.cells[cell], **self.chosen(cell)}}

    def chosen(self, cell: int) -> dict[str, Any]:
        """The candidate with which a cell scored best in the tuning replicate."""
        first = cell * len(self.candidates)
        trials = [self.trials[name] for name in self.start_order[first:][: len(self.candidates)]]
        sign = 1 if self.objective.direction == "max" else -1
        scores = [
            sign * trial.score if trial.status == "COMPLETED" else -math.inf for trial in trials
        ]
        return self.candidates[scores.index(max(scores))]
