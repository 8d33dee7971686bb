"""Everything that is asked of one table, in one call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pandas import DataFrame

from tuner.analysis import selection
from tuner.analysis.budgets import wide_against_deep
from tuner.analysis.cells import COSTS, cell_means, paired_differences
from tuner.analysis.checks import run_checks
from tuner.analysis.curves import learning_curves, learning_rates
from tuner.analysis.effects import effects, marginal_means
from tuner.analysis.fidelity import fidelity, fidelity_sentence, rung_agreement, rung_points
from tuner.analysis.finding import Evidence
from tuner.analysis.frontier import frontier
from tuner.analysis.model import Model, fit
from tuner.analysis.preparing import prepare
from tuner.analysis.question import Question
from tuner.analysis.resampling import resampled
from tuner.analysis.saturation import saturation
from tuner.analysis.variance import interactions, variance_shares
from tuner.analysis.verdicts import budget_sentence, verdict_sentences
from tuner.errors import DataError


@dataclass(frozen=True)
class Analysis:
    """The frames of a report. What was refused is an empty frame, and `refusals` says why."""

    question: Question  # with the factors that vary among the executions analysed
    model: Model  # .sample.executions has the raw points (value), .sample.levels the level order
    effects: DataFrame  # effects.effects
    means: DataFrame  # effects.marginal_means
    interactions: DataFrame  # variance.interactions
    shares: DataFrame  # variance.variance_shares
    detectable: DataFrame  # of the effects: factor, contrast, given, detectable_pp
    cells: DataFrame  # cells.cell_means
    pairs: DataFrame  # cells.paired_differences
    resampled: DataFrame  # resampling.resampled
    frontiers: dict[str, DataFrame]  # "params" | "flops" | "seconds" -> frontier.frontier
    matched: dict[str, DataFrame]  # "params" | "flops" | "seconds" -> budgets.wide_against_deep
    saturation: DataFrame  # saturation.saturation
    fidelity: DataFrame  # fidelity.fidelity
    rungs: DataFrame  # fidelity.rung_agreement
    rung_points: DataFrame  # fidelity.rung_points
    promotions: DataFrame  # selection.rungs
    best_so_far: DataFrame  # selection.best_so_far
    curves: DataFrame  # curves.learning_curves
    learning_rates: DataFrame  # curves.learning_rates
    findings: DataFrame  # checks.run_checks
    verdicts: list[str]  # verdict_sentences, then a sentence a cost, then one on fidelity
    refusals: dict[str, str]  # field name ("matched.flops", "saturation") -> why, in words


def analyse(
    executions: DataFrame,
    question: Question,
    *,
    history: DataFrame | None = None,
    cells: DataFrame | None = None,
    facts: Mapping[str, object] | None = None,
) -> Analysis:
    """Analyse a table of executions.

    Args:
        executions: one row an execution; the factors and the objective are required, replicate,
            epochs, params, flops, seconds and status are used where they are there.
        question: which columns are the factors, and which the objective.
        history: one row an epoch of an execution, for fidelity and learning curves.
        cells: the cells as planned, for holes and their reasons.
        facts: what is known of the study beyond its tables, for the checks.

    Raises:
        DataError: nothing can be compared (see `preparing.prepare`).
    """
    refusals: dict[str, str] = {}

    def attempt(part: str, compute: Callable[..., DataFrame], *arguments: Any) -> DataFrame:
        """Compute a part, or note why it was refused."""
        try:
            return compute(*arguments)
        except DataError as refusal:
            refusals[part] = str(refusal)
            return DataFrame()

    model = fit(prepare(executions, question, cells))
    executions = executions.reset_index(drop=True)
    question = model.sample.question
    contrasts, crossings = effects(model), interactions(model)
    table = cell_means(model, executions, cells)
    matched = {c: attempt(f"matched.{c}", wide_against_deep, model, table, c) for c in COSTS}
    evidence = Evidence(executions, question, history, cells, facts or {}, model)
    no_history = DataFrame(columns=[*question.factors]) if history is None else history
    agreement = attempt("fidelity", fidelity, no_history, question)
    verdicts = verdict_sentences(contrasts, crossings, question)
    verdicts += [budget_sentence(cost, pairs) for cost, pairs in matched.items() if len(pairs)]
    verdicts += [fidelity_sentence(agreement)] if len(agreement) else []
    return Analysis(
        question=question,
        model=model,
        effects=contrasts,
        means=marginal_means(model),
        interactions=crossings,
        shares=attempt("shares", variance_shares, model),
        detectable=contrasts[["factor", "contrast", "given", "detectable_pp"]],
        cells=table,
        pairs=paired_differences(model),
        resampled=resampled(model),
        frontiers={c: attempt(f"frontiers.{c}", frontier, table, question, c) for c in COSTS},
        matched=matched,
        saturation=attempt("saturation", saturation, model),
        fidelity=agreement,
        rungs=attempt("rungs", rung_agreement, executions, question),
        rung_points=attempt("rung_points", rung_points, executions, question),
        promotions=attempt("promotions", selection.rungs, executions, question),
        best_so_far=attempt("best_so_far", selection.best_so_far, executions, question),
        curves=attempt("curves", learning_curves, no_history, question),
        learning_rates=attempt("learning_rates", learning_rates, executions, question),
        findings=run_checks(evidence),
        verdicts=verdicts,
        refusals=refusals,
    )
