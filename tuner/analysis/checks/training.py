"""Faults of training and evaluation: budgets, learning rates, the test set, the scope."""

import pandas as pd

from tuner.analysis.curves import STILL_RISING_PP, late_gains, learning_curves, learning_rates
from tuner.analysis.finding import Evidence, Finding
from tuner.errors import DataError
from tuner.words import combination_text, counted, name_some

MIN_EPOCHS = 7
TUNED_BY_HAND = "the learning rate that suits one width or depth may not suit another"


def few_epochs(evidence: Evidence) -> list[Finding]:
    """Find a budget too short to tell architectures apart."""
    epochs = trained_epochs(evidence)
    if epochs is None or epochs >= MIN_EPOCHS:
        return []
    return [
        Finding(
            "serious",
            f"only {counted(epochs, 'epoch')}",
            "",
            "so early, what learns fastest leads: the order of the cells may reverse with more",
            f"train for {MIN_EPOCHS} epochs or more, until the curves flatten",
        )
    ]


def trained_epochs(evidence: Evidence) -> int | None:
    """Name the budget of the executions that are analysed, if it is known."""
    if evidence.model is not None and evidence.model.sample.budget is not None:
        return evidence.model.sample.budget
    if evidence.facts.epochs is not None:
        return evidence.facts.epochs
    history = evidence.history
    if history is not None and "epoch" in history and len(history):
        return int(pd.to_numeric(history["epoch"], errors="coerce").max())
    return None


def still_rising(evidence: Evidence) -> list[Finding]:
    """Find cells whose objective still rose in the last quarter of their epochs."""
    question, history = evidence.question, evidence.history
    if history is None:
        return []
    try:
        late = late_gains(learning_curves(history, question), question)
    except DataError:
        return []
    if late is None or len(late.rising) < max(1, len(late.gains) / 4):
        return []
    return [
        Finding(
            "warning",
            f"{len(late.rising)} of {len(late.gains)} cells still gained more than "
            f"{STILL_RISING_PP:g} point after epoch {late.start:g}",
            f"up to {late.rising.max():.1f} points in the last {late.last - late.start:g} epochs",
            "the comparison is bound by compute: with more epochs the order may reverse",
            "train for longer, or say that the effects hold at this budget",
        )
    ]


def untuned_learning_rate(evidence: Evidence) -> list[Finding]:
    """Find a learning rate that was not tuned for each cell, or not far enough."""
    if evidence.facts.learning_rate_tuned is False:
        return [
            Finding(
                "warning",
                "the learning rate was not tuned for each cell",
                "",
                f"{TUNED_BY_HAND}, and the difference would be taken for the architecture's",
                "tune it in each cell on a replicate that the effects leave out",
            )
        ]
    try:
        tried = evidence.executions if evidence.tuning is None else evidence.tuning
        rates = learning_rates(tried, evidence.question)
    except DataError:
        return []
    edge = rates[rates["best"] & rates["at_edge"]]
    if edge.empty:
        return []
    columns = [f for f in evidence.question.factors if f != "learning_rate"] + ["learning_rate"]
    return [
        Finding(
            "warning",
            f"the best learning rate is the smallest or largest tried in {len(edge)} cells",
            name_some(edge[columns].apply(combination_text, axis=1).tolist()),
            f"{TUNED_BY_HAND}; beyond the edge these cells may be better",
            "try learning rates beyond the edge",
        )
    ]


def seen_test_set(evidence: Evidence) -> list[Finding]:
    """Find a search that looked at the test set."""
    objective = evidence.question.objective.name
    if not objective.lower().startswith("test"):
        return []
    return [
        Finding(
            "serious",
            "the test set was seen in the search",
            objective,
            "what is chosen on the test set looks better on it than it is",
            "split the validation images off the training set; test once, at the end",
        )
    ]


def looked_again(evidence: Evidence) -> list[Finding]:
    """Find test images that were looked at more than once."""
    if evidence.facts.num_looks < 2:
        return []
    return [
        Finding(
            "warning",
            f"the test images were looked at {evidence.facts.num_looks} times",
            "",
            "what is chosen after a look looks better on these images than it is",
            "report the first look",
        )
    ]


def best_of_many(evidence: Evidence) -> list[Finding]:
    """Find numbers that are maxima: the best epoch, the best cell."""
    objective, model = evidence.question.objective.name, evidence.model
    findings = []
    if objective.lower().startswith("best"):
        findings.append(
            Finding(
                "warning",
                "the objective is that of the best epoch",
                objective,
                "a maximum over epochs is too good, the more so the noisier the curve",
                "use the objective at the last epoch",
            )
        )
    if model is not None and len(model.count) > 1:
        findings.append(
            Finding(
                "note",
                f"the best of {len(model.count)} cells is no measure of performance",
                "",
                "the highest of many validation accuracies is high partly by luck",
                "evaluate the chosen configuration once on the test set",
            )
        )
    return findings


def linear_convolutions(evidence: Evidence) -> list[Finding]:
    """Find networks without an activation after their convolutions."""
    activation = evidence.facts.fixed.get("activation")
    column = evidence.executions.get("activation")
    if column is not None and len(column) and "activation" not in evidence.question.factors:
        activation = column.iloc[0] if column.nunique() == 1 else activation
    if str(activation).lower() not in ("linear", "identity"):
        return []
    return [
        Finding(
            "serious",
            "no activation after the convolutions",
            f"activation = {activation}",
            "without one, stacked convolutions are one convolution: depth adds nothing but pooling",
            "use relu",
        )
    ]


def averaged_executions(evidence: Evidence) -> list[Finding]:
    """Find a table whose rows are means of several executions."""
    if not evidence.facts.executions_averaged:
        return []
    return [
        Finding(
            "serious",
            "each row is the mean of a trial's executions",
            "",
            "how much seeds differ was averaged away, so there is no interval from within a trial",
            "keep one row for each execution",
        )
    ]


def scope(evidence: Evidence) -> list[Finding]:
    """Say to what the answer applies."""
    facts = evidence.facts
    known = {
        "dataset": facts.dataset,
        "training images": facts.train_size,
        "epochs": trained_epochs(evidence),
        "optimizer": facts.fixed.get("optimizer"),
    }
    named = [f"{name} {value}" for name, value in known.items() if value is not None]
    return [
        Finding(
            "note",
            "the answer holds for this setting",
            ", ".join(named) or "the table does not say which data, optimizer and epochs",
            "effects of width and depth change with the data, the optimizer and the epochs",
            "repeat the study where it matters",
        )
    ]


def guessed_axes(evidence: Evidence) -> list[Finding]:
    """Find a width or a depth that nothing but a column's name told."""
    return [
        Finding(
            "note",
            f"{name} was taken for the {axis} by its name",
            name,
            f"the {axis} has a scale of its own: growth is told per {unit} of it",
            f"nothing, if that is right; else say --{axis} NAME",
        )
        for axis, name in evidence.facts.guessed.items()
        for unit in ("doubling" if axis == "width" else evidence.question.step,)
        if name in evidence.question.factors
    ]
