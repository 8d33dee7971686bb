"""Merging: shards end as the study that nobody divided, and what is no part of it is refused."""

from dataclasses import replace

import pytest
from pandas.testing import assert_frame_equal

from tests.cli.commanding import TIMINGS
from tests.stubbed import ABOUT, search, searched_shards
from tests.test_looks import ENDED
from tuner import ledger, looks
from tuner.engine.retrying import AGAIN
from tuner.errors import StudyError
from tuner.merging import merge


@pytest.fixture
def shards(tmp_path, study, design, stub_record):
    return searched_shards(tmp_path / "shards", study, design, 3, stub_record)


def equal_rows(one, other):
    """Asserts that two folders hold the same executions, epochs and cells, to the last bit."""
    (executions, *tables), (expected, *others) = one.frames, other.frames
    kept = [name for name in expected if name not in TIMINGS]
    for mine, theirs in zip((executions[kept], *tables), (expected[kept], *others), strict=True):
        assert_frame_equal(mine, theirs, check_exact=True)


def rewritten(folder, change):
    """Changes the records of a folder, one by one; None leaves one out."""
    records = [change(record) for record in ledger.read(folder)]
    ledger.write(folder, [record for record in records if record is not None])


@pytest.mark.parametrize("settings", [{}, {"strategy": "random", "max_trials": 4}])
def test_merged_shards_are_the_study_that_nobody_divided(
    tmp_path, study, design, stub_record, settings
):
    study = study.with_settings(**settings)
    whole = search(tmp_path / "whole", study, design, stub_record)
    merged = merge(searched_shards(tmp_path, study, design, 3, stub_record)[::-1], tmp_path)
    equal_rows(merged, whole)
    assert (merged.path.name, merged.study) == ("small", whole.study)
    assert merged.environment == whole.environment
    assert merged.table_files["executions"].exists()
    before = merged.ledger_file.read_bytes()
    search(tmp_path, study, design, stub_record)  # replays the ledger, and has nothing to train
    assert merged.ledger_file.read_bytes() == before


def test_what_is_missing_is_trained_by_going_on(tmp_path, study, design, stub_record, shards):
    whole = search(tmp_path / "whole", study, design, stub_record)
    rewritten(shards[1], lambda record: record if record.replicate == 1 else None)
    merged = merge(shards[:2], tmp_path)
    assert 0 < len(merged.records) < merged.num_planned
    trained = []

    def train(execution):
        trained.append(execution.key)
        return stub_record(execution)

    equal_rows(search(tmp_path, study, design, train), whole)
    assert len(trained) == whole.num_planned - len(merged.records)


def test_what_two_copies_share_is_taken_once(tmp_path, study, design, stub_record):
    whole = search(tmp_path / "whole", study, design, stub_record)
    copies = [search(tmp_path / name, study, design, stub_record).path for name in "ab"]
    rewritten(copies[0], lambda record: record if record.replicate < 2 else None)
    elsewhere = {"seconds": 9.0, "worker": "another", "versions": {"numpy": "2"}}
    rewritten(copies[1], lambda r: replace(r, **elsewhere) if r.replicate > 0 else None)
    equal_rows(merge(copies, tmp_path), whole)


def test_an_execution_with_two_results_is_refused_by_name(
    tmp_path, study, design, stub_record, shards
):
    copy = search(tmp_path / "copy", study, design, stub_record).path
    other = {"metrics": {"val_accuracy": 0.25}, "history": [{"epoch": 1, "val_accuracy": 0.25}]}
    rewritten(copy, lambda r: replace(r, **other) if r.key == ("0003", 1) else r)
    told = r"cell 3, replicate 1 has two results: val_accuracy is 0\.531 in .* and 0\.25 in .*copy"
    with pytest.raises(StudyError, match=told):
        merge([*shards, copy], tmp_path)
    assert not (tmp_path / "small").exists()


@pytest.mark.parametrize("status", AGAIN)
def test_what_failed_gives_way_to_what_did_not(
    tmp_path, study, design, stub_record, shards, status
):
    copy = search(tmp_path / "copy", study, design, stub_record).path
    whole = merge(shards, tmp_path / "whole")

    def failed(record):
        return replace(record, status=status, metrics={}, message="it died", history=[])

    rewritten(copy, failed)
    equal_rows(merge([copy, *shards], tmp_path / "before"), whole)
    equal_rows(merge([*shards, copy], tmp_path / "behind"), whole)
    assert {record.status for record in merge([copy], tmp_path / "alone").records} == {status}


