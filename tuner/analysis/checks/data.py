"""Faults of the table itself: rows that repeat, fail, or cannot be compared."""

import numpy as np
import pandas as pd

from tuner.analysis.finding import Evidence, Finding
from tuner.analysis.levels import cell_keys
from tuner.analysis.model import MIN_EXECUTIONS
from tuner.analysis.preparing import comparable, is_unfinished, reported
from tuner.words import counted, level_text, name_some

#: What a message says of the cause, and what mends it.
REMEDIES = (
    (
        r"(?i)out of memory|MemoryError|ResourceExhausted",
        "give them more memory, or a smaller batch",
    ),
    (
        r"ValueError|TypeError|KeyError|AttributeError|IndexError|NameError",
        "mend the code of the search space: it could not build or train these networks",
    ),
    (r"(?i)nan|diverged|inf\b", "a smaller learning rate or gradient clipping may let them finish"),
)


def unfinished_executions(evidence: Evidence) -> list[Finding]:
    """Find executions that failed, diverged or were cut short."""
    executions = evidence.executions
    lost = executions[is_unfinished(executions)]
    if lost.empty:
        return []
    keys = cell_keys(lost, evidence.question.factors).value_counts()
    return [
        Finding(
            "serious",
            f"{len(lost)} of {len(executions)} executions did not finish",
            name_some([f"{cell} ({count})" for cell, count in keys.items()]),
            "what is left of a cell that often fails is its luckier part, so its mean is too good",
            remedy_of(lost),
        )
    ]


def remedy_of(lost: pd.DataFrame) -> str:
    """Choose the remedy that fits why executions did not finish, as far as their messages say."""
    messages = lost["message"].astype(str) if "message" in lost else pd.Series("", lost.index)
    fitting = [
        remedy for marks, remedy in REMEDIES if messages.str.contains(marks, regex=True).any()
    ]
    return "; ".join(fitting) if fitting else f"read their messages; {REMEDIES[-1][1]}"


def cut_short(evidence: Evidence) -> list[Finding]:
    """Find executions that were ended before others, by early stopping or a scheduler."""
    if not evidence.facts.cut_short:
        return []
    return [
        Finding(
            "serious",
            evidence.facts.cut_short,
            "",
            "what was stopped early was stopped for its results, and what learns fastest leads at "
            "an early epoch: the order may be another with more",
            "train every configuration for the same number of epochs, without early stopping",
        )
    ]


def undesigned(evidence: Evidence) -> list[Finding]:
    """Find trials that may have been proposed by the results of those before them."""
    if not evidence.facts.undesigned:
        return []
    return [
        Finding(
            "serious",
            evidence.facts.undesigned,
            "",
            "a sampler that learns (TPE, Bayesian optimization) tries more of what looked good: a "
            "level it liked met better levels of the other hyperparameters, so that a difference "
            "of means is no effect",
            "train a grid (tuner search --strategy grid, GridSampler, grid_search), or know that "
            "the trials were drawn at random",
        )
    ]


def unusable_values(evidence: Evidence) -> list[Finding]:
    """Find finished executions whose objective is not a finite number."""
    executions, objective = evidence.executions, evidence.question.objective.name
    finished = executions[~is_unfinished(executions)]
    numbers = pd.to_numeric(finished[objective], errors="coerce").astype(float)
    unusable = finished.loc[~np.isfinite(numbers), objective]
    if unusable.empty:
        return []
    return [
        Finding(
            "warning",
            f"{len(unusable)} executions have no finite number as {objective}",
            name_some([f"row {row}: {value}" for row, value in unusable.items()], 3),
            "they are left out, as if they had never been trained",
            "mend the table, or mark these executions as failed or diverged",
        )
    ]


def impossible_accuracies(evidence: Evidence) -> list[Finding]:
    """Find shares outside 0 to 100%."""
    question = evidence.question
    if not question.objective.is_share:
        return []
    shares = reported(evidence.executions, question)
    outside = shares[((shares < 0) | (shares > 100)) & np.isfinite(shares)]
    if outside.empty:
        return []
    return [
        Finding(
            "serious",
            f"{counted(len(outside), 'value')} of {question.objective.words} outside 0 to 100%",
            f"{question.objective.name} from {outside.min():.4g}% to {outside.max():.4g}%",
            "fractions and percentages may be mixed, or the column holds something else",
            "write all of them as fractions, or all as percentages",
        )
    ]


