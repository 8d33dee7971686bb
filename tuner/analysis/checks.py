"""What would make the answer wrong: each check looks for one fault."""

from collections.abc import Callable
from dataclasses import asdict

from pandas import DataFrame

from tuner.analysis import data_checks, design_checks, training_checks
from tuner.analysis.finding import SEVERITIES, Evidence, Finding

CHECKS: tuple[Callable[[Evidence], list[Finding]], ...] = (
    training_checks.seen_test_set,
    training_checks.averaged_executions,
    training_checks.linear_convolutions,
    design_checks.inert_factors,
    design_checks.confounded_factors,
    data_checks.repeated_seeds,
    data_checks.copied_rows,
    data_checks.repeated_cells,
    data_checks.impossible_accuracies,
    data_checks.unfinished_executions,
    data_checks.few_executions,
    training_checks.few_epochs,
    training_checks.still_rising,
    training_checks.untuned_learning_rate,
    data_checks.unequal_budgets,
    data_checks.unusable_values,
    design_checks.missing_cells,
    design_checks.depth_and_size,
    design_checks.unequal_variances,
    training_checks.best_of_many,
    training_checks.scope,
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
