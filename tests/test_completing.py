"""Completing a study: what is searched, what is held, and what may honestly be reused."""

from dataclasses import replace

import pytest

from tuner import ledger
from tuner.completing import completed_study, reused_records
from tuner.errors import StudyError, UsageError
from tuner.execution import TUNING, Execution
from tuner.folder import StudyFolder
from tuner.planning import Plan


@pytest.fixture
def folder(tmp_path, study, design, stub_record):
    """A study whose cells have all been met in two of its three replicates."""
    (tmp_path / "study.yaml").write_text(study.to_yaml())
    for replicate in range(2):
        for trial, cell in enumerate(design.planned):
            values = design.values(cell)
            execution = Execution(study, f"{trial:04d}", cell.index, replicate, values, 3)
            ledger.append(tmp_path, stub_record(execution).record)
    return StudyFolder(tmp_path)


def selected(folder, study):
    """The same folder, as if a strategy that selects had made it."""
    study = study.model_copy(update={"strategy": "hyperband"})
    folder.study_file.write_text(study.to_yaml())
    return StudyFolder(folder.path)


def test_a_grid_is_completed_with_what_it_has(folder, study, design):
    completed, records = completed_study(folder, [])
    plan = Plan(completed, None, None, design, None)
    reused = reused_records(plan, records)
    assert completed.seed == study.seed
    assert [(r.replicate, r.cell) for r in reused] == [(r, c) for r in range(2) for c in range(6)]


def test_the_factors_not_named_are_held_at_the_best_cell(folder):
    completed, _ = completed_study(folder, ["conv_blocks"])
    assert completed.factors == {"conv_blocks": (1, 2, 3)}
    assert completed.fixed["filter_multiplier"] == 1.0  # the stub's accuracy rises with the cell


def test_what_a_search_selected_on_is_not_reused(folder, study):
    completed, records = completed_study(selected(folder, study), [])
    assert records == []
    assert completed.strategy == "grid"
    assert completed.seed != study.seed


def test_executions_of_another_budget_are_not_reused(folder, design):
    completed, records = completed_study(folder, [])
    short = [replace(record, epochs=1) for record in records]
    assert reused_records(Plan(completed, None, None, design, None), short) == []


def test_an_unknown_factor_is_refused_with_the_nearest(folder):
    with pytest.raises(UsageError, match="Did you mean 'conv_blocks'"):
        completed_study(folder, ["conv_block"])


def test_a_study_without_a_result_cannot_be_completed(tmp_path, study):
    (tmp_path / "study.yaml").write_text(study.to_yaml())
    with pytest.raises(StudyError, match="no finished execution"):
        completed_study(StudyFolder(tmp_path), [])


def test_what_served_to_choose_a_learning_rate_has_no_say_in_which_cell_is_best(
    folder, study, design, stub_record
):
    worst = design.planned[0]
    execution = Execution(study, "0006", worst.index, TUNING, design.values(worst), 3)
    folder.append(stub_record(execution, val_accuracy=0.99).record)
    completed, _ = completed_study(folder, ["conv_blocks"])
    assert completed.fixed["filter_multiplier"] == 1.0


def test_what_completes_a_shard_is_no_shard(folder, study):
    folder.study_file.write_text(study.with_settings(shard="1/2").to_yaml())
    completed, records = completed_study(StudyFolder(folder.path), [])
    assert completed.shard is None
    assert len(records) == 12
