"""Faults of single columns: two units, settings that are no factor, budgets by other names."""

from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from tuner.analysis.checks.design import HIGH_CORRELATION, association
from tuner.analysis.finding import Evidence, Finding
from tuner.analysis.levels import tidy_levels
from tuner.analysis.preparing import comparable, is_unfinished
from tuner.objective import ACCURACIES, SMALLER_IS_BETTER, UNNAMED, tokens
from tuner.words import counted, level_text, listed, name_some

#: Names of a budget, as tools that log by it call it.
BUDGETS = {
    *("step", "steps", "_step", "global_step", "iteration", "iterations", "training_iteration"),
    *("iter", "iters", "round", "rounds"),
}
#: Words of a setting's name, whatever else it holds.
SETTINGS = {
    *("lr", "rate", "dropout", "batch", "optimizer", "decay", "momentum", "augmentation"),
    *("activation", "normalization", "schedule", "scheduler", "warmup", "initializer"),
    *("image", "resolution", "crop"),
}
#: Words in the names of circumstances: nobody sets them, but what goes with a factor is told.
CIRCUMSTANCES = {
    *("host", "hostname", "machine", "node", "user", "device", "gpu", "cpu", "version", "commit"),
    *("stopped", "stop", "date", "backend", "framework", "cluster", "partition"),
}
#: Words in the names of what is measured, counted or noted, not set.
NO_SETTINGS = {
    *ACCURACIES, *SMALLER_IS_BETTER, *UNNAMED, *BUDGETS,
    *("val", "train", "test", "best", "last", "epoch", "epochs", "rung", "bracket", "tuner"),
    *("id", "uuid", "name", "study", "trial", "run", "cell", "replicate", "rep", "seed", "fold"),
    *("index", "number", "group", "tags", "notes", "unnamed", "timestamp", "date", "datetime"),
    *("created", "started", "ended", "start", "end", "complete", "duration", "runtime", "hours"),
    *("minutes", "host", "hostname", "machine", "node", "worker", "user", "device", "gpu", "cpu"),
    *("status", "state", "message", "commit", "version", "path", "dir", "file", "log"),
    *("params", "parameters", "flops", "macs", "size", "memory", "mb", "gb", "sd", "std", "n"),
}  # fmt: skip
MAX_NAMED = 10  # levels: a column of more is told by its range, and compared as numbers


def mixed_units(evidence: Evidence) -> list[Finding]:
    """Find shares of which some are written as fractions and others as percentages."""
    objective = evidence.question.objective
    if not objective.is_share or objective.scale != 1:
        return []  # all are fractions, or what is none of them is no possible share
    shares = pd.to_numeric(evidence.executions[objective.name], errors="coerce").astype(float)
    fractions, percents = shares[shares.between(0, 1, "neither")], shares[shares.between(1, 100)]
    if fractions.empty or percents.empty:
        return []
    reach = max(float(np.ptp(percents)), 10.0)
    as_percents = 100 * fractions
    fitting = as_percents.between(percents.min() - reach, percents.max() + reach)
    if not fitting.any():
        return []
    return [
        Finding(
            "serious",
            f"{int(fitting.sum())} of {len(shares)} values of {objective.name} look like fractions "
            "among percentages",
            name_some([f"row {row}: {value:g}" for row, value in fractions[fitting].items()]),
            f"beside values up to {percents.max():g} they were read as percent, 100 times too "
            "small",
            "write all of them as fractions, or all as percentages",
        )
    ]


def varying_settings(evidence: Evidence) -> list[Finding]:
    """Find settings that differ between executions and are no factor."""
    if evidence.facts.kind == "study":
        return []  # whose settings are factors, or tuned in each cell on purpose
    question = evidence.question
    executions = evidence.executions[~is_unfinished(evidence.executions)]
    known = {*question.factors, question.objective.name}
    factors = {factor: tidy_levels(executions[factor]) for factor in question.factors}
    findings = []
    for name in executions.columns.difference([*known], sort=False):
        column = executions[name]
        if not is_setting(str(name), column):
            continue
        shares = {factor: going_together(column, levels) for factor, levels in factors.items()}
        factor = max(shares, key=lambda factor: shares[factor])
        if shares[factor] > HIGH_CORRELATION or not is_circumstance(str(name)):
            findings.append(setting_finding(str(name), column, factor, shares[factor]))
    return findings


