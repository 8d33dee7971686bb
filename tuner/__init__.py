"""What do width and depth do to accuracy? Factorial studies of Keras networks, and their effects.

The public names are imported when they are first used: `import tuner` loads neither TensorFlow
nor pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuner.errors import TunerError
    from tuner.folder import read_frames
    from tuner.hyperparameters import best_hyperparameters
    from tuner.library import plan, search
    from tuner.report.page import Report
    from tuner.report.reporting import report
    from tuner.results import Results, load
    from tuner.strategies.grid import GridOracle
    from tuner.strategies.hyperband import HyperbandOracle
    from tuner.study import Study, read_study

PUBLIC = {
    "GridOracle": "tuner.strategies.grid",
    "HyperbandOracle": "tuner.strategies.hyperband",
    "Report": "tuner.report.page",
    "Results": "tuner.results",
    "Study": "tuner.study",
    "TunerError": "tuner.errors",
    "load": "tuner.results",
    "plan": "tuner.library",
    "read_frames": "tuner.folder",
    "best_hyperparameters": "tuner.hyperparameters",
    "read_study": "tuner.study",
    "report": "tuner.report.reporting",
    "search": "tuner.library",
}
__all__ = [
    "GridOracle",
    "HyperbandOracle",
    "Report",
    "Results",
    "Study",
    "TunerError",
    "best_hyperparameters",
    "load",
    "plan",
    "read_frames",
    "read_study",
    "report",
    "search",
]


def __getattr__(name: str) -> Any:
    """Imports a public name on its first use."""
    if name in PUBLIC:
        return getattr(import_module(PUBLIC[name]), name)
    raise AttributeError(f"module 'tuner' has no attribute {name!r}")
