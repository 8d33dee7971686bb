"""How much executions will spread, as far as one can tell before anything is trained."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tuner.errors import TunerError
from tuner.folder import studies_by_age
from tuner.study import Study

ASSUMED = 1.0  # percentage points between executions of a cell, where nothing has been measured
TYPICAL_SHARE = 0.75  # of images that are classified rightly


@dataclass(frozen=True)
class Spread:
    """A standard deviation between executions, in reported units, and how it is known."""

    size: float
    why: str


def image_noise(num_images: int) -> float:
    """The binomial standard deviation, in points, of an accuracy of 75% on so many images."""
    return 100 * math.sqrt(TYPICAL_SHARE * (1 - TYPICAL_SHARE) / num_images)


def expected_spread(study: Study, factor: str, num_scored: int, output: Path) -> Spread | None:
    """The spread that the steps of a factor have to be seen through; None where nothing is known.

    The largest of what images alone make and what the newest study of the same kind in the folder
    of studies has measured: its replicate x factor stratum, or what replicates leave of its cells.

    Args:
        study: resolved.
        factor: whose steps are asked about.
        num_scored: the images that the objective is measured on.
        output: the folder of studies.
    """
    found = next(measured(study, factor, output), None)
    if not study.objective.is_share:
        return found
    found = found or Spread(ASSUMED, "assumed: no earlier study here has measured it")
    floor = image_noise(num_scored)
    if floor <= found.size:
        return found
    return Spread(floor, f"the noise of {num_scored:,} scored images alone")


def measured(study: Study, factor: str, output: Path) -> Iterator[Spread]:
    """What studies of the same space, data and objective have measured, the newest first."""
    from tuner.analysis.model import fit
    from tuner.analysis.preparing import prepare
    from tuner.analysis.question import Question
    from tuner.analysis.variance import stratum_of
    from tuner.execution import serves_effects

    for folder in reversed(studies_by_age(output)):
        try:
            if not is_alike(folder.study, study):
                continue
            executions = folder.frames.executions
            used = executions[serves_effects(executions["replicate"])]
            varied = tuple(n for n in folder.study.factor_names if used[n].nunique() > 1)
            model = fit(prepare(used, Question(varied, study.objective)))
        except TunerError:  # no study, a broken one, or one that compares nothing
            continue
        mean_square, df = model.residual_sd**2, float(model.df)
        if factor in varied:
            mean_square, df = stratum_of(model, factor)
        if df > 0 and mean_square > 0:
            yield Spread(math.sqrt(mean_square), f"as in {folder.path}")


def is_alike(one: Study, other: Study) -> bool:
    """Whether two studies measure the same objective on the same data in the same space."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("space", "dataset", "objective", "train_size", "epochs")
    )
