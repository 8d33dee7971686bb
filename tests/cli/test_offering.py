"""What can be asked: ready studies and search spaces, listed, drawn and written."""

import io
import json
import re

import pandas as pd
import pytest

from tests.cli.commanding import invoke
from tuner.ready import ready_studies


def test_the_ready_studies_are_listed_with_question_size_and_cost():
    rows = {row["study"]: row for row in json.loads(invoke("studies", "--format", "json").stdout)}
    assert set(rows) == set(ready_studies())
    assert rows["four-factors"] | {"cost": ""} == {
        "study": "four-factors", "cells": 64, "replicates": 1, "cost": "", "question": "Which of "
        "blocks, kernel schedule, width and dense depth matters, and what does the best one look "
        "like?",
    }  # fmt: skip
    assert rows["notebook-table"]["cells"] == 6
    assert re.fullmatch(r"36 executions, about \d+ min .*", rows["dense-depth"]["cost"])


def test_one_ready_study_is_its_yaml():
    assert invoke("studies", "notebook").stdout == ready_studies()["notebook"]


def test_the_spaces_that_ship_are_listed():
    found = pd.read_csv(io.StringIO(invoke("spaces", "--format", "csv").stdout))
    assert found["origin"].unique().tolist() == ["ships with tuner"]
    assert "conv_pool" in found["space"].tolist()


def test_spaces_of_packages_are_listed_with_their_origin_and_what_is_taken(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    for package, spaces in {"thin": ["thin", "both"], "wide": ["both", "conv_pool"]}.items():
        about = tmp_path / f"{package}_nets-2.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Name: {package}-nets\nVersion: 2.0\n")
        lines = [f"{name} = {package}_nets:Net" for name in spaces]
        (about / "entry_points.txt").write_text("\n".join(["[tuner.search_spaces]", *lines]))
    rows = json.loads(invoke("spaces", "--format", "json").stdout)
    found = [(row["space"], row["origin"], row["class"]) for row in rows]
    assert ("thin", "thin-nets 2.0", "thin_nets:Net") in found
    notes = {(row["space"], row["origin"]): row["note"] for row in rows}
    assert notes["thin", "thin-nets 2.0"] == notes["conv_pool", "ships with tuner"] == ""
    assert "offered by several" in notes["both", "wide-nets 2.0"]
    assert "that ships" in notes["conv_pool", "wide-nets 2.0"]


@pytest.mark.trains
def test_a_space_is_drawn_block_by_block_with_its_hyperparameters():
    shown = invoke("spaces", "conv_pool", "--fix", "conv_blocks=2", COLUMNS="160").stdout
    assert re.search(r"conv_blocks\s+scientific\s+3\s+1, 2, 3, 4, 5", shown)
    assert "the network of conv_blocks=2, filter_multiplier=1" in shown
    assert re.search(r"2 +Conv2D 32 of 3 × 3, BatchNorm.* 8 × 8 × 32 +4.7 k +2.4 M", shown)
    assert re.search(r"all +5.6 k +3.2 M", shown)


@pytest.mark.trains
@pytest.mark.parametrize("name", ["NoInput", "Kinds", "Subclassed"])
def test_any_space_is_drawn(name):
    found = invoke("spaces", f"tests.hypermodels:{name}", "--dataset", "digits", "--format", "csv")
    layers = pd.read_csv(io.StringIO(found.stdout))
    assert layers["params"].iloc[-1] == layers["params"].iloc[:-1].sum() > 0


@pytest.mark.trains
def test_a_space_that_was_exported_is_drawn_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(invoke("spaces", "conv_pool", "--export").stdout)
    drawn = [invoke("spaces", name, COLUMNS="120").stdout for name in ("conv_pool", "my.yaml")]
    assert drawn[0] == drawn[1] != ""
