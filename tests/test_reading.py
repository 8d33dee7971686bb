"""Files of anybody: opened without waiting, read strictly; and texts that can be shown."""

import json
import os

import pandas as pd
import pytest

from tuner.errors import StudyError, UsageError
from tuner.folder import StudyFolder, studies_by_age
from tuner.reading import from_json, from_yaml, read_bytes
from tuner.spreadsheet import as_csv, from_csv
from tuner.study import read_study, validated
from tuner.words import printable


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "pipe", "folder"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    os.mkdir("folder")
    with pytest.raises(OSError, match=path):
        read_bytes(path)
    with pytest.raises(UsageError, match=f"{path} cannot be read"):
        read_study(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name: \xff\xfe\n", "utf-8"), ("name: x".encode("utf-16"), "utf-8"),
        (b"[" * 5000, "50 levels at most"), (b"seed: " + b"9" * 5000, "limit"),
        (b"a: &a [1]\nb: *a", "no anchors"), (b"a: " + b"x" * 10_001, "10,000 characters at most"),
        (b"# " + b"x" * 2**20, "1,048,576 characters at most"), (b"a: !!int x", "invalid literal"),
        (b"a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
    ],
)  # fmt: skip
def test_yaml_is_plain_text_of_a_known_size(content, told):
    with pytest.raises(ValueError, match=told):
        from_yaml(content)


@pytest.mark.parametrize("content", [b"NaN", b"[" * 10**5, b'"\xff"', b"", b"{'a': 1}"])
def test_json_is_strict(content):
    with pytest.raises(ValueError, match=r"."):
        from_json(content)


def test_half_a_surrogate_pair_is_spelled_out():
    assert from_json(b'{"message": "bad \\udcff, good \\ud83d\\ude00"}') == {
        "message": "bad \\udcff, good 😀"
    }


@pytest.mark.parametrize(
    "settings",
    [
        {1: 2}, {None: 2}, {"seed": 10**30}, {"epochs": 10**30}, {"replicates": 10**9},
        {"factors": {"a": [float("nan"), 1.0]}}, {"factors": {"a\x1b[2J": [1, 2]}},
        {"factors": {"a": ["\x00", "b"]}}, {"factors": {"a": [10**400, 1]}}, {"space": "a\x07"},
        {"factors": {f"f{number}": list(range(100)) for number in range(4)}},
        {"until": float("inf")}, {"dataset": "\udcff"},
    ],
)  # fmt: skip
def test_a_setting_that_nothing_can_be_made_of_is_told_in_one_line(settings):
    with pytest.raises(UsageError) as caught:
        validated(settings)
    told = str(caught.value)
    assert printable(told) == told
    assert "\n" not in told
    assert len(told) < 500


def test_control_characters_are_spelled_out_and_other_signs_kept():
    assert printable("é – 漢 😀\n\x1b[2J\udcff\u202e") == "é – 漢 😀\n\\x1b[2J\\udcff\\u202e"


def test_a_csv_holds_no_formula_and_reads_back_as_it_was():
    rows = pd.DataFrame(
        {"=cmd": ["=1+1", "+1|cmd", "-0.5", "@SUM(A1)", "relu"], "n": [-1.0, 2.0, 3.0, 4.0, 5.0]}
    )
    written = as_csv(rows)
    assert written.splitlines() == [
        "'=cmd,n", "'=1+1,-1.0", "'+1|cmd,2.0", "-0.5,3.0", "'@SUM(A1),4.0", "relu,5.0",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(from_csv(written.encode()), rows)


def test_a_studys_age_is_told_in_spite_of_links_that_lead_nowhere(tmp_path):
    for name, age in (("old", 100), ("new", 200)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "study.yaml").write_text("name: s")
        (tmp_path / name / ".#notes.md").symlink_to("nowhere")
        os.utime(tmp_path / name / "study.yaml", (age, age))
    (tmp_path / "study.yaml").symlink_to("nowhere")
    assert [folder.path.name for folder in studies_by_age(tmp_path)] == ["old", "new"]


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "is not JSON"), ("[]", "is not what a search writes: all of it"),
     ('{"data": {"num_images": "x"}}', r"data\.num_images")],
)  # fmt: skip
def test_a_foreign_environment_is_told(tmp_path, content, told):
    (tmp_path / "environment.json").write_text(content)
    with pytest.raises(StudyError, match=told):
        _ = StudyFolder(tmp_path).environment


def test_an_environment_without_data_is_told_when_it_is_needed(tmp_path):
    (tmp_path / "environment.json").write_text(json.dumps({"versions": {}}))
    with pytest.raises(StudyError, match="does not say image_shape, num_images, sha256"):
        _ = StudyFolder(tmp_path).data
