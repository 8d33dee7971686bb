"""Each check, with a table that has its fault and with one that has not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.analysis.planted import QUESTION, additive, history_of, model_of, table
from tuner.analysis.checks import CHECKS, columns, outcomes, run_checks
from tuner.analysis.facts import Facts
from tuner.analysis.finding import SEVERITIES, Evidence
from tuner.analysis.model import fit
from tuner.analysis.preparing import prepare
from tuner.analysis.question import Question
from tuner.ledger import AFTER, BEFORE
from tuner.objective import named
from tuner.report import read_study

RESULTS = Path(__file__).parents[2] / "results"

FACTS = Facts(
    dataset="cifar10",
    train_size=10_000,
    epochs=12,
    learning_rate_tuned=True,
    fixed={"activation": "relu", "optimizer": "sgd"},
)
Settings = dict[str, Any]


def evidence(executions: pd.DataFrame, **settings: Any) -> Evidence:
    """Look at a table with all that a clean study says of itself, but for some settings."""
    question = settings.pop("question", QUESTION)
    settings = {"facts": FACTS} | settings
    return Evidence(executions, question, model=model_of(executions, question), **settings)


def change(**columns: Any) -> pd.DataFrame:
    """Make a table with some columns changed in its first row."""
    executions = table().assign(message="")
    for column, value in columns.items():
        executions[column] = executions[column].astype(object)
        executions.loc[0, column] = value
    return executions


def uneven_params() -> pd.DataFrame:
    """Make parameters fall and rise again with depth, as a flatten head does."""
    return table().assign(params=lambda rows: rows["conv_blocks"].map({1: 300, 2: 100, 3: 400}))


def uncrossed() -> pd.DataFrame:
    """Keep the cells of a diagonal and one more."""
    executions = table()
    depth = executions["conv_blocks"] - 2
    return executions[(depth == np.log2(executions["filter_multiplier"])) | (depth == -1)]


def flat(final: float, epoch: int) -> float:
    """Reach the end by the sixth epoch."""
    return final * min(epoch, 6) / 6


def climbing(final: float, epoch: int) -> float:
    """Rise to the end."""
    return final * epoch / 12


def disagreeing() -> pd.DataFrame:
    """Let each replicate have its own gain from depth."""
    executions = table(replicates=6)
    gain = 0.02 * (executions["replicate"] % 3 - 1)
    executions["val_accuracy"] += gain * executions["conv_blocks"]
    return executions


def by_rate(*rates: float) -> pd.DataFrame:
    """Train at several learning rates, of which 0.1 is best."""
    executions = table()
    return pd.concat(
        [
            executions.assign(
                learning_rate=rate, val_accuracy=executions["val_accuracy"] - abs(rate - 0.1)
            )
            for rate in rates
        ],
        ignore_index=True,
    )


def collapsed(replicates: int = 3, chance: float = 0.1) -> pd.DataFrame:
    """Leave one execution of two cells at chance."""
    executions = table(replicates=replicates)
    executions.loc[[0, 4 * replicates], "val_accuracy"] = chance
    return executions


def in_two_kinds() -> pd.DataFrame:
    """Let four executions of a cell of ten end far below the others, and well above chance."""
    executions = table(replicates=10)
    executions.loc[:3, "val_accuracy"] -= 0.3
    return executions


def copied(**columns: Any) -> pd.DataFrame:
    """Give the first two cells the same numbers."""
    executions = table(**columns)
    num = executions["replicate"].nunique()
    first = executions.loc[: num - 1, "val_accuracy"].to_numpy()
    executions.loc[num : 2 * num - 1, "val_accuracy"] = first
    return executions


def rounded(executions: pd.DataFrame, digits: int) -> pd.DataFrame:
    """Measure on so few images that accuracies are often equal."""
    return executions.assign(val_accuracy=executions["val_accuracy"].round(digits))


def in_percent(**changed: float) -> Settings:
    """Write accuracies in percent, some of them changed."""
    executions = table().assign(val_accuracy=lambda rows: 100 * rows["val_accuracy"])
    executions.loc[: len(changed) - 1, "val_accuracy"] = [*changed.values()]
    question = replace(QUESTION, objective=named("val_accuracy", 1, 100))
    return {"executions": executions, "question": question}


def by_round() -> pd.DataFrame:
    """Have a row a round, under a name that is not epoch."""
    return pd.concat(
        [table().drop(columns="epochs").assign(round=number) for number in (1, 2, 3)],
        ignore_index=True,
    )


CLEAN: Settings = {"executions": table()}
CASES: list[tuple[str, Settings, Settings]] = [
    ("unfinished_executions", {"executions": change(status="diverged")}, CLEAN),
    ("unusable_values", {"executions": change(val_accuracy=np.inf)}, CLEAN),
    ("unusable_values", {"executions": change(val_accuracy="n/a")}, CLEAN),
    ("impossible_accuracies", {"executions": change(val_accuracy=61.0)}, CLEAN),
    ("mixed_units", in_percent(first=0.61, second=0.63), in_percent()),
    ("mixed_units", in_percent(first=0.61), in_percent(first=0.2)),
    ("untrained_executions", {"executions": collapsed()}, CLEAN),
    (
        "untrained_executions",
        {"executions": collapsed(chance=0.35)},
        {"executions": table(sd=0.05)},
    ),
    (
        "untrained_executions",
        {"executions": collapsed(chance=0.01), "facts": Facts(dataset="cifar100")},
        {"executions": table(), "facts": Facts(dataset="cifar100")},
    ),
    ("untrained_executions", {"executions": in_two_kinds()}, {"executions": table(replicates=10)}),
    ("copied_cells", {"executions": copied()}, CLEAN),
    (
        "undesigned",
        {"executions": table(), "facts": Facts(undesigned="the sampler is not known")},
        CLEAN,
    ),
    (
        "cut_short",
        {"executions": table(), "facts": Facts(cut_short="executions ended after 3 to 5 epochs")},
        CLEAN,
    ),
    (
        "copied_cells",
        {"executions": copied(replicates=2)},
        {"executions": rounded(copied(replicates=2), 2)},
    ),
    (
        "varying_settings",
        {"executions": table().assign(learning_rate=lambda rows: 0.1 / rows["conv_blocks"])},
        {"executions": table().assign(learning_rate=0.1)},
    ),
    (
        "varying_settings",
        {"executions": table().assign(gpu=lambda rows: "gpu " + rows["conv_blocks"].astype(str))},
        {"executions": table().assign(gpu=["a100", "t4", "a100"] * 9)},
    ),
    (
        "varying_settings",
        {"executions": table().assign(stopped_epoch=lambda rows: 5 * rows["conv_blocks"])},
        {"executions": table().assign(best_epoch=lambda rows: 5 * rows["conv_blocks"])},
    ),
    (
        "varying_settings",
        {"executions": table().assign(image_size=lambda rows: 16 * rows["conv_blocks"])},
        {"executions": table().assign(model_size=lambda rows: 16 * rows["conv_blocks"])},
    ),
    (
        "varying_settings",
        {"executions": table().assign(optimizer=["adam", "sgd", "adam"] * 9)},
        {"executions": table().assign(val_loss=lambda rows: rows["conv_blocks"])},
    ),
    (
        "varying_settings",
        {"executions": table().assign(dropout=lambda rows: rows["val_accuracy"] ** 2)},
        {"executions": table().assign(dropout=[0, 0.5] * 13 + [0]), "facts": Facts(kind="study")},
    ),
    (
        "hidden_budgets",
        {"executions": by_round()},
        {"executions": by_round().query("round == 3")},
    ),
    ("copied_rows", {"executions": pd.concat([table(), table()[:2]], ignore_index=True)}, CLEAN),
    (
        "repeated_cells",
        {"executions": pd.concat([table(), table(seed=1)], ignore_index=True)},
        CLEAN,
    ),
    ("repeated_seeds", {"executions": table().assign(seed=7)}, CLEAN),
    (
        "repeated_seeds",
        {"executions": table(sd=0.0).assign(val_accuracy=lambda rows: rows["conv_blocks"] / 10)},
        CLEAN,
    ),
    ("unequal_budgets", {"executions": pd.concat([table(), table().assign(epochs=3)])}, CLEAN),
    ("few_executions", {"executions": table(replicates=1)}, CLEAN),
    ("few_executions", {"executions": table().drop(index=[0, 1])}, CLEAN),
    ("missing_cells", {"executions": table().drop(index=[0, 1, 2])}, CLEAN),
    (
        "missing_cells",
        {"executions": table(), "cells": table(depths=(1, 2, 3, 4)).assign(state="left out")},
        {"executions": table(), "cells": table()},
    ),
    (
        "confounded_factors",
        {
            "executions": table()[
                lambda rows: rows["conv_blocks"] - 2 == np.log2(rows["filter_multiplier"])
            ]
        },
        CLEAN,
    ),
    (
        "depth_and_size",
        {"executions": table(widths=(1.0, 1.2))},
        {"executions": table().drop(columns=["params", "flops"])},
    ),
    (
        "depth_and_size",
        {"executions": uneven_params()},
        {"executions": table(widths=(0.1, 1.0, 10.0))},
    ),
    (
        "inert_factors",
        {
            "executions": table(kernels=("3", "5"), sd=0.0),
            "question": Question((*QUESTION.factors, "kernel_schedule")),
        },
        CLEAN,
    ),
    ("disagreeing_replicates", {"executions": disagreeing()}, {"executions": table(replicates=6)}),
    (
        "few_epochs",
        {"executions": table().assign(epochs=6)},
        {"executions": table().assign(epochs=7)},
    ),
    ("few_epochs", {"executions": table().drop(columns="epochs"), "facts": Facts(epochs=2)}, CLEAN),
    (
        "still_rising",
        {"executions": table(), "history": history_of(table(), climbing)},
        {"executions": table(), "history": history_of(table(), flat)},
    ),
    (
        "untuned_learning_rate",
        {"executions": table(), "facts": Facts(learning_rate_tuned=False)},
        CLEAN,
    ),
    (
        "untuned_learning_rate",
        {"executions": by_rate(0.1, 0.3)},
        {"executions": by_rate(0.01, 0.1, 0.3)},
    ),
    (
        "untuned_learning_rate",
        {"executions": table(), "tuning": by_rate(0.1, 0.3)},
        {"executions": table(), "tuning": by_rate(0.01, 0.1, 0.3)},
    ),
    (
        "guessed_axes",
        {"executions": table(), "facts": Facts(guessed={"depth": "conv_blocks"})},
        {"executions": table(), "facts": Facts(guessed={"depth": "no_factor"})},
    ),
    (
        "seen_test_set",
        {
            "executions": table().rename(columns={"val_accuracy": "test_acc"}),
            "question": Question(QUESTION.factors, objective=named("test_acc", 0.2, 0.8)),
        },
        CLEAN,
    ),
    (
        "looked_again",
        {"executions": table(), "facts": Facts(num_looks=2)},
        {"executions": table(), "facts": Facts(num_looks=1)},
    ),
    (
        "linear_convolutions",
        {"executions": table(), "facts": Facts(fixed={"activation": "linear"})},
        CLEAN,
    ),
    (
        "linear_convolutions",
        {"executions": table().assign(activation="linear")},
        {"executions": table().assign(activation="relu")},
    ),
    (
        "averaged_executions",
        {"executions": table(), "facts": Facts(executions_averaged=True)},
        CLEAN,
    ),
]
BY_NAME: dict[str, Callable[[Evidence], Any]] = {check.__name__: check for check in CHECKS}


@pytest.mark.parametrize(("name", "faulty", "clean"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_is_found_and_its_absence_is_not(name, faulty, clean):
    findings = BY_NAME[name](evidence(**faulty))
    assert findings
    for finding in findings:
        assert finding.severity in SEVERITIES
        assert finding.what
        assert finding.why
        assert finding.remedy
    assert BY_NAME[name](evidence(**clean)) == []


def test_every_check_has_a_case():
    always = {"best_of_many", "scope"}  # they speak of every study
    assert {case[0] for case in CASES} | always == set(BY_NAME)


def test_the_best_epoch_is_said_to_be_a_maximum():
    executions = table().rename(columns={"val_accuracy": "best_val_accuracy"})
    question = Question(QUESTION.factors, objective=named("best_val_accuracy", 0.2, 0.8))
    found = BY_NAME["best_of_many"](evidence(executions, question=question))
    assert found[0].severity == "warning"
    assert all(finding.severity == "note" for finding in BY_NAME["best_of_many"](evidence(table())))


def test_executions_at_chance_are_counted_by_cell():
    (found,) = BY_NAME["untrained_executions"](evidence(collapsed()))
    assert found.severity == "serious"
    assert found.what == (
        "2 of 27 executions are at chance (10 classes); 2 of 9 cells mix two kinds of outcome"
    )
    assert "conv_blocks=1: 2 of 3 trained [21%, 94%]" in found.where  # Wilson's, by hand


def test_a_setting_that_goes_with_a_factor_is_serious_and_another_is_not():
    confounded = table().assign(lr=lambda rows: 0.1 / rows["conv_blocks"])
    crossed = table().assign(lr=lambda rows: 0.1 / (1 + rows["replicate"]))
    continuous = table().assign(lr=lambda rows: rows["conv_blocks"] + rows["val_accuracy"] / 10)
    for executions, severity in (
        (confounded, "serious"),
        (continuous, "serious"),
        (crossed, "warning"),
    ):
        (found,) = BY_NAME["varying_settings"](evidence(executions))
        assert found.severity == severity
        assert found.what.startswith("lr varies and is no factor")
    (found,) = BY_NAME["varying_settings"](evidence(confounded))
    assert "it goes with conv_blocks (association 1.00)" in found.what


def test_copies_are_counted_and_named():
    (found,) = BY_NAME["copied_cells"](evidence(copied()))
    assert found.what.startswith("1 of 9 cells repeat another cell's results")
    assert "14 residual degrees of freedom, not 16" in found.why
    assert found.where == (
        "filter_multiplier=0.5, conv_blocks=1 = filter_multiplier=1, conv_blocks=1"
    )


@pytest.mark.parametrize("study", sorted(RESULTS.glob("*/study.yaml")), ids=lambda p: p.parent.name)
def test_a_study_of_ours_has_no_suspicious_column(study):
    source = read_study(study.parent)
    model = fit(prepare(source.executions, source.question, source.cells))
    seen = Evidence(source.executions, source.question, facts=source.facts, model=model)
    modules = [vars(columns).values(), vars(outcomes).values()]
    added = [check for check in CHECKS if any(check in module for module in modules)]
    assert len(added) == 5
    assert [finding for check in added for finding in check(seen)] == []


def test_the_ledgers_own_columns_are_no_settings():
    """Not even where a copy of executions.csv is read as any table."""
    (path,) = RESULTS.glob("width-depth-cifar10/executions.csv")
    executions = pd.read_csv(path)
    seen = evidence(executions, facts=Facts())
    assert {*BEFORE, *AFTER} <= {*executions.columns}
    assert BY_NAME["varying_settings"](seen) == []
    assert BY_NAME["hidden_budgets"](seen) == []


def test_the_scope_names_data_optimizer_and_epochs():
    (finding,) = BY_NAME["scope"](evidence(table()))
    assert finding.where == "dataset cifar10, training images 10000, epochs 12, optimizer sgd"


def test_a_clean_study_gets_notes_only():
    executions = table(widths=(0.1, 1.0, 10.0), mean=additive).drop(columns="flops")
    assert set(run_checks(evidence(executions))["severity"]) == {"note"}


def test_findings_are_ordered_by_severity():
    executions = table(replicates=2).assign(epochs=2)
    found = run_checks(evidence(executions, facts=replace(FACTS, learning_rate_tuned=False)))
    order = found["severity"].map(SEVERITIES.index)
    assert order.is_monotonic_increasing
    assert set(found["severity"]) == set(SEVERITIES)


def test_checks_need_no_model():
    assert len(run_checks(Evidence(table(), QUESTION, facts=FACTS)))


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("ValueError: a negative dimension in build()", "mend the code of the search space"),
        ("ResourceExhaustedError: out of memory", "give them more memory"),
        ("the loss was NaN in epoch 3", "a smaller learning rate or gradient clipping"),
        ("", "read their messages"),
    ],
)
def test_the_remedy_of_what_did_not_finish_fits_its_cause(message: str, remedy: str) -> None:
    found = run_checks(evidence(change(status="failed", message=message)))
    (told,) = found.loc[found["check"] == "unfinished_executions", "remedy"]
    assert told.startswith(remedy)
    assert ("learning rate" in told) == ("NaN" in message or not message)
