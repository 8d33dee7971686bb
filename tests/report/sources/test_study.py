"""What a study's folder tells a report."""

import json
from pathlib import Path

import pytest
import yaml

from tests.report.conftest import record
from tuner.errors import DataError, StudyError, UsageError
from tuner.ledger import append
from tuner.report import kind_of, read_source, read_study, report_folder, write_report

pytestmark = pytest.mark.usefixtures("undrawn")


def test_a_study_gives_its_frames_its_question_and_its_facts(study_folder: Path) -> None:
    source = read_study(study_folder)
    assert (source.name, len(source.executions), len(source.history)) == ("width-depth", 15, 30)
    assert source.question.factors == ("filter_multiplier", "conv_blocks")
    assert (source.question.width, source.question.depth) == ("filter_multiplier", "conv_blocks")
    assert (source.facts.num_done, source.facts.num_planned) == (15, 15)
    assert source.facts.fixed == {"optimizer": "adam"}
    assert source.facts.versions == {"tensorflow": "2.21.0"}
    assert source.facts.learning_rate_tuned is False


def test_a_study_says_which_images_scored_its_last_epoch(study_folder: Path) -> None:
    about = study_folder / "environment.json"
    known = json.loads(about.read_text())
    about.write_text(json.dumps(known | {"data": {"name": "digits", "num_images": 1500}}))
    facts = read_study(study_folder).facts
    assert (facts.scored_on, facts.num_scored) == ("validation", 300)  # before it was a setting
    path = study_folder / "study.yaml"
    path.write_text(path.read_text() + "score_on: idle\n")
    facts = read_study(study_folder).facts
    assert (facts.scored_on, facts.num_scored) == ("idle", 500)


def test_a_shard_says_that_it_is_a_part(study_folder: Path) -> None:
    path = study_folder / "study.yaml"
    path.write_text(path.read_text() + "shard: 1/2\n")
    source = read_study(study_folder)
    assert source.name == "width-depth.shard-1-of-2"
    assert source.facts.notes == ("shard 1 of 2 alone: tuner merge joins all of them",)


def test_the_cells_of_a_list_name_the_factors(study_folder: Path) -> None:
    path = study_folder / "study.yaml"
    settings = yaml.safe_load(path.read_text())
    settings |= {"factors": {}, "cells": [{"conv_blocks": 1, "dense_depth": 1}]}
    path.write_text(yaml.safe_dump(settings))
    assert read_study(study_folder).question.factors == ("conv_blocks",)


def test_effects_leave_the_tuning_replicate_out(study_folder: Path) -> None:
    append(study_folder, record(0, 1, 1.0, -1, 0.9, learning_rate=0.01))
    source = read_study(study_folder)
    assert set(source.executions["replicate"]) == set(source.history["replicate"]) == {0, 1, 2}
    assert list(source.tuning["learning_rate"]) == [0.01]


def test_the_rule_that_ended_replicates_is_told_with_what_it_reached(study_folder: Path) -> None:
    assert read_study(study_folder).facts.stopping == ""
    path = study_folder / "study.yaml"
    settings = yaml.safe_load(path.read_text())
    settings |= {"until": {"conv_blocks": 0.001}, "max_replicates": 3}
    path.write_text(yaml.safe_dump(settings))
    told = read_study(study_folder).facts.stopping
    assert told.startswith("Replicates are added until the 95% interval of every step is narrow")
    assert "(conv_blocks to ±0.001 points), 3 at most." in told
    assert told.endswith("(asked 0.001) after 3 replicates: not reached.")


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "no study.yaml"), ("a: [", "not plain YAML"), ("- a", "expected a study")],
)
def test_a_broken_study_is_told_in_one_line(
    study_folder: Path, text: str | None, told: str
) -> None:
    path = study_folder / "study.yaml"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(StudyError, match=told) as caught:
        read_study(study_folder)
    assert "\n" not in str(caught.value)


def test_a_study_without_an_execution_says_what_to_do(study_folder: Path) -> None:
    (study_folder / "ledger.jsonl").unlink()
    with pytest.raises(StudyError, match="tuner search"):
        read_study(study_folder)


def test_what_lies_at_a_path_is_recognised(study_folder: Path, tmp_path: Path) -> None:
    project = tmp_path / "project" / "trial_0"
    project.mkdir(parents=True)
    (project / "trial.json").write_text("{}")
    (tmp_path / "runs.csv").write_text("a\n1\n")
    assert kind_of(study_folder) == "study"
    assert kind_of(tmp_path / "project") == "keras_tuner"
    assert kind_of(tmp_path / "runs.csv") == "table"
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(DataError):
            kind_of(path)


def test_a_page_goes_into_its_study_and_a_tables_into_results(
    study_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "runs.csv").write_text("a\n1\n")
    assert report_folder(study_folder) == study_folder / "report"
    assert report_folder(tmp_path / "runs.csv") == Path("results/runs/report")


def test_naming_columns_of_a_study_is_refused(study_folder: Path) -> None:
    with pytest.raises(UsageError, match="--metric names a column of a table"):
        read_source(study_folder, metric="acc")


def test_width_and_depth_are_what_the_study_says_else_guessed_and_told(study_folder: Path) -> None:
    guessed = read_study(study_folder)
    assert (guessed.question.width, guessed.question.depth) == ("filter_multiplier", "conv_blocks")
    assert guessed.question.step == "block"
    assert set(guessed.facts.guessed) == {"width", "depth"}

    path = study_folder / "study.yaml"
    said = "width: filter_multiplier\ndepth: conv_blocks\nstep: stage\n"
    path.write_text(path.read_text() + said)
    source = read_study(study_folder)
    assert source.question.step == "stage"
    assert source.facts.guessed == {}


def test_width_and_depth_may_be_said_of_a_study(study_folder: Path) -> None:
    source = read_source(study_folder, width="conv_blocks", depth="filter_multiplier")
    assert (source.question.width, source.question.depth) == ("conv_blocks", "filter_multiplier")
    with pytest.raises(UsageError, match="--width: there is no 'conv_block'"):
        read_source(study_folder, width="conv_block")


@pytest.mark.slow
def test_a_conditional_factor_is_inactive_where_it_does_not_apply(study_folder: Path) -> None:
    path = study_folder / "study.yaml"
    path.write_text(path.read_text().replace("factors:", "factors:\n  units: [8, 16]"))
    with (study_folder / "cells.csv").open("a") as cells:
        cells.writelines(f"{cell},1,4.0,1000,5000,planned,\n" for cell in (6, 7))
    append(study_folder, record(6, 1, 4.0, 0, 0.5, units=8))
    append(study_folder, record(7, 1, 4.0, 0, 0.6, units=16))
    source = read_study(study_folder)
    assert set(source.executions["units"]) == {"8", "16", "inactive"}
    assert source.question.width == "filter_multiplier"  # not "units", which has no number here
    write_report(source, study_folder / "report")
