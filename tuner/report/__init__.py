"""The report: from a study, a table or a Keras Tuner project to a page of effects.

Names are loaded when first used, so that importing this package costs the command line nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuner.report.comparison import Compared, comparison_folder, write_comparison
    from tuner.report.page import Report, write_report
    from tuner.report.sources.keras_tuner import read_keras_tuner
    from tuner.report.sources.opening import kind_of, read_source, report_folder
    from tuner.report.sources.source import Source
    from tuner.report.sources.study import read_study
    from tuner.report.sources.table import read_table
    from tuner.report.verify import verify_report

_MODULES = {
    "Compared": "comparison",
    "Report": "page",
    "Source": "sources.source",
    "comparison_folder": "comparison",
    "kind_of": "sources.opening",
    "read_keras_tuner": "sources.keras_tuner",
    "read_source": "sources.opening",
    "read_study": "sources.study",
    "read_table": "sources.table",
    "report_folder": "sources.opening",
    "verify_report": "verify",
    "write_comparison": "comparison",
    "write_report": "page",
}

__all__ = [
    "Compared",
    "Report",
    "Source",
    "comparison_folder",
    "kind_of",
    "read_keras_tuner",
    "read_source",
    "read_study",
    "read_table",
    "report_folder",
    "verify_report",
    "write_comparison",
    "write_report",
]


def __getattr__(name: str) -> object:
    """Load a public name from the module that defines it."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
