"""What a reader must know before an answer: why it may be wrong, and what its terms mean."""

import re
from collections.abc import Mapping

import pandas as pd

from tuner.analysis.checks.training import MIN_EPOCHS
from tuner.analysis.finding import SEVERITIES
from tuner.analysis.overview import Analysis
from tuner.report.answers.naming import Naming

LEARNING = "These networks were still learning when they stopped: the order may change."
MOST_NAMED = 2  # faults in one sentence
NAMES = "guessed_axes"  # the check that is about the names of the code
BUDGET = "few_epochs"  # the check that finds trainings cut too short


def of_the_answer(findings: pd.DataFrame, networks: pd.DataFrame, searched: bool) -> pd.DataFrame:
    """The findings as they bear on the page's answer: a search's is not about its first rung.

    Args:
        findings: As `checks.run_checks` returns them.
        networks: As `networks.rank_networks` returns them.
        searched: Whether the page leads with what won.
    """
    if not searched or not networks["epochs"].max() >= MIN_EPOCHS:
        return findings
    is_early = findings["check"].eq(BUDGET)
    told = findings.assign(severity=findings["severity"].mask(is_early, "note"))
    return told.sort_values(
        "severity", key=lambda kinds: kinds.map(SEVERITIES.index), kind="stable"
    )


def in_words(findings: pd.DataFrame, names: Mapping[str, Naming]) -> pd.DataFrame:
    """The findings with each factor as people call it; `where` keeps the names of the code.

    Args:
        findings: As `checks.run_checks` returns them.
        names: How each factor is called.
    """
    spoken = {re.escape(name): naming.spoken for name, naming in names.items()}
    told = {rf"(?<![\w=]){name}(?![\w=])": words for name, words in spoken.items()}
    columns = ["what", "why", "remedy"]
    is_of_names = findings["check"].eq(NAMES)
    said = findings[columns].astype(str)
    return findings.assign(**said.where(is_of_names, said.replace(told, regex=True), axis=0))


def caution(findings: pd.DataFrame) -> str:
    """Why the answers are not to be trusted as they stand; "" where no finding is serious.

    Args:
        findings: As `checks.run_checks` returns them: check, severity, what.
    """
    serious = findings[findings["severity"].eq("serious")]
    parts = [LEARNING] if serious["check"].eq(BUDGET).any() else []
    others = list(dict.fromkeys(serious.loc[serious["check"].ne(BUDGET), "what"]))
    if others:
        more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        parts.append(f"Not to be trusted as it stands: {'; '.join(others[:MOST_NAMED])}{more}.")
    return " ".join(parts)


def glosses(analysis: Analysis, searched: bool) -> list[tuple[str, str]]:
    """The terms that the first screen uses, and what they mean."""
    objective, sample = analysis.objective, analysis.model.sample
    found = []
    if objective.is_share:
        found.append(("points", f"percentage points of {objective.words}"))
    if not searched and analysis.effects["ci_low"].notna().any():
        found.append(("[brackets]", "95% intervals, each by itself"))
    if not searched and analysis.effects["pairs"].astype(str).ne("").any():
        found.append(("pairs", "networks of one replicate that differ in that factor alone"))
    if sample.blocked and analysis.model.num_replicates > 1:
        shared = "what every network shares: its images, their split, its seeds"
        found.append(("replicate", shared))
    return found
