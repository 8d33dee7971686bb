"""Search spaces: `keras_tuner.HyperModel`s that work in stock Keras Tuner and in `tuner`.

Nothing here imports `tuner`. What a space may offer beyond `build(hp)` is in `contract`; `tuner`
uses what it finds. A hyperparameter named `batch_size` is the batch size.
"""

from typing import Any

from search_spaces.contract import HasTable, KnowsCost, KnowsFeasibility, SetsLearningRates
from search_spaces.hyperparameter import Hyperparameter, Level
from search_spaces.loading import SEARCH_SPACES, load, names

__all__ = [
    "SEARCH_SPACES",
    "ConvPool",
    "HasTable",
    "Hyperparameter",
    "KnowsCost",
    "KnowsFeasibility",
    "Level",
    "Mlp",
    "Residual",
    "Separable",
    "SetsLearningRates",
    "load",
    "names",
]


def __getattr__(name: str) -> Any:
    """Imports a space, and Keras with it, when it is first asked for."""
    for space, target in SEARCH_SPACES.items():
        if target.endswith(f":{name}"):
            return load(space)
    raise AttributeError(f"module 'search_spaces' has no attribute {name!r}")
