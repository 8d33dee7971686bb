"""Faults of the design: holes, factors that move together, factors that do nothing."""

from itertools import combinations
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy.stats import contingency

from tuner.analysis.arrangement import arrange, keep_combinations
from tuner.analysis.finding import Evidence, Finding
from tuner.analysis.fraction_effects import is_fraction
from tuner.analysis.inference import SIGNIFICANCE
from tuner.analysis.levels import cell_keys, is_numeric
from tuner.analysis.model import Model
from tuner.words import name_some, p_text

HIGH_CORRELATION = 0.8


def missing_cells(evidence: Evidence) -> list[Finding]:
    """Find cells that the plan, or the crossing of the levels, has and the executions have not."""
    model, cells, question = evidence.model, evidence.cells, evidence.question
    if model is None:
        return []
    design = model.sample.design
    if cells is None or not set(question.factors) <= set(cells.columns):
        num_crossed = prod(len(levels) for levels in model.sample.levels.values())
        if num_crossed == len(design):
            return []
        what = f"{num_crossed - len(design)} of {num_crossed} combinations of levels are missing"
        return [hole("warning", what, "")]
    planned = cells.assign(key=cell_keys(cells, question.factors))
    absent = planned[~planned["key"].isin(cell_keys(design, question.factors))]
    state = absent["state"] if "state" in absent else Series("planned", absent.index)
    findings = []
    for name, severity in (("planned", "warning"), ("left out", "warning"), ("infeasible", "note")):
        of_state = absent[state == name]
        if name == "left out" and len(of_state) and is_fraction(model):
            findings.append(predicted_cells(len(of_state), len(cells)))
        elif len(of_state):
            what = f"{len(of_state)} of {len(cells)} cells: {name}, no finished execution"
            findings.append(hole(severity, what, name_some(of_state["key"].tolist())))
    return findings


def predicted_cells(num: int, num_planned: int) -> Finding:
    """Say that cells were left out by design, and what stands in for them."""
    return Finding(
        "note",
        f"{num} of {num_planned} cells were left out, as was asked",
        "",
        "what they would have given is predicted, as far as it can be, from main effects and "
        "pairs of factors",
        "train those that an answer hangs on: their predictions stand with their intervals below",
    )


def hole(severity: str, what: str, where: str) -> Finding:
    """Say what a hole in the design costs."""
    return Finding(
        severity,
        what,
        where,
        "effects are taken over the combinations that have both levels; what the absent cells "
        "would have shown is not known",
        "complete the design (tuner complete STUDY), or ask about levels that are fully crossed"
        if severity != "note"
        else "nothing, or ask about levels that every cell can have",
    )


def confounded_factors(evidence: Evidence) -> list[Finding]:
    """Find factors that never vary alone, and pairs that vary together."""
    model = evidence.model
    if model is None:
        return []
    design, factors = model.sample.design, model.sample.question.factors
    findings = []
    for factor in factors:
        if not len(keep_combinations(arrange(model, factor), 2)):
            others = ", ".join(name for name in factors if name != factor)
            findings.append(
                Finding(
                    "serious",
                    f"{factor} never changes alone",
                    factor,
                    f"no two cells differ in {factor} and agree in {others}: what it does cannot "
                    "be told from what they do",
                    f"train cells that differ in {factor} alone",
                )
            )
    for first, second in combinations(factors, 2):
        v = association(design[first], design[second])
        if v > HIGH_CORRELATION:
            findings.append(
                Finding(
                    "warning",
                    f"{first} and {second} vary together (Cramér's V {v:.2f})",
                    f"{first}, {second}",
                    "few cells tell the one's effect from the other's",
                    "cross their levels",
                )
            )
    return findings


def association(first: "Series[Any]", second: "Series[Any]") -> float:
    """Compute Cramér's V of two factors over the cells: 0 crossed, 1 when one fixes the other."""
    if first.nunique() * second.nunique() > 10_000 or min(first.nunique(), second.nunique()) < 2:
        return 0.0
    return float(contingency.association(pd.crosstab(first, second).to_numpy()))