def is_circumstance(name: str) -> bool:
    """Tell whether a column is named as what was met, not set."""
    words = {*tokens(name)}
    return bool(words & CIRCUMSTANCES) and not words & SETTINGS


def is_setting(name: str, column: "Series[Any]") -> bool:
    """Tell whether a column varies and looks like a hyperparameter.

    By its name; of other names, one whose values come back: twice or more, on average.
    """
    values = comparable(column.dropna().to_frame())[column.name]
    if values.nunique() < 2:
        return False
    words = {*tokens(name)}
    if words & SETTINGS and not words & {"time", "seconds", *ACCURACIES, *SMALLER_IS_BETTER}:
        return True
    few = values.nunique() <= len(values) / 2
    return few and (is_circumstance(name) or not words & NO_SETTINGS)


def going_together(column: "Series[Any]", levels: "Series[Any]") -> float:
    """Say how far a column goes with a factor: 0 not at all, 1 where the factor fixes it.

    Cramér's V; of many numbers, the correlation ratio less what chance makes of it.
    """
    both = comparable(DataFrame({"column": column, "level": levels}).dropna())
    is_many = both["column"].nunique() > MAX_NAMED
    if not (is_many and pd.api.types.is_numeric_dtype(both["column"])):
        return association(both["column"], both["level"])
    num_levels = both["level"].nunique()
    values = both["column"].astype(float)
    within = values - values.groupby(both["level"]).transform("mean")
    total = float(values.var(ddof=1))
    left = float((within**2).sum()) / max(len(values) - num_levels, 1)
    return float(np.sqrt(max(1 - left / total, 0.0))) if total > 0 else 0.0


def setting_finding(name: str, column: "Series[Any]", factor: str, share: float) -> Finding:
    """Say what varies, over which values, and with which factor it goes."""
    values = comparable(column.dropna().to_frame())[column.name].drop_duplicates()
    if len(values) <= MAX_NAMED or not pd.api.types.is_numeric_dtype(values):
        shown = listed(map(level_text, values), MAX_NAMED)
    else:
        shown = f"{counted(len(values), 'value')} from {values.min():g} to {values.max():g}"
    is_confounded = share > HIGH_CORRELATION
    return Finding(
        "serious" if is_confounded else "warning",
        f"{name} varies and is no factor"
        + (f": it goes with {factor} (association {share:.2f})" if is_confounded else ""),
        f"{shown}; goes most with {factor} (association {share:.2f})",
        f"what {name} does is counted as the effect of {factor}"
        if is_confounded
        else f"what {name} does is counted as chance, or as the effect of what it goes with",
        f"name it as a factor (--factor {name}), or keep the executions of one {name}",
    )


def hidden_budgets(evidence: Evidence) -> list[Finding]:
    """Find columns that look like a budget and differ between rows of one cell and replicate."""
    executions, question = evidence.executions, evidence.question
    keys = [*question.factors, *(["replicate"] if "replicate" in executions else [])]
    rows = comparable(executions)
    findings = []
    for name in executions.columns.difference([*keys, question.objective.name], sort=False):
        if str(name).lower() not in BUDGETS:
            continue
        num_values = rows.groupby(keys)[name].nunique()
        if not (num_values > 1).any():
            continue
        findings.append(
            Finding(
                "warning",
                f"{name} differs between rows of one configuration and replicate",
                f"{(num_values > 1).sum()} of {len(num_values)} have several, up to "
                f"{num_values.max()}",
                "the rows may be epochs of one execution; each is taken for an execution, and "
                "early ones count like the last",
                f"say --epoch {name} if it is one row an epoch; else keep the last of each",
            )
        )
    return findings
