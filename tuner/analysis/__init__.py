"""From any table of executions to effects with their uncertainty: frames in, frames out."""

from tuner.analysis.checks import CHECKS, run_checks
from tuner.analysis.finding import Evidence, Finding
from tuner.analysis.overview import Analysis, analyse
from tuner.analysis.preparing import Sample, prepare
from tuner.analysis.question import Question

__all__ = [
    "CHECKS",
    "Analysis",
    "Evidence",
    "Finding",
    "Question",
    "Sample",
    "analyse",
    "prepare",
    "run_checks",
]
