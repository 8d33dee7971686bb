"""Search spaces: `keras_tuner.HyperModel`s that work in stock Keras Tuner and in `tuner`.

Nothing here imports `tuner`. A space may offer these, and `tuner` uses what it finds:

- `hyperparameters`: a mapping from name to `Hyperparameter`, with roles and levels;
- `infeasible(values) -> str | None`: why no network has a configuration;
- `cost(values) -> (params, flops)`: of a configuration, without building it;
- `learning_rate_at(values, progress) -> float`: the learning rate along the training;
- a hyperparameter named `batch_size`.
"""

from typing import Any

from search_spaces.hyperparameter import Hyperparameter, Level
from search_spaces.loading import SEARCH_SPACES, load, names

__all__ = ["SEARCH_SPACES", "ConvPool", "Hyperparameter", "Level", "load", "names"]


def __getattr__(name: str) -> Any:
    """Imports the spaces, and Keras with them, when they are first asked for."""
    if name == "ConvPool":
        from search_spaces.conv_pool import ConvPool

        return ConvPool
    raise AttributeError(f"module 'search_spaces' has no attribute {name!r}")