def copied_rows(evidence: Evidence) -> list[Finding]:
    """Find rows that are copies of another."""
    copied = comparable(evidence.executions).duplicated()
    if not copied.any():
        return []
    return [
        Finding(
            "serious",
            f"{counted(int(copied.sum()), 'row')} repeat another row in every column",
            name_some([f"row {row}" for row in copied.index[copied]]),
            "a copy is no further evidence; counted as one, it would narrow the intervals. "
            "Where another column tells executions apart, copies are counted once",
            "remove the copies, or add the column that tells the executions apart",
        )
    ]


def repeated_cells(evidence: Evidence) -> list[Finding]:
    """Find configurations that one replicate has twice, at one budget."""
    executions, question = evidence.executions, evidence.question
    if "replicate" not in executions:
        return []
    finished = executions[~is_unfinished(executions)]
    finished = finished[~comparable(finished).duplicated()]
    budget = ["epochs"] if "epochs" in finished and "epochs" not in question.factors else []
    named = finished[["replicate", *budget]].assign(key=cell_keys(finished, question.factors))
    again = named[named.duplicated()]
    if again.empty:
        return []
    others = finished.columns.difference([*question.factors, question.objective.name, "replicate"])
    return [
        Finding(
            "warning",
            f"{counted(len(again), 'execution')} repeat a configuration in the same replicate",
            name_some(again["key"].unique().tolist()),
            "they are averaged; if they differ in something that is not a factor here "
            f"({', '.join(map(str, others[:6]))}), its effect is hidden in the average",
            "name the column in which they differ as a factor, or give each its own replicate",
        )
    ]


def repeated_seeds(evidence: Evidence) -> list[Finding]:
    """Find replicates that are not replicates: the same seed, or the same numbers."""
    executions, question = evidence.executions, evidence.question
    if "replicate" not in executions:
        return []
    finished = executions[~is_unfinished(executions)]
    keyed = finished.assign(key=cell_keys(finished, question.factors))
    same = pd.Series(dtype=int)
    if "seed" in keyed and "seed" not in question.factors:
        by_seed = keyed.dropna(subset="seed").groupby(["key", "seed"])["replicate"].nunique()
        same = by_seed[by_seed > 1]
    # Equal accuracies happen; a cell whose every replicate has the same one was not reseeded.
    values = keyed.groupby("key")[question.objective.name].agg(["nunique", "size"])
    stuck = values[(values["nunique"] == 1) & (values["size"] >= 3)]
    if same.empty and len(stuck) < max(2, len(values) / 2):
        return []
    where = [f"{cell}, seed {level_text(seed)}" for cell, seed in same.index]
    return [
        Finding(
            "serious",
            "replicates share a seed" if len(same) else "replicates gave identical results",
            name_some(where or [str(key) for key in stuck.index]),
            "repeating one seed shows nothing of chance, so the intervals are too narrow",
            "give every replicate its own seed",
        )
    ]


def unequal_budgets(evidence: Evidence) -> list[Finding]:
    """Find executions of several budgets."""
    executions, question = evidence.executions, evidence.question
    if "epochs" not in executions or "epochs" in question.factors:
        return []
    budgets = executions.loc[~is_unfinished(executions), "epochs"].value_counts().sort_index()
    if len(budgets) < 2:
        return []
    budget = evidence.model.sample.budget if evidence.model else None
    used = f" ({counted(budget, 'epoch')})" if budget else ""
    return [
        Finding(
            "warning",
            f"the executions had {len(budgets)} different numbers of epochs",
            name_some([f"{counted(e, 'epoch')}: {budgets[e]}" for e in budgets.index.to_numpy()]),
            "longer training is no effect of width or depth, and what was trained for longer may "
            "have been selected",
            f"the effects use one budget alone{used}; train every configuration for the same "
            "number of epochs",
        )
    ]


def few_executions(evidence: Evidence) -> list[Finding]:
    """Find cells with fewer executions than an interval needs."""
    if evidence.model is None:
        return []
    design = evidence.model.sample.design
    few = design[~evidence.model.inferable]
    if few.empty:
        return []
    every = len(few) == len(design)
    return [
        Finding(
            "serious" if every else "warning",
            f"{'every cell has' if every else f'{len(few)} of {len(design)} cells have'} fewer "
            f"than {evidence.model.min_executions} executions",
            name_some([f"{key} ({n})" for key, n in zip(
                cell_keys(few, evidence.question.factors), few["n"], strict=True)]),
            "two seeds do not show how much seeds differ: these cells give means, and take no "
            "part in intervals or verdicts",
            f"add replicates until every cell has at least {MIN_EXECUTIONS}",
        )
    ]  # fmt: skip
