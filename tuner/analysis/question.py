"""What a table of executions is asked."""

from dataclasses import dataclass

from tuner.objective import VALIDATION_ACCURACY, Objective


@dataclass(frozen=True)
class Question:
    """What a table of executions is asked: which columns are factors, which the objective.

    Attributes:
        factors: The scientific factors with two levels or more, in report order.
        objective: What is measured; its name is the column.
        width: Which factor is the width (analysed on a log2 axis), if any.
        depth: Which factor is the depth (numeric steps), if any.
        step: What one step of the depth is called: "block", "layer".

    Examples:
        >>> from tuner.analysis import Question
        >>> question = Question(("units", "layers"), width="units", depth="layers")
        >>> question.objective.name, question.role("units")
        ('val_accuracy', 'width')
    """

    factors: tuple[str, ...]
    objective: Objective = VALIDATION_ACCURACY
    width: str | None = None
    depth: str | None = None
    step: str = "layer"

    def role(self, factor: str) -> str:
        """The axis that a factor is: "width", "depth", or "" for another."""
        return {self.width: "width", self.depth: "depth"}.get(factor, "")
