"""What a search space may offer beyond Keras Tuner's `build(hp)`, each as a type by itself.

A `HyperModel` need not inherit from these: it has what they name, or it has not.
`isinstance(space, KnowsCost)` asks. `cost = None` in a class takes back what it inherits, as
Python's own `__hash__ = None` does.
"""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from search_spaces.hyperparameter import Hyperparameter

Values = Mapping[str, Any]  # a configuration: a level by the name of each hyperparameter


@runtime_checkable
class HasTable(Protocol):
    """Says of its hyperparameters what their roles, levels (in their order) and axes are.

    Examples:
        >>> from search_spaces import ConvPool, HasTable
        >>> isinstance(ConvPool(), HasTable), ConvPool().hyperparameters["conv_blocks"].axis
        (True, 'depth')
    """

    hyperparameters: Mapping[str, Hyperparameter]


@runtime_checkable
class KnowsFeasibility(Protocol):
    """Knows which configurations no network has, without building any.

    Examples:
        >>> from search_spaces import ConvPool, KnowsFeasibility
        >>> isinstance(ConvPool(), KnowsFeasibility)
        True
    """

    def infeasible(self, values: Values, /) -> str | None:
        """Why no network has a configuration, as "block 4: 1 px map cannot be pooled"; or None."""


@runtime_checkable
class KnowsCost(Protocol):
    """Knows what a feasible configuration costs, without building it.

    Examples:
        >>> from search_spaces import KnowsCost, Mlp
        >>> space = Mlp(input_shape=(2, 2, 1), num_classes=10)
        >>> isinstance(space, KnowsCost)
        True
        >>> space.cost({"dense_depth": 1, "dense_units": 8})  # parameters, FLOPs an image
        (130, 224)
    """

    def cost(self, values: Values, /) -> tuple[int, int]:
        """Parameters, as `count_params` has them, and FLOPs of a forward pass of one image."""


@runtime_checkable
class SetsLearningRates(Protocol):
    """Sets the learning rate of each step of a training.

    Examples:
        >>> from search_spaces import ConvPool, SetsLearningRates
        >>> isinstance(ConvPool(), SetsLearningRates)
        True
    """

    def learning_rate_at(self, values: Values, progress: float, /) -> float:
        """The learning rate after a share of the training's steps, from 0 to 1."""


def nearness(kind: type, name: str) -> int:
    """How far up a class has a name from: 0 is its own, 1 its first base's; above all if nowhere.

    Of two methods that must fit each other, the one that is nearer was written with the other in
    sight.
    """
    found = (place for place, part in enumerate(kind.__mro__) if name in vars(part))
    return next(found, len(kind.__mro__))
