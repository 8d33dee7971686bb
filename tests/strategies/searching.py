"""A search without training: the loop of the engine, around an oracle and a table of scores."""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tuner.design import Cell, Configuration, Design, configurations
from tuner.strategies import make_oracle
from tuner.study import Study

#: Slots before and after a search was stopped.
SLOTS = [
    (2, 2),
    *(pytest.param(*slots, marks=pytest.mark.slow) for slots in [(1, 1), (8, 1), (1, 8)]),
]
Score = Callable[[Mapping[str, Any]], float | None]


@dataclass(frozen=True)
class Proposal:
    """A trial as it was proposed."""

    trial: str
    levels: frozenset
    bracket: int | None
    rung: int
    epochs: int | None
    initial_epoch: int
    parent: str | None


def proposal_of(trial) -> Proposal:
    values = trial.hyperparameters.values
    levels = {name: level for name, level in values.items() if not name.startswith("tuner/")}
    return Proposal(
        trial.trial_id, frozenset(levels.items()), values.get("tuner/bracket"),
        values.get("tuner/round", 0), values.get("tuner/epochs"),
        values.get("tuner/initial_epoch", 0), values.get("tuner/trial_id"),
    )  # fmt: skip


def make_design(listed: list[Configuration], infeasible: tuple[int, ...] = ()) -> Design:
    """A design of these cells, some of them infeasible."""
    return Design(
        tuple(
            Cell(index, levels, 1000, 1000, "infeasible" if index in infeasible else "planned")
            for index, levels in enumerate(listed)
        ),
        {"learning_rate": 0.01},
    )


def square_design(num_widths: int, num_depths: int, **kwargs: Any) -> Design:
    """A full factorial of two factors."""
    factors = {"depth": tuple(range(num_depths)), "width": tuple(range(num_widths))}
    return make_design(configurations(factors), **kwargs)


def oracle_of(strategy: str, design: Design, **settings: Any):
    """The oracle of a study as the engine has it."""
    study = Study(strategy=strategy, **{"epochs": 9, **settings})
    return make_oracle(study, design)


def peaked(values: Mapping[str, Any]) -> float:
    """A score with one peak at depth 2, width 3; no two cells of a design alike."""
    depth, width = values.get("depth", 0), values.get("width", 0)
    return 0.9 - 0.1 * abs(depth - 2.1) - 0.01 * abs(width - 3.03) + values["learning_rate"] / 100


def tell(oracle, trial, score: float | None) -> None:
    """Ends a trial as the engine does; None is a failure."""
    if score is None:
        trial.status = "FAILED"
    else:
        oracle.update_trial(trial.trial_id, {"val_accuracy": score})
        trial.status = "COMPLETED"
    oracle.end_trial(trial)


def search(
    oracle,
    score: Score = peaked,
    num_slots: int = 1,
    rng: random.Random | None = None,
    ledger: list[tuple[str, float | None]] | None = None,
    num_ended: float = math.inf,
) -> list[Proposal]:
    """Asks and tells until the oracle has no more; what it proposed, in order.

    Args:
        oracle: fresh.
        score: of a trial's values; None for a failure.
        num_slots: how many trials are open at a time.
        rng: which open trial ends next; by default the one that was proposed first.
        ledger: id and score of the trials that have ended. It is replayed, and appended to.
        num_ended: stops there, as a killed process does.
    """
    ledger = [] if ledger is None else ledger
    proposals: list[Proposal] = []
    under_way: dict[str, Any] = {}

    def ask() -> bool:
        trial = oracle.create_trial(f"slot-{len(proposals)}")
        if trial.status == "RUNNING":
            proposals.append(proposal_of(trial))
            under_way[trial.trial_id] = trial
        else:
            assert trial.status in ("STOPPED", "IDLE")
            assert under_way or trial.status == "STOPPED", "waits for nothing"
        return trial.status == "RUNNING"

    for trial_id, known_score in list(ledger):
        while len(under_way) < num_slots or trial_id not in under_way:
            if not ask():
                break
        tell(oracle, under_way.pop(trial_id), known_score)
    while len(ledger) < num_ended:
        while len(under_way) < num_slots and ask():
            pass
        if not under_way:
            break
        trial_id = rng.choice(sorted(under_way)) if rng else next(iter(under_way))
        trial = under_way.pop(trial_id)
        ledger.append((trial_id, score(trial.hyperparameters.values)))
        tell(oracle, trial, ledger[-1][1])
    return proposals


def with_strategy(study, strategy, max_trials):
    """The study of nine epochs by a strategy; a grid's part is drawn in its design."""
    most = None if strategy == "grid" else max_trials
    return study.model_copy(update={"strategy": strategy, "epochs": 9, "max_trials": most})
