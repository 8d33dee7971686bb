"""The methods paragraph and the scope, written from the study that was actually done."""

import math

from tuner.analysis.facts import Facts
from tuner.analysis.fraction import FractionAnalysis
from tuner.analysis.incomplete import IncompleteTerms
from tuner.analysis.lack_of_fit import SimplerTerms
from tuner.analysis.overview import Analysis
from tuner.report import formats
from tuner.report.formats import sentence
from tuner.report.parts import Section
from tuner.report.sources.source import Source
from tuner.words import counted, level_text, listed

BARS = (
    "The bars of marginal means and of cells are for comparing them: what moves all cells of a "
    "replicate alike is held fixed. By itself, in new replicates, a mean is known less well: the "
    "table of cells has that interval too, and a saturation limit takes it in."
)
ESTIMATORS = (
    "A marginal mean averages a level over the combinations of the other factors with equal "
    "weights; a step is the difference of two adjacent levels' marginal means; growth is the slope "
    "on log₂ of the width, or per added block. The p-values of the printed contrasts are adjusted "
    "by Holm's method (1979); HC3 intervals (MacKinnon & White 1985) stand beside them."
)
OWN = (
    "The error of each difference is how much it varied between replicates, steadied by how much "
    "its kind varied: replicate × factor for a factor's effect, the rest for interactions; towards "
    "these the spreads of single contrasts are moderated (Smyth 2004). Intervals are 95% "
    "t-intervals with Satterthwaite's degrees of freedom"
)
TWO = " With two replicates that error is a model's, more than the data's own."
INCOMPLETE = " (cluster-robust by replicate, CR2, where executions are missing)"
CELLS = (
    "Cells share no replicates, so each difference has the error of the cells it compares (Welch "
    "1947); intervals are 95% t-intervals with Satterthwaite's degrees of freedom"
)
STOPPED_BY_RULE = (
    " Ending by this rule costs about a point of coverage: in simulated studies 95% intervals of "
    "steps held in 93 to 96% where it ended them, and in 94 to 97% with as many replicates fixed "
    "beforehand (benchmarks/until.py)."
)
SHARED = (
    ", whose executions share the train/validation split, the training subset and the seed of "
    "initialisation and shuffling."
)


def methods_section(source: Source, analysis: Analysis) -> Section:
    """What was done: design, training, estimation, what was left out."""
    texts = [
        _design(source, analysis),
        _training(source.facts),
        _estimation(analysis),
        ESTIMATORS,
        BARS if analysis.model.strata is not None else "",
        *_notes(source, analysis),
    ]
    return Section("methods", "Methods", texts=[text for text in texts if text])


def design_line(source: Source, analysis: Analysis) -> str:
    """The study in one line: cells, replicates, executions, epochs, data."""
    sample, facts = analysis.model.sample, source.facts
    num_replicates = sample.executions["replicate"].nunique()
    question = sample.question
    parts = [
        f"{role}: {factor}" if (role := question.role(factor)) not in ("", factor) else factor
        for factor in question.factors
    ]
    parts = [listed(parts, most=6), f"{len(sample.design)} cells"]
    if sample.blocked:
        parts[1] += f" × {num_replicates} replicate{'s' if num_replicates != 1 else ''}"
    parts.append(f"{formats.count(len(sample.executions))} executions")
    if sample.budget is not None:
        parts.append(f"{counted(sample.budget, 'epoch')} each")
    if facts.dataset:
        size = facts.train_size
        scored = f", scored on {facts.num_scored:,}" if facts.num_scored else ""
        parts.append(facts.dataset + (f" ({size:,} training images{scored})" if size else ""))
    return " · ".join(parts)