def depth_and_size(evidence: Evidence) -> list[Finding]:
    """Find a depth that is aliased with size, and sizes that do not grow with it."""
    model, depth = evidence.model, evidence.question.depth
    if model is None or depth is None or not is_numeric(model.sample.levels[depth]):
        return []
    design = with_costs(model, evidence.executions)
    findings = []
    for cost, words in {"params": "parameters", "flops": "FLOPs"}.items():
        sizes = design[[depth, cost]].dropna() if cost in design else DataFrame()
        if len(sizes) < 3 or sizes[cost].nunique() < 2 or (sizes[cost] <= 0).any():
            continue
        r = float(np.corrcoef(sizes[depth].astype(float), np.log(sizes[cost]))[0, 1])
        if abs(r) > HIGH_CORRELATION:
            findings.append(
                Finding(
                    "warning",
                    f"{depth} and {words} go together (correlation {r:.2f} with log {words})",
                    f"{depth}, {cost}",
                    f"an effect of {depth} may be one of size: a deeper net here is another size "
                    "of net, downsampled more often and, where filters grow, wider at its end",
                    "read the comparison at equal budgets beside it",
                )
            )
        if cost == "params" and not moves_one_way(sizes.groupby(depth)[cost].mean()):
            findings.append(
                Finding(
                    "note",
                    f"the number of parameters does not grow steadily with {depth}",
                    f"{depth}, params",
                    "with a flatten head, each pooling shrinks the dense layer that follows; "
                    "parameters then say little about the size of the network",
                    "compare at equal FLOPs, or use global average pooling",
                )
            )
    return findings


def with_costs(model: Model, executions: DataFrame) -> DataFrame:
    """Add what a cell costs, params and flops where known, to the design."""
    factors = list(model.sample.question.factors)
    known = [cost for cost in ("params", "flops") if cost in executions]
    keyed = executions[known].apply(pd.to_numeric, errors="coerce")
    costs = keyed.groupby(cell_keys(executions, factors)).mean()
    keyed_design = model.sample.design.assign(key=cell_keys(model.sample.design, factors))
    return keyed_design.join(costs, on="key")


def moves_one_way(means: "Series[float]") -> bool:
    """Tell whether numbers only grow, or only fall."""
    return means.is_monotonic_increasing or means.is_monotonic_decreasing


def inert_factors(evidence: Evidence) -> list[Finding]:
    """Find factors that change nothing: cells that differ in them alone have equal results."""
    model = evidence.model
    if model is None or not model.sample.blocked:
        return []
    values = model.by_replicate
    findings = []
    for factor in model.sample.question.factors:
        kept = keep_combinations(arrange(model, factor), 2)
        kept = kept.take(np.argsort(kept.combination, kind="stable"))
        is_next = np.diff(kept.combination) == 0
        difference = values[kept.cell[:-1][is_next]] - values[kept.cell[1:][is_next]]
        known = difference[np.isfinite(difference)]
        if len(known) >= 3 and (known == 0).all():
            findings.append(
                Finding(
                    "serious",
                    f"{factor} does not change the result at all",
                    f"{factor}: {len(known)} pairs of executions are equal to the last digit",
                    "the space probably reads this hyperparameter and does not use it",
                    f"look where {factor} enters the network; compare parameters and FLOPs",
                )
            )
    return findings


def disagreeing_replicates(evidence: Evidence) -> list[Finding]:
    """Find factors whose effect differs between replicates by more than chance."""
    model = evidence.model
    if model is None or model.strata is None:
        return []
    strata = model.strata
    return [
        Finding(
            "note",
            f"replicates disagree on the effect of {factor} (p {p_text(float(p))})",
            factor,
            "networks that share images err together, so the effect is known less well than "
            "independent executions would tell it; its interval takes that in",
            "more replicates narrow it; more executions of one replicate would not",
        )
        for factor, p in zip(model.sample.question.factors, strata.p, strict=True)
        if p < SIGNIFICANCE
    ]
