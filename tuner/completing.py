"""From any study to a full factorial: what a cheap search found, completed so that effects show."""

from dataclasses import replace

from tuner.errors import StudyError, UsageError
from tuner.execution import Record
from tuner.folder import StudyFolder
from tuner.planning import Plan
from tuner.standing import best_cell
from tuner.strategies import strategy_of
from tuner.study import Study
from tuner.words import nearest


def completed_study(folder: StudyFolder, factors: list[str]) -> tuple[Study, list[Record]]:
    """The full factorial around a study's best cell, and the executions that may be reused in it.

    The factors named are searched over all levels that the study gave them (by default all of
    its factors), at full budget; the others are held where the best cell has them. Executions of a
    grid are reused, since nothing was selected on them. Those of a strategy that selects are
    not: the completed study has another seed, and so replicates that the search never saw.

    Raises:
        StudyError: if the study has no finished execution.
        UsageError: for a factor that it does not have.
    """
    study, known = folder.study, folder.study.factor_names
    for name in factors:
        if name not in known:
            raise UsageError(
                f"{folder.path} has no factor {name!r}.{nearest(name, known)} "
                f"(factors: {', '.join(known)})"
            )
    chosen = factors or [name for name in known if name not in study.sampled]
    best = best_values(folder)
    levels = {
        name: study.factors.get(name)
        or tuple(dict.fromkeys(cell[name] for cell in study.cells or ()))
        for name in chosen
    }
    held = {name: best[name] for name in known if name not in chosen}
    selects = not strategy_of(study).covers
    completed = study.with_settings(
        name=f"{study.name}-complete",
        strategy="grid",
        factors=levels,
        cells=None,
        sampled=(),
        fixed={**study.fixed, **held},
        max_trials=None,
        shard=None,
        fraction=None,
        seed=study.seed + 1 if selects else study.seed,
    )
    return completed, [] if selects else folder.records


def reused_records(plan: Plan, records: list[Record]) -> list[Record]:
    """The records that are executions of a plan too, under the plan's own cells and trials.

    An execution is a function of its configuration, replicate, budget, data and settings, which the
    completed study shares; so its record is what training it again would give.
    """
    found = []
    for trial, cell in enumerate(plan.design.planned):
        for record in records:
            if (
                record.status == "ok"
                and record.values == plan.design.values(cell)
                and record.epochs == plan.study.epochs
                and record.replicate < plan.study.replicates
            ):
                found.append(replace(record, trial=f"{trial:04d}", cell=cell.index))
    return sorted(found, key=lambda record: (record.replicate, record.trial))


def best_values(folder: StudyFolder) -> dict[str, object]:
    """The configuration of the best mean objective at the largest budget that was reached.

    Raises:
        StudyError: if no execution ended well.
    """
    if (best := best_cell(folder.records, folder.study.objective)) is None:
        raise StudyError(f"{folder.path} has no finished execution: run tuner search first")
    return dict(best.values)
