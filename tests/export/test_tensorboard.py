"""A study in a real TensorBoard, asked as its own page asks it."""

import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest

from tuner.export import export
from tuner.export.exported import executions_of
from tuner.folder import StudyFolder

pytestmark = pytest.mark.trains
#: TensorBoard as it is where TensorFlow is not installed: it serves within a second.
SERVES = """
import sys, types
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
from tensorboard.main import run_main
run_main()
"""
ALL = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]


@pytest.fixture(scope="module")
def ask(searched, tmp_path_factory):
    """What a TensorBoard of the study answers to a path of its API."""
    logs = tmp_path_factory.mktemp("logs")
    export(StudyFolder(searched), "tensorboard", logs)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVES, "--logdir", logs, "--port", "0", "--load_fast", "false"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = next(m[0] for line in server.stderr if (m := re.search(r"http://\S+:\d+/", line)))

    def answer(path, asked=None, **query):
        url = f"{address}data/plugin/{path}?{urllib.parse.urlencode(query)}"
        body = None if asked is None else json.dumps(asked).encode()
        kind = {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url, body, kind)) as found:
            return json.load(found)

    until = time.monotonic() + 30
    num_expected = len(executions_of(StudyFolder(searched)))
    while len(answer("scalars/tags")) < num_expected and time.monotonic() < until:
        time.sleep(0.2)
    yield answer
    server.terminate()
    server.communicate()


@pytest.fixture(scope="module")
def groups(ask):
    """The session groups by name."""
    asked = {"startIndex": 0, "sliceSize": 100, "allowedStatuses": ALL, "colParams": []}
    found = ask("hparams/session_groups", asked)["sessionGroups"]
    return {group["name"]: group for group in found}


def test_the_factors_that_vary_come_first_with_their_levels(ask):
    experiment = ask("hparams/experiment", {})
    told = {info["name"]: info for info in experiment["hparamInfos"]}
    assert list(told)[:2] == ["head", "units"]
    assert told["units"]["domainDiscrete"] == [16, 64]
    assert {*told["head"]["domainDiscrete"]} == {"well", "unwell"}
    assert told["epochs"]["domainDiscrete"] == [2]
    assert experiment["metricInfos"][0]["name"]["tag"] == "val_accuracy"


def test_an_execution_is_a_session_and_a_cell_their_group(groups, searched):
    executions = executions_of(StudyFolder(searched))
    for execution in executions:
        group = groups[execution.group]
        session = next(one for one in group["sessions"] if one["name"].endswith(execution.key))
        status = "STATUS_SUCCESS" if execution.is_ok else "STATUS_FAILURE"
        assert session["status"] == status
        assert session["endTimeSecs"] - session["startTimeSecs"] == pytest.approx(
            execution.seconds, abs=1e-3
        )
        values = {value["name"]["tag"]: value["value"] for value in session["metricValues"]}
        for name, value in execution.metrics.items():
            assert values[name] == pytest.approx(value, rel=1e-6)
        assert group["hparams"]["units"] == execution.hyperparameters["units"]
        assert group["hparams"]["head"] == execution.hyperparameters["head"]
    assert sum(len(group["sessions"]) for group in groups.values()) == len(executions) == 7
    assert len(groups) == 3


def test_each_epoch_is_a_point(ask, searched):
    execution = next(one for one in executions_of(StudyFolder(searched)) if one.is_ok)
    name = f"{execution.group}/{execution.key}"
    for tag in ("epoch/loss", "epoch/accuracy", "epoch/val_loss", "epoch/val_accuracy"):
        points = ask("scalars/scalars", run=name, tag=tag)
        assert [step for _, step, _ in points] == [1, 2]
        expected = [row[tag] for row in execution.curves.values()]
        assert [value for *_, value in points] == pytest.approx(expected, rel=1e-6)


def test_what_failed_says_why(ask, searched):
    for execution in executions_of(StudyFolder(searched)):
        if not execution.is_ok:
            name = f"{execution.group}/{execution.key}"
            (text,) = ask("text/text", run=name, tag=execution.about["status"])
            assert execution.message.split(";")[0] in text["text"]


def test_exporting_again_adds_only_what_is_new(folder, tmp_path):
    logs = tmp_path / "logs"
    whole = folder.records[:]
    folder.keep_only(whole[:3])
    assert export(folder, "tensorboard", logs)[:2] == (3, 0)
    before = {path: path.read_bytes() for path in logs.glob("cell-*/*/*")}
    folder.keep_only(whole)
    assert export(folder, "tensorboard", logs)[:2] == (4, 3)
    assert all(path.read_bytes() == content for path, content in before.items())
    assert len([*logs.glob("cell-*/*/events*")]) == 7


def test_one_that_was_cut_off_is_written_again(folder, tmp_path, monkeypatch):
    from tuner.export import tensorboard

    written, steps_of = [], tensorboard.steps_of

    def dies(execution, kinds):
        written.append(execution)
        yield from list(steps_of(execution, kinds))[: 2 if len(written) == 3 else None]
        if len(written) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as changed:
        changed.setattr(tensorboard, "steps_of", dies)
        with pytest.raises(KeyboardInterrupt):
            export(folder, "tensorboard", tmp_path)
    assert export(folder, "tensorboard", tmp_path)[:2] == (5, 2)


def test_it_needs_no_tensorflow(searched, tmp_path):
    script = (
        "import sys; from pathlib import Path; from tuner.export import export; "
        "from tuner.folder import StudyFolder; "
        f"export(StudyFolder(Path({str(searched)!r})), 'tensorboard', Path({str(tmp_path)!r})); "
        "assert not {'tensorflow', 'keras'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
