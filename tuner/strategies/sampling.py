"""Configurations drawn without replacement: the part that the seeded strategies share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tuner.objective import VALIDATION_ACCURACY
from tuner.strategies.oracle import Oracle
from tuner.strategies.order import drawn_order


class DrawingOracle(Oracle):
    """An oracle whose random values are cells of a list, each once, in an order set by the seed.

    Args:
        objective: as in Keras Tuner.
        cells: the configurations; by default the declared space is sampled.
        infeasible: from a configuration to the reason why no network has it, or None; the method
            of that name of a search space.
        seed: 0 is a seed like any other.
        **kwargs: as in the Keras Tuner oracle.
    """

    def __init__(
        self,
        objective: Any = VALIDATION_ACCURACY.name,
        cells: Sequence[Mapping[str, Any]] | None = None,
        infeasible: Callable[[Mapping[str, Any]], str | None] | None = None,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        # Keras Tuner takes 0 for "any seed", and numpy's older generator wants 32 bits.
        keras_tuner_seed = int(np.random.SeedSequence(seed).generate_state(1)[0]) or 1
        super().__init__(objective=objective, seed=keras_tuner_seed, **kwargs)
        self.infeasible = infeasible or self.fails
        self.cells = None
        if cells is not None:
            self.cells = [dict(cell) for cell in cells if self.infeasible(cell) is None]
            order = drawn_order(len(self.cells), seed)
            self._undrawn = [self.cells[index] for index in reversed(order)]

    def draw(self) -> dict[str, Any] | None:
        """The next configuration that has not been tried, or None."""
        if self.cells is None:
            return self._sampled_values()
        while self._undrawn:
            values = self._undrawn.pop()
            if not self.was_tried(values):
                return dict(values)
        return None

    def _sampled_values(self) -> dict[str, Any] | None:
        while (values := super().draw()) is not None:
            if self.infeasible(values) is None:
                break
            self.pass_over(values)
        return values
