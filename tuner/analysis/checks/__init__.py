"""What would make the answer wrong: each check looks for one fault."""

from collections.abc import Callable
from dataclasses import asdict

from pandas import DataFrame

from tuner.analysis.checks import columns, data, design, outcomes, training
from tuner.analysis.finding import SEVERITIES, Evidence, Finding

CHECKS: tuple[Callable[[Evidence], list[Finding]], ...] = (
    training.seen_test_set,
    training.averaged_executions,
    training.linear_convolutions,
    design.inert_factors,
    design.confounded_factors,
    data.cut_short,
    data.undesigned,
    data.repeated_seeds,
    data.copied_rows,
    data.repeated_cells,
    data.impossible_accuracies,
    columns.mixed_units,
    outcomes.untrained_executions,
    outcomes.copied_cells,
    columns.varying_settings,
    columns.hidden_budgets,
    data.unfinished_executions,
    data.few_executions,
    training.few_epochs,
    training.still_rising,
    training.untuned_learning_rate,
    data.unequal_budgets,
    data.unusable_values,
    design.missing_cells,
    design.depth_and_size,
    design.disagreeing_replicates,
    training.looked_again,
    training.best_of_many,
    training.guessed_axes,
    training.scope,
)


def run_checks(evidence: Evidence) -> DataFrame:
    """Run every check.

    Returns:
        One row a finding, most severe first: check (its name), severity, what, where, why, remedy.
    """
    rows = [
        {"check": check.__name__, **asdict(finding)}
        for check in CHECKS
        for finding in check(evidence)
    ]
    rows.sort(key=lambda row: SEVERITIES.index(row["severity"]))
    return DataFrame(rows, columns=["check", "severity", "what", "where", "why", "remedy"])
