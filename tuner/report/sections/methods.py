"""The methods paragraph and the scope, written from the study that was actually done."""

import math

import pandas as pd

from tuner.analysis.facts import Facts
from tuner.analysis.fraction import FractionAnalysis
from tuner.analysis.incomplete import IncompleteTerms
from tuner.analysis.lack_of_fit import SimplerTerms
from tuner.analysis.overview import Analysis
from tuner.report.formats import sentence
from tuner.report.parts import Section
from tuner.report.sources.source import Source
from tuner.words import counted, duration, level_text, listed

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
UNTOUCHED = "Test images were not used: all numbers are of images held out of the training set."
LOOKED = (
    "Test images were {looked}. That is of one network, trained once more by tuner finalize, and "
    "the interval of the sampling of test images alone. All other numbers are of images held out "
    "of the training set."
)
SHARED = (
    ", whose executions share the train/validation split, the training subset and the seed of "
    "initialisation and shuffling."
)


def methods_section(source: Source, analysis: Analysis) -> Section:
    """What was done: design, training, estimation, what was left out."""
    texts = [
        paragraph(source, analysis),
        _design(source, analysis),
        _training(source.facts),
        _estimation(analysis),
        ESTIMATORS,
        BARS if analysis.model.strata is not None else "",
        *_notes(source, analysis),
    ]
    return Section("methods", "Methods", texts=[text for text in texts if text])


def verdicts_section(source: Source, analysis: Analysis) -> Section:
    """Every verdict, with its numbers, as the terminal has them."""
    return Section("verdicts", "Every verdict", items=list(analysis.verdicts))


def design_line(source: Source, analysis: Analysis, searched: bool = False) -> str:
    """The study in one line: networks, replicates, data, epochs, time."""
    sample, facts = analysis.model.sample, source.facts
    num_replicates = sample.executions["replicate"].nunique()
    budget, longest = sample.budget, analysis.networks["epochs"].max()
    text = counted(analysis.num_tried if searched else len(sample.design), "network")
    if sample.blocked:
        text += f" × {counted(num_replicates, 'replicate')}"
    if facts.dataset:
        size = f" ({facts.train_size:,} training images)" if facts.train_size else ""
        text += f" on {facts.dataset}{size}"
    parts = [text]
    if searched and longest == longest:
        parts.append(f"up to {counted(longest, 'epoch')}")
    elif budget is not None:
        parts.append(counted(budget, "epoch"))
    if "seconds" in source.executions:
        spent = pd.to_numeric(source.executions["seconds"], errors="coerce").sum()
        if spent > 0:
            parts.append(f"{duration(spent)} of training")
    return ", ".join(parts)


def provenance(source: Source, analysis: Analysis) -> str:
    """From which data, by which command, on what, and how often test images were looked at."""
    facts = source.facts
    if facts.kind != "study":
        return f"From {counted(len(source.executions), 'row')} of {source.name}, by tuner report."
    parts = [f"{counted(len(source.executions), 'execution')} of the study {source.name}"]
    if facts.dataset:
        parts.append(f"trained on {facts.dataset}")
    if facts.cpu:
        parts.append(f"on {facts.cpu}")
    if facts.begun:
        parts.append(f"begun on {facts.begun}")
    test_images = LOOKED.format(looked=facts.looked) if facts.looked else UNTOUCHED
    return (
        f"{', '.join(parts)}. To repeat it: tuner search --config study.yaml --name AGAIN, then "
        f"tuner report. {test_images}"
    )


def paragraph(source: Source, analysis: Analysis) -> str:
    """What was done, in a paragraph that a paper can take as it is."""
    sample, facts, model = analysis.model.sample, source.facts, analysis.model
    varied = "; ".join(
        f"{name}: {listed(map(level_text, levels), most=8)}"
        for name, levels in sample.levels.items()
    )
    text = f"For a paper. We trained {counted(len(sample.design), 'network')} ({varied})"
    if sample.blocked and model.num_replicates > 1:
        text += f", each in {counted(model.num_replicates, 'replicate')}"
    if sample.budget is not None:
        text += f", for {counted(sample.budget, 'epoch')}"
    if facts.dataset:
        size = f"{facts.train_size:,} images of " if facts.train_size else ""
        text += f", on {size}{facts.dataset}"
    text += f", and measured {analysis.objective.words}."
    if analysis.effects["ci_low"].notna().any():
        text += (
            " An effect is the difference of mean levels, all combinations of the other factors "
            "weighted alike; we give it with its 95% confidence interval, and call it resolved "
            "where p < 0.05 after Holm's correction for all contrasts."
        )
    return text


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
