"""Everything that is asked of one table, in one call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pandas import DataFrame

from tuner.analysis import selection
from tuner.analysis.budgets import match_budgets, wide_against_deep
from tuner.analysis.cells import COSTS, cell_means, paired_differences
from tuner.analysis.checks import run_checks
from tuner.analysis.curves import learning_curves, learning_rates
from tuner.analysis.effects import effects, marginal_means
from tuner.analysis.facts import NOTHING_KNOWN, Facts
from tuner.analysis.fidelity import fidelity, fidelity_sentence, rung_agreement, rung_points
from tuner.analysis.finding import Evidence
from tuner.analysis.fraction import FractionAnalysis
from tuner.analysis.fraction_effects import (
    fraction_effects,
    fraction_means,
    fraction_sentences,
    is_fraction,
    model_fraction,
)
from tuner.analysis.frontier import frontier
from tuner.analysis.model import Model, fit
from tuner.analysis.networks import count_tried, rank_networks
from tuner.analysis.outcomes import Outcomes, outcome_sentences
from tuner.analysis.preparing import prepare
from tuner.analysis.question import Question
from tuner.analysis.resampling import resampled
from tuner.analysis.saturation import saturation
from tuner.analysis.sentences import verdict_sentences
from tuner.analysis.variance import interactions, variance_shares
from tuner.analysis.verdicts import budget_sentence
from tuner.errors import DataError
from tuner.frames import AnyFrame, as_pandas
from tuner.objective import Objective


@dataclass(frozen=True)
class Analysis:
    """The frames of a report. What was refused is an empty frame, and `refusals` says why.

    Estimates and intervals are in the unit of each row: percentage points where the objective is a
    share.

    Examples:
        >>> import pandas
        >>> from tuner.analysis import Question, analyse
        >>> executions = pandas.DataFrame(
        ...     {
        ...         "depth": [1, 1, 2, 2, 3, 3],
        ...         "replicate": [0, 1, 0, 1, 0, 1],
        ...         "val_accuracy": [0.50, 0.52, 0.60, 0.61, 0.65, 0.67],
        ...     }
        ... )
        >>> question = Question(("depth",), depth="depth")
        >>> found = analyse(executions, question)
        >>> found.num_tried, found.objective.unit
        (3, 'pp')
        >>> found.means[["text", "mean"]]
          text  mean
        0    1  51.0
        1    2  60.5
        2    3  66.0
    """

    question: Question  # with the factors that vary among the executions analysed
    model: Model  # .sample.executions has the raw points (value), .sample.levels the level order
    effects: DataFrame  # effects.effects
    means: DataFrame  # effects.marginal_means
    fraction: FractionAnalysis | None  # fraction.analyse_fraction, of a study that is one
    interactions: DataFrame  # variance.interactions
    shares: DataFrame  # variance.variance_shares
    detectable: DataFrame  # of the effects: factor, contrast, given, detectable
    cells: DataFrame  # cells.cell_means
    pairs: DataFrame  # cells.paired_differences
    resampled: DataFrame  # resampling.resampled
    networks: DataFrame  # networks.rank_networks
    num_tried: int  # configurations of which an execution ended, whatever its budget
    outcomes: Outcomes  # outcomes.sort_outcomes
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
    verdicts: list[str]  # of effects, of those that trained, of each cost, of fidelity
    refusals: dict[str, str]  # field name ("matched.flops", "saturation") -> why, in words

    @property
    def objective(self) -> Objective:
        """What was measured."""
        return self.question.objective


def analyse(
    executions: AnyFrame,
    question: Question,
    *,
    history: AnyFrame | None = None,
    cells: AnyFrame | None = None,
    facts: Facts = NOTHING_KNOWN,
    tuning: AnyFrame | None = None,
) -> Analysis:
    """Analyse a table of executions; frames of pandas, polars or PyArrow are taken.

    Args:
        executions: one row an execution; the factors and the objective are required, replicate,
            epochs, params, flops, seconds and status are used where they are there.
        question: which columns are the factors, and which the objective.
        history: one row an epoch of an execution, for fidelity and learning curves.
        cells: the cells as planned, for holes and their reasons.
        facts: what is known of the study beyond its tables, for the checks.
        tuning: the executions that chose nuisance hyperparameters, for what they tell of these.

    Raises:
        UsageError: for what is no frame.
        DataError: nothing can be compared (see `preparing.prepare`).

    Examples:
        >>> import pandas
        >>> from tuner.analysis import Question, analyse
        >>> executions = pandas.DataFrame(
        ...     {
        ...         "depth": [1, 1, 2, 2, 3, 3],
        ...         "replicate": [0, 1, 0, 1, 0, 1],
        ...         "val_accuracy": [0.50, 0.52, 0.60, 0.61, 0.65, 0.67],
        ...     }
        ... )
        >>> question = Question(("depth",), depth="depth")
        >>> found = analyse(executions, question)
        >>> found.effects.loc[found.effects["kind"] == "step", ["contrast", "estimate", "unit"]]
          contrast  estimate unit
        1    1 → 2       9.5   pp
        2    2 → 3       5.5   pp
    """
    history, cells, tuning = (
        frame if frame is None else as_pandas(frame) for frame in (history, cells, tuning)
    )
    executions = as_pandas(executions).reset_index(drop=True)
    model = fit(prepare(executions, question, cells))
    question, answer = model.sample.question, estimate(model, cells)
    table = cell_means(model, executions, cells)
    frames = (executions, history, executions if tuning is None else tuning)
    found, refusals = attempt(refusable(model, table, *frames))
    by_cost = {
        part: {cost: found.pop(f"{part}.{cost}") for cost in COSTS}
        for part in ("frontiers", "matched")
    }
    matched = wide_against_deep(model, by_cost["matched"])
    evidence = Evidence(executions, question, history, cells, facts, tuning, model)
    assert evidence.outcomes is not None  # there is a model
    return Analysis(
        question=question,
        model=model,
        effects=answer.effects,
        means=answer.means,
        fraction=answer.fraction,
        interactions=answer.interactions,
        detectable=answer.effects[["factor", "contrast", "given", "detectable"]],
        cells=table,
        pairs=paired_differences(model),
        resampled=resampled(model),
        networks=rank_networks(executions, question),
        num_tried=count_tried(executions, question),
        outcomes=evidence.outcomes,
        frontiers=by_cost["frontiers"],
        matched=matched,
        findings=run_checks(evidence),
        verdicts=say(model, answer, matched, found["fidelity"], evidence.outcomes),
        refusals=refusals,
        **found,
    )


@dataclass(frozen=True)
class Answer:
    """What the factors do: the frames of these names in `Analysis`."""

    effects: DataFrame
    means: DataFrame
    interactions: DataFrame
    fraction: FractionAnalysis | None


def estimate(model: Model, cells: DataFrame | None) -> Answer:
    """Compare the cells of a factorial as they are, or model those of a fraction."""
    if is_fraction(model):
        part = model_fraction(model, cells)
        steps = fraction_effects(model, part)
        return Answer(steps, fraction_means(model, steps), interactions(model).iloc[:0], part)
    crossings = interactions(model)
    resolved = crossings.loc[crossings["resolved"].astype(bool), ["factor", "by"]]
    asked = resolved.itertuples(index=False, name=None)
    return Answer(effects(model, asked), marginal_means(model), crossings, None)


def say(
    model: Model,
    answer: Answer,
    matched: Mapping[str, DataFrame],
    agreement: DataFrame,
    outcomes: Outcomes,
) -> list[str]:
    """Put the answer into sentences, the most general first; no verdict on means that have none."""
    verdicts = outcome_sentences(model, outcomes)
    if not outcomes.forbids_verdicts:
        part, question = answer.fraction, model.sample.question
        of_fraction = [] if part is None else fraction_sentences(model, part, answer.means)
        of_factors = verdict_sentences(answer.effects, answer.interactions, question)
        verdicts = of_fraction + of_factors + verdicts
        verdicts += [budget_sentence(cost, pairs) for cost, pairs in matched.items() if len(pairs)]
    return verdicts + ([fidelity_sentence(agreement)] if len(agreement) else [])


def refusable(
    model: Model,
    table: DataFrame,
    executions: DataFrame,
    history: DataFrame | None,
    tuning: DataFrame,
) -> dict[str, Callable[[], DataFrame]]:
    """List the parts that a table may be too small or too bare for, each ready to be computed."""
    question = model.sample.question
    epochs = DataFrame(columns=[*question.factors]) if history is None else history
    return {
        **{f"frontiers.{cost}": partial(frontier, table, question, cost) for cost in COSTS},
        **{f"matched.{cost}": partial(match_budgets, model, table, cost) for cost in COSTS},
        "shares": partial(variance_shares, model),
        "saturation": partial(saturation, model),
        "fidelity": partial(fidelity, epochs, question),
        "curves": partial(learning_curves, epochs, question),
        "rungs": partial(rung_agreement, executions, question),
        "rung_points": partial(rung_points, executions, question),
        "promotions": partial(selection.rungs, executions, question),
        "best_so_far": partial(selection.best_so_far, executions, question),
        "learning_rates": partial(learning_rates, tuning, question),
    }


def attempt(
    parts: Mapping[str, Callable[[], DataFrame]],
) -> tuple[dict[str, DataFrame], dict[str, str]]:
    """Compute each part, or note why it was refused."""
    found, refusals = {}, {}
    for name, compute in parts.items():
        try:
            found[name] = compute()
        except DataError as refusal:
            found[name] = DataFrame()
            refusals[name] = str(refusal)
    return found, refusals