@pytest.mark.parametrize(
    ("settings", "about", "told"),
    [
        ({"epochs": 4}, {}, "different studies: epochs was 4 and is 3"),
        ({"seed": 7}, {}, "seed was 7 and is 0"),
        ({"factors": {"conv_blocks": (1, 2, 4)}}, {}, r"factors conv_blocks was \[1, 2, 4\]"),
        ({}, {"data": {**ABOUT["data"], "sha256": "1"}}, "the images of the dataset digits have"),
        ({}, {"space": {"shapes.py": "1"}}, r"conv_pool has changed \(shapes\.py\)"),
        ({}, {"settings": {"threads": 2}}, "environment threads was 2 and is 1"),
    ],
)
def test_another_study_is_refused_by_what_differs(
    tmp_path, study, design, stub_record, shards, settings, about, told
):
    settings = {**settings, "factors": {**study.factors, **settings.get("factors", {})}}
    other = study.with_settings(shard="3/3", **settings)
    foreign = search(tmp_path, other, design, stub_record, {**ABOUT, **about})
    with pytest.raises(StudyError, match=told):
        merge([*shards[:2], foreign.path], tmp_path)
    assert not (tmp_path / "small").exists()


def test_other_cells_are_refused(tmp_path, shards):
    cells = shards[1] / "cells.csv"
    cells.write_text(cells.read_text().replace("planned", "infeasible", 1))
    with pytest.raises(StudyError, match=r"cells\.csv differs"):
        merge(shards, tmp_path)


def test_an_execution_of_no_part_of_the_study_is_refused(tmp_path, shards):
    rewritten(shards[2], lambda record: replace(record, trial="0005-1"))
    with pytest.raises(StudyError, match="does not have: trial 0005-1, replicate 0"):
        merge(shards, tmp_path)


def test_a_study_that_chooses_by_results_is_not_merged(tmp_path, study, design, stub_record):
    study = study.with_settings(strategy="bayesian")
    folder = search(tmp_path / "one", study, design, stub_record)
    with pytest.raises(StudyError, match="chooses by results"):
        merge([folder.path, folder.path], tmp_path)


def test_shards_of_which_one_was_extended_are_merged_as_extended(
    tmp_path, study, design, stub_record, shards
):
    longer = study.with_settings(replicates=4)
    search(tmp_path / "shards", longer.with_settings(shard="2/3"), design, stub_record)
    merged = merge(shards, tmp_path)
    assert (merged.study.replicates, merged.num_planned) == (4, 24)
    equal_rows(
        search(tmp_path, longer, design, stub_record),
        search(tmp_path / "whole", longer, design, stub_record),
    )


def test_the_sources_and_what_is_in_the_way_are_left_as_they_are(tmp_path, shards):
    def content():
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    before = content()
    merge(shards, tmp_path)
    merged = content()
    assert before.items() <= merged.items()
    with pytest.raises(StudyError, match="is there already: choose another --name"):
        merge(shards, tmp_path)
    assert content() == merged
    assert merge(shards, tmp_path, "another").study.name == "another"


def test_what_a_killed_merge_has_left_is_in_nobodys_way(tmp_path, shards, monkeypatch):
    monkeypatch.setattr("tuner.merging.write_whole", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        merge(shards, tmp_path)
    monkeypatch.undo()
    assert not (tmp_path / "small").exists()
    assert len(merge(shards, tmp_path).records) == 18


def test_looks_at_test_images_are_merged_with_the_copies_that_took_them(
    tmp_path, study, design, stub_record
):
    copies = [search(tmp_path / str(n), study, design, stub_record) for n in range(2)]
    later = replace(ENDED, began="2026-12-01T10:00:00+00:00")
    for folder, look in zip(copies, (later, ENDED), strict=True):
        looks.append(folder.final, look)
    merged = merge([folder.path for folder in copies], tmp_path, "merged")
    assert merged.looks == [ENDED, replace(later, number=2)]
