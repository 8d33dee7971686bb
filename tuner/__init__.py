"""What do width and depth do to accuracy? Factorial studies of Keras networks, and their effects.

The public names are imported when they are first used: `import tuner` loads neither TensorFlow
nor pandas.
"""

from importlib import import_module
from typing import Any

PUBLIC = {
    "Study": "tuner.study",
    "read_study": "tuner.study",
    "GridOracle": "tuner.strategies.grid",
    "HyperbandOracle": "tuner.strategies.hyperband",
    "search": "tuner.running",
    "TunerError": "tuner.errors",
    "read_frames": "tuner.folder",
    "best_hyperparameters": "tuner.hyperparameters",
}
__all__ = [
    "GridOracle",
    "HyperbandOracle",
    "Study",
    "TunerError",
    "best_hyperparameters",
    "read_frames",
    "read_study",
    "search",
]


def __getattr__(name: str) -> Any:
    """Imports a public name on its first use."""
    if name in PUBLIC:
        return getattr(import_module(PUBLIC[name]), name)
    raise AttributeError(f"module 'tuner' has no attribute {name!r}")
