"""What a model reports, under the names that a study knows: accuracy by any of Keras's names."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tuner.objective import Objective, tokens

ACCURACIES = ("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy",
              "binary_accuracy")  # fmt: skip


def metrics_of(model: Any) -> dict[str, float]:
    """The metrics of a model as plain numbers, its accuracy under that name too."""
    found = {name: float(value) for name, value in model.get_metrics_result().items()}
    name = accuracy_name(found)
    return found if name in (None, "accuracy") else {**found, "accuracy": found[str(name)]}


def accuracy_name(names: Iterable[str]) -> str | None:
    """The metric that is the share of right answers; a top-3 accuracy is none."""
    known = list(names)
    usual = [name for name in ACCURACIES if name in known]
    other = [
        name for name in known
        if {*tokens(name)} & {"acc", "accuracy"} and not name.startswith("top")
    ]  # fmt: skip
    return next(iter(usual + other), None)


def missing(objective: Objective, names: Iterable[str]) -> str | None:
    """Why a model cannot be judged by an objective, from the metrics that it reports; else None."""
    known = [f"val_{name}" for name in names]
    if objective.name in known:
        return None
    how = "; metrics=['accuracy'] in compile() gives it" if "accuracy" in objective.name else ""
    others = " or ".join(f"--objective {name}" for name in known)
    return f"the model reports no {objective.name.removeprefix('val_')}{how}; else {others}"


def prefixed(part: str, metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics under the names of the images that they were measured on."""
    return {f"{part}_{name}": value for name, value in metrics.items()}


def final_metrics(
    history: list[dict[str, Any]], idle: Mapping[str, Any], objective: Objective
) -> dict[str, Any]:
    """The metrics of the last epoch, on the idle images where these were scored; the best epoch.

    The best epoch is that of the accuracy or, in a model without one, of the objective.
    """
    last = history[-1]
    measured = {
        name: idle.get(f"idle_{name.removeprefix('val_')}", value)
        for name, value in last.items()
        if name.startswith("val_")
    }
    judged = "val_accuracy" if "val_accuracy" in last else objective.name
    sign = 1 if judged == "val_accuracy" else objective.sign
    known = [row for row in history if row.get(judged) is not None]
    best = max(known, key=lambda row: sign * row[judged], default={})
    if "accuracy" in last:
        measured |= {"train_accuracy": last["accuracy"]}
    if judged == "val_accuracy":
        measured |= {"best_val_accuracy": best.get("val_accuracy")}
    return {**measured, "best_epoch": best.get("epoch")}


def finite(row: Mapping[str, float]) -> dict[str, float | None]:
    """The row with None for what is not a number, which JSON has no word for."""
    return {name: value if math.isfinite(value) else None for name, value in row.items()}