def _design(source: Source, analysis: Analysis) -> str:
    """Which cells there were, how many were planned, how often each was trained."""
    sample, facts = analysis.model.sample, source.facts
    num_possible = math.prod(len(levels) for levels in sample.levels.values())
    factors = "; ".join(
        f"{name} ({listed(map(level_text, levels), most=8)})"
        for name, levels in sample.levels.items()
    )
    shape = "the full factorial" if len(sample.design) == num_possible else "a part"
    counts = sample.design["n"]
    each = (
        f"{counts.min()} executions each"
        if counts.min() == counts.max()
        else f"{counts.min()} to {counts.max()} executions each"
    )
    text = (
        f"Design. Factors: {factors}. {len(sample.design)} cells were analysed, {shape} of the "
        f"{num_possible} combinations, with {each}."
    )
    if facts.num_planned and facts.num_done is not None:
        share = facts.num_done / facts.num_planned
        text += f" {facts.num_done} of {facts.num_planned} planned executions ({share:.0%}) are in."
    if facts.stopping:
        text += f" {facts.stopping}{STOPPED_BY_RULE}"
    if sample.blocked:
        text += " Cells are compared within replicates"
        text += SHARED if facts.kind == "study" else "."
    return text


def _training(facts: Facts) -> str:
    """How the executions were trained, and what was held constant."""
    told = {
        "data": facts.dataset,
        "training images": facts.train_size,
        "validation images": facts.validation_size,
        "epochs": facts.epochs,
        "scaling": facts.scaling,
        "search space": facts.space,
        "strategy": facts.strategy,
        "study seed": facts.seed,
        "objective": _scoring(facts),
        "processor": facts.cpu,
        "commit": facts.git_commit,
        "fixed": ", ".join(f"{name} = {level}" for name, level in facts.fixed.items()),
    }
    known = [f"{name}: {value}" for name, value in told.items() if value not in (None, "")]
    if facts.versions:
        known.append("trained with " + ", ".join(f"{k} {v}" for k, v in facts.versions.items()))
    if not known:
        return "Training. The table does not say how the executions were trained."
    return f"Training. {'; '.join(known)}."


def _scoring(facts: Facts) -> str | None:
    """When the objective is measured, and on which images; None where nobody says."""
    if facts.scored_on is None:
        return "at the last epoch" if facts.kind == "study" else None
    count = f"{facts.num_scored:,} " if facts.num_scored else ""
    on = {
        "idle": f"all {count}images of the training set that it was not trained on (each epoch "
        "before on the validation images alone)",
        "validation": f"the {count}validation images",
    }
    same = "the same in every cell of a replicate"
    return f"at the last epoch, on {on[facts.scored_on]}, {same}"


def _fraction(analysis: Analysis, found: FractionAnalysis) -> str:
    """The regression of a fraction, and its error."""
    if found.refusal:
        return f"Estimation. {sentence(found.refusal)}"
    terms = "main effects and two-factor terms" if found.with_pairs else "main effects"
    note = f" ({found.note})" if found.note else ""
    text = (
        f"Estimation. Least squares of cell means on {terms}{note}, with {found.df} residual "
        "degrees of freedom. The error of a step is what these leave out of the cells: terms of "
        "the next order and the cells' own, parted by restricted maximum likelihood"
    )
    if found.strata:
        text += "; what replicates disagree by on its factor is added"
    text += ". Intervals are 95% t-intervals with Satterthwaite's degrees of freedom."
    if isinstance(analysis.model.errors, IncompleteTerms):
        text += " Missing executions were filled in by their least-squares fit (Yates 1933)."
    return text


def _estimation(analysis: Analysis) -> str:
    """The model and its error, or why nothing is inferred."""
    model = analysis.model
    if analysis.fraction is not None:
        return _fraction(analysis, analysis.fraction)
    if model.errors is None:
        return (
            "Estimation. There are no residual degrees of freedom (no replicates, or one execution "
            "a cell), so means are given and no interval, p-value or verdict."
        )
    terms = "a mean for each cell"
    terms += " and an effect for each replicate" if model.sample.blocked else ""
    spread = f" (residual {model.residual_sd:.2f} with {model.df} degrees of freedom)"
    if isinstance(model.errors, SimplerTerms):
        error, spread = f"Each cell was met once: the error is {model.errors.text}", ""
    elif model.strata is None:
        error = CELLS
    else:
        error = OWN + (INCOMPLETE if isinstance(model.errors, IncompleteTerms) else "")
    caveat = TWO if model.strata is not None and model.num_replicates == 2 else ""
    return f"Estimation. Least squares with {terms}. {error}{spread}.{caveat}"


def _notes(source: Source, analysis: Analysis) -> list[str]:
    """How the frames were read, and what was left out of them."""
    return [sentence(note) for note in (*source.facts.notes, *analysis.model.sample.notes)]
