"""What a table of executions is asked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """What a table of executions is asked: which columns are factors, which the objective."""

    factors: tuple[str, ...]  # the scientific factors with two levels or more, in report order
    objective: str = "val_accuracy"
    width: str | None = None  # which factor is the width (analysed on a log2 axis), if any
    depth: str | None = None  # which factor is the depth (numeric steps), if any
    maximize: bool = True
    scale: float = 100.0  # objective units -> reported units (fractions -> percentage points)
