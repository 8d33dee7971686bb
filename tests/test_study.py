"""Studies: validated, frozen, YAML both ways; and the ready ones."""

import pytest
from pydantic import ValidationError

from tuner.errors import UsageError
from tuner.ready import ready_studies
from tuner.study import Study, differences, fingerprint, read_study, validated

FULL = Study(
    name="full", tune={"dropout": (0.0, 0.5), "batch_size": ()},
    factors={"conv_blocks": (1, 2), "kernel_schedule": ("3", "7-5-3")},
    fixed={"learning_rate": 1e-05, "pooling": "max", "bias": True, "dense_depth": 0},
    max_trials=3, replicates=5, seed=0, dataset="a/b.npz", train_size=100, epochs=4,
)  # fmt: skip
LISTED = Study(cells=({"conv_blocks": 2, "dense_depth": 1}, {"conv_blocks": 3, "dense_depth": 1}))


def written(study, folder):
    path = folder / "study.yaml"
    path.write_text(study.to_yaml())
    return path


@pytest.mark.parametrize("study", [Study(), FULL, LISTED])
def test_a_study_is_the_same_after_yaml(tmp_path, study):
    assert read_study(written(study, tmp_path)) == study


def test_levels_keep_their_types_through_yaml(tmp_path):
    fixed = read_study(written(FULL, tmp_path)).fixed
    assert [type(level) for level in fixed.values()] == [float, str, bool, int]


def test_yaml_lists_the_settings_in_the_order_of_the_study():
    keys = [line.split(":")[0] for line in FULL.to_yaml().splitlines() if line[0].isalpha()]
    assert keys == list(Study.model_fields)


def test_a_study_is_frozen():
    with pytest.raises(ValidationError):
        FULL.seed = 1


def test_a_copy_with_settings_changes_those_alone():
    changed = FULL.with_settings(epochs=9)
    assert changed.epochs == 9
    assert differences(FULL.model_dump(), changed.model_dump()) == ["epochs was 4 and is 9"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epoch": 3}, r"a study has no setting 'epoch'\. Did you mean 'epochs'\? \(settings: nam"),
        ({"zebra": 3}, r"a study has no setting 'zebra'\. \(settings: name, space"),
        ({"epochs": 0}, r"^epochs: expected more than 0, got 0$"),
        ({"epochs": "many"}, r"^epochs: expected a whole number, got 'many'$"),
        ({"replicates": -1}, r"^replicates: .*got -1$"),
        ({"seed": -1}, r"^seed: expected 0 or more, got -1$"),
        ({"max_trials": 0}, r"^max_trials: .*got 0$"),
        ({"scaling": "log"}, r"^scaling: .*'standardize' or 'unit', got 'log'$"),
        ({"factors": {"a": []}}, r"^factor a: expected different levels, got \[\]$"),
        ({"factors": {"a": [1, 2, 1]}}, r"^factor a: expected different levels, got \[1, 2, 1\]$"),
        ({"factors": {"a": [1]}, "cells": [{"a": 1}]}, r"^expected factors or cells, got both$"),
        ({"cells": [{"a": 1}, {"b": 1}]}, r"^expected cells that all name the same factors$"),
        ({"cells": []}, r"^expected cells that all name the same factors$"),
        ({"cells": [{"a": 1}, {"a": 2}, {"a": 1}]}, r"expected different cells"),
    ],
)
def test_a_wrong_setting_is_told_with_what_was_expected(settings, message):
    with pytest.raises(UsageError, match=message) as caught:
        validated(settings)
    assert "\n" not in str(caught.value)


def test_an_unknown_study_is_told_with_the_ready_ones():
    with pytest.raises(
        UsageError, match=r"no study 'notebok'\. Did you mean 'notebook'\?"
    ) as caught:
        read_study("notebok")
    assert all(name in str(caught.value) for name in ready_studies())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name: [torn", r"study.yaml is not plain YAML: "),
        ("- conv_blocks", r"study.yaml: expected a study's settings, got list"),
        ("", r"study.yaml: expected a study's settings, got NoneType"),
        ("replicate: 3", r"no setting 'replicate'\. Did you mean 'replicates'\?"),
    ],
)
def test_a_file_that_holds_no_study_is_refused(tmp_path, content, message):
    (tmp_path / "study.yaml").write_text(content)
    with pytest.raises(UsageError, match=message) as caught:
        read_study(tmp_path / "study.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["notebook", "notebook-table", "width-depth", "kernel-schedule", "dense-depth"]
)
def test_ready_studies_are_read_by_their_names(name):
    assert name in ready_studies()
    assert read_study(name).name == name


def test_the_default_study_asks_for_width_and_depth():
    assert list(read_study("width-depth").factors) == ["conv_blocks", "filter_multiplier"]


def test_the_notebooks_table_is_its_six_rows_with_replicates():
    study = read_study("notebook-table")
    rows = [(cell["conv_blocks"], cell["dense_depth"]) for cell in study.cells]
    assert rows == [(2, 1), (3, 1), (4, 1), (4, 2), (4, 3), (4, 4)]
    assert study.replicates >= 3
    assert (study.epochs, study.train_size, study.validation_size) == (2, 40_000, 10_000)


def test_the_fingerprint_does_not_depend_on_the_order_of_keys():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1}) != fingerprint({"a": 1})


def test_differences_name_the_settings_but_not_the_name():
    before, after = Study(name="one").model_dump(), Study(name="two", seed=5).model_dump()
    assert differences(before, after) == ["seed was 0 and is 5"]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", "a\\b", "a\nb", "a\x1bb", "a\x00", " a", "ä" * 51, 5]
)
def test_a_name_is_the_name_of_a_folder(name):
    with pytest.raises(UsageError, match="name: "):
        validated({"name": name})


def test_any_other_name_will_do():
    for name in ("width-depth", "Über 3", "x" * 100, ".hidden", "study.v2"):
        assert validated({"name": name}).name == name
