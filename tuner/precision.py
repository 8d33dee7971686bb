"""Replicates until an effect is known to within the half-width that was asked for."""

import math
from dataclasses import dataclass

import pandas as pd

from tuner.analysis.effects import effects
from tuner.analysis.model import MIN_EXECUTIONS, fit
from tuner.analysis.preparing import prepare
from tuner.analysis.question import Question
from tuner.errors import DataError
from tuner.execution import serves_effects
from tuner.study import Study
from tuner.words import listed


@dataclass(frozen=True)
class Precision:
    """How far a study is from the half-widths that it asks for.

    Attributes:
        reached: For each factor of `Study.until`, the half-width of the 95% interval of its widest
            step, in the unit of the objective's difference; infinite where there is no interval.
        asked: For each, the half-width that was asked for.
        unit: Theirs.
        num_replicates: That have been trained.
        most: The replicates that are trained at most.
    """

    reached: dict[str, float]
    asked: dict[str, float]
    unit: str
    num_replicates: int
    most: int

    @property
    def is_enough(self) -> bool:
        """Whether every factor is known as well as was asked."""
        return all(self.reached[name] <= self.asked[name] for name in self.asked)

    @property
    def is_final(self) -> bool:
        """Whether no further replicate is trained: enough, too many, or no interval in sight."""
        hopeless = self.num_replicates >= MIN_EXECUTIONS and math.inf in self.reached.values()
        return self.is_enough or hopeless or self.num_replicates >= self.most

    @property
    def text(self) -> str:
        """The state of every factor, and what it means, in words."""
        told = listed(
            (
                f"{name} ±{self.reached[name]:.3g} {self.unit}"
                if math.isfinite(self.reached[name])
                else f"{name} without an interval"
            )
            + f" (asked {asked:g})"
            for name, asked in self.asked.items()
        )
        told = f"{told} after {self.num_replicates} replicates"
        if self.is_enough:
            return f"{told}: as narrow as was asked"
        return f"{told}: not reached" if self.is_final else told


def rule(study: Study) -> str:
    """When replicates end, in words."""
    unit = study.objective.spoken_unit
    asked = listed(f"{name} to ±{width:g} {unit}" for name, width in study.until.items())
    return (
        f"replicates are added until the 95% interval of every step is narrow enough ({asked}), "
        f"{study.max_replicates} at most"
    )


def precision(study: Study, executions: pd.DataFrame) -> Precision:
    """Says how well a study's executions tell the steps of the factors it asks about.

    Args:
        study: resolved, with `until`.
        executions: one row each, as a study's folder has them.
    """
    reached = dict.fromkeys(study.until, math.inf)
    used = executions[serves_effects(executions["replicate"])]
    varied = tuple(name for name in study.factor_names if used[name].nunique() > 1)
    question = Question(varied, study.objective, study.width, study.depth, study.step or "layer")
    try:
        told = effects(fit(prepare(used, question)))
    except DataError:  # nothing that can be compared has been trained
        told = pd.DataFrame({"factor": [], "kind": []})
    for name in study.until:
        steps = told[(told["factor"] == name) & (told["kind"] == "step")]
        if len(steps) and steps["ci_low"].notna().all():
            reached[name] = float((steps["ci_high"] - steps["ci_low"]).max() / 2)
    return Precision(
        reached,
        dict(study.until),
        study.objective.spoken_unit,
        study.replicates,
        study.max_replicates,
    )
