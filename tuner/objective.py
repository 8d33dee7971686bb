"""What kind of number the objective is: its direction, its unit, and how it is told.

A study, a table and a Keras Tuner project make one; everything else asks it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

ACCURACIES = {"acc", "accuracy", "auc", "f1", "precision", "recall", "top1", "top5", "iou", "dice"}
ERROR_RATES = {"err", "error", "wer", "cer"}
SMALLER_IS_BETTER = ERROR_RATES | {
    *("loss", "nll", "entropy", "perplexity", "ppl", "mse", "mae", "rmse", "mape", "msle"),
    *("cost", "time", "seconds", "latency", "regret", "divergence", "distance"),
}
NO_RATES = {"squared", "absolute", "logarithmic", "percentage"}  # an error, but no share
#: Metrics without a kind in their name: fractions where all their values are.
UNNAMED = {"score", "value", "objective", "metric"}
SPOKEN = {"val": "validation", "acc": "accuracy", "err": "error"}


@dataclass(frozen=True)
class Objective:
    """The number that a study optimises, or a table reports.

    Attributes:
        name: Of the metric; the column that holds it.
        maximize: Whether more of it is better.
        is_share: Whether it is a share of a whole: told in percent, its differences in percentage
            points. Else it is told in its own unit.
        scale: From stored values to reported ones: 100 for fractions that are told in percent.
    """

    name: str
    maximize: bool = True
    is_share: bool = True
    scale: float = 100.0

    @property
    def direction(self) -> str:
        """The direction as Keras Tuner calls it: "max" or "min"."""
        return "max" if self.maximize else "min"

    @property
    def sign(self) -> int:
        """1 where more is better, −1 where less is: times it, more is better."""
        return 1 if self.maximize else -1

    @property
    def words(self) -> str:
        """Its name as people say it: "validation accuracy"."""
        parts = tokens(self.name)
        is_known = {*parts} & (ACCURACIES | SMALLER_IS_BETTER)
        return " ".join(SPOKEN.get(part, part) for part in parts) if is_known else self.name

    @property
    def short(self) -> str:
        """Its name where there is little room: "val acc"."""
        return self.name.replace("accuracy", "acc").replace("_", " ")

    @property
    def label(self) -> str:
        """What an axis of it shows: "validation accuracy (%)"."""
        return f"{self.words} (%)" if self.is_share else self.words

    @property
    def unit(self) -> str:
        """The unit of a difference, as a table has it: "pp" or the metric's name."""
        return "pp" if self.is_share else self.name

    @property
    def spoken_unit(self) -> str:
        """The unit of a difference as people say it: "points"."""
        return "points" if self.is_share else self.words

    @property
    def unit_words(self) -> str:
        """The unit of a difference in full: "percentage points"."""
        return "percentage points" if self.is_share else f"units of {self.words}"

    def written(self, value: float, sd: float | None = None) -> str:
        """A stored value as people read it: "78.1%", "78.1% ± 0.4", "0.6931"."""
        shown, spread = value * self.scale, None if sd is None else sd * self.scale
        if self.is_share:
            return f"{shown:.1f}%" + ("" if spread is None else f" ± {spread:.1f}")
        return f"{shown:.4g}" + ("" if spread is None else f" ± {spread:.2g}")

    def difference(self, text: str) -> str:
        """A written difference with its unit: "+2.1 points", "−0.30 of val_loss"."""
        return f"{text} points" if self.is_share else f"{text} of {self.name}"

    def is_better(self, one: float, other: float) -> bool:
        """Whether one value is better than another."""
        return self.sign * one > self.sign * other

    def best(self, values: Iterable[float]) -> float:
        """The best of some values."""
        return max(values) if self.maximize else min(values)


#: What every execution here measures, at the last epoch and on its validation images.
MEASURED = {
    "val_accuracy": Objective("val_accuracy"),
    "val_loss": Objective("val_loss", maximize=False, is_share=False, scale=1.0),
}
VALIDATION_ACCURACY = MEASURED["val_accuracy"]
#: All that an execution measures, in the order of the columns of executions.csv.
METRICS = (*MEASURED, "best_val_accuracy", "best_epoch", "train_accuracy")


#: The usual names of an objective's column, the likeliest first.
USUAL = (
    *MEASURED,
    *("val_acc", "validation_accuracy", "test_accuracy", "accuracy", "acc", "score", "value"),
)


def tokens(name: str) -> list[str]:
    """The words of a metric's name: "valAccuracy" and "val_accuracy" are val, accuracy."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return [part for part in re.split(r"[\W_]+", apart.lower()) if part]


def named(name: str, smallest: float, largest: float, maximize: bool | None = None) -> Objective:
    """The objective of a metric by its name and the range of its values.

    An accuracy is a share, in fractions where no value exceeds 1 and else in percent. An error
    rate is one where its values allow it, and so is a score without a kind within 0 to 1.

    Args:
        name: Of the metric.
        smallest: Of its values; NaN where there is none.
        largest: Likewise.
        maximize: Whether more is better, where that is known; else the name says it.
    """
    parts = {*tokens(name)}
    is_accuracy = bool(parts & ACCURACIES) and not parts & SMALLER_IS_BETTER
    is_rate = bool(parts & ERROR_RATES) and not parts & NO_RATES
    most = 100.0 if is_rate else 1.0 if parts & UNNAMED else -1.0
    is_share = is_accuracy or (smallest >= 0 and largest <= most)
    return Objective(
        name,
        maximize=not parts & SMALLER_IS_BETTER if maximize is None else maximize,
        is_share=is_share,
        scale=100.0 if is_share and largest <= 1 else 1.0,
    )
