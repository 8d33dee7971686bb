"""Callbacks are told what is trained, once it is on disk; nothing that they do reaches a result."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from unittest import mock

import pytest

from tests.stubbed import ABOUT, plan_of, search
from tuner import checkpoints, claiming, ledger, running
from tuner.callbacks import Callbacks, check_callbacks, load_callback
from tuner.engine import loop
from tuner.engine.asking import Asked
from tuner.errors import UsageError
from tuner.folder import StudyFolder
from tuner.strategies import make_oracle

ROWS = [{"epoch": number, "loss": 1 / number, "val_accuracy": None} for number in (1, 2, 3)]


class Told:
    """Keeps what it was told, in order."""

    def __init__(self):
        self.all = []

    def started(self, execution):
        self.all.append(("started", execution.key))

    def epoch(self, execution, row):
        self.all.append(("epoch", execution.key, row["epoch"]))

    def ended(self, record):
        self.all.append(("ended", record.key))


def trained(output, study, design, train, callbacks, warn=pytest.fail):
    """Runs a study to its end with callbacks; returns its folder."""
    plan, path = plan_of(study, design), output / study.folder_name
    with (
        mock.patch.object(claiming, "environment", return_value=ABOUT),
        mock.patch.object(running, "execute", train),
        running.claimed(plan, path) as folder,
    ):
        list(running.run(plan, folder, 0, callbacks=callbacks, warn=warn))
    return StudyFolder(path)


@pytest.fixture
def stub(stub_record):
    """A training of three epochs that takes no time."""
    return lambda execution: stub_record(execution, history=ROWS)


def test_each_execution_is_told_from_its_start_over_each_epoch_to_its_end(
    tmp_path, study, design, stub
):
    told = Told()
    folder = trained(tmp_path, study, design, stub, [told])
    expected = [
        part
        for key in (record.key for record in folder.records)
        for part in [
            ("started", key),
            *(("epoch", key, number) for number in (1, 2, 3)),
            ("ended", key),
        ]
    ]
    assert told.all == expected
    assert len(folder.records) == 18


def test_a_record_is_on_disk_before_its_end_is_told(tmp_path, study, design, stub):
    class Reads:
        def ended(self, record):
            assert ledger.read(tmp_path / study.folder_name)[-1] == record

    trained(tmp_path, study, design, stub, [Reads()])


def test_what_a_callback_raises_is_told_once_and_ends_nothing(tmp_path, study, design, stub):
    class Fails:
        def ended(self, record):
            raise SystemExit("no such server")

    told, said = Told(), []
    folder = trained(tmp_path, study, design, stub, [Fails(), told], said.append)
    assert len(folder.records) == 18
    assert len(told.all) == 18 * 5, "those behind it are told nevertheless"
    assert len(said) == 1
    assert "the callback Fails.ended failed" in said[0]
    assert "SystemExit: no such server" in said[0]


def test_ctrl_c_in_a_callback_ends_the_search_and_loses_nothing(tmp_path, study, design, stub):
    class Interrupts:
        def ended(self, record):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, study, design, stub, [Interrupts()])
    assert len(ledger.read(tmp_path / study.folder_name)) == 1
    whole = search(tmp_path / "whole", study, design, stub).records
    assert search(tmp_path, study, design, stub).records == whole


def test_what_a_callback_changes_changes_no_result(tmp_path, study, design, stub):
    class Meddles:
        def started(self, execution):
            execution.values["conv_blocks"] = 99
            execution.study.factors.clear()

        def epoch(self, execution, row):
            row["loss"] = -1.0

        def ended(self, record):
            record.metrics["val_accuracy"] = 1.0
            record.history.clear()

    meddled = trained(tmp_path / "meddled", study, design, stub, [Meddles()])
    left_alone = search(tmp_path / "alone", study, design, stub)
    for name in ("ledger_file", "study_file", *meddled.table_files):
        one, other = (
            folder.table_files[name] if name in folder.table_files else getattr(folder, name)
            for folder in (meddled, left_alone)
        )
        assert one.read_bytes() == other.read_bytes()


def test_epochs_are_told_while_workers_train(tmp_path, study, design, stub_record, monkeypatch):
    monkeypatch.setattr(loop, "LOOK_EVERY", 0.01)
    is_told = threading.Event()

    class Waited(Told):
        def epoch(self, execution, row):
            super().epoch(execution, row)
            is_told.set()

    def train(execution):
        for row in ROWS[:-1]:  # as a worker does, which leaves the last to its record
            checkpoints.tell_epoch(execution.under_way, execution.key, row)
        assert is_told.wait(10), "told before the execution has ended"
        checkpoints.tell_epoch(execution.under_way, execution.key, ROWS[0])  # begun anew elsewhere
        return stub_record(execution, history=ROWS)

    told, folder = Waited(), StudyFolder(tmp_path)
    callbacks = Callbacks([told], folder.under_way)
    asked = Asked(make_oracle(study, design), study, design)
    with ThreadPoolExecutor(1) as executor:
        records = loop.run(
            folder, asked, executor, 1, train, callbacks.started, look=callbacks.look
        )
        for record in records:
            callbacks.ended(record)
    for key in (record.key for record in folder.records):
        of_it = [part[2] for part in told.all if part[:2] == ("epoch", key)]
        assert of_it == [1, 2, 3], "each once, in order"


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (Told(), r"expected a list, got Told"),
        ("mine", r"expected a list, got str"),
        ([Told], r"got the class Told itself: expected Told\(\)"),
        ([SimpleNamespace(end=print)], r"got SimpleNamespace with end\. Did you mean 'ended'\?"),
        ([object()], r"expected objects with started\(execution\), .*, got object"),
    ],
)
def test_what_cannot_be_told_anything_is_refused(callbacks, message):
    with pytest.raises(UsageError, match=message):
        check_callbacks(callbacks)


def test_a_callback_is_named_by_its_module_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "told_of_it.py").write_text(
        "class Mine:\n    def ended(self, record): ...\n\nready = Mine()\n"
    )
    assert type(load_callback("told_of_it:Mine")).__name__ == "Mine"
    assert load_callback("told_of_it:ready") is load_callback("told_of_it:ready")
    for name, message in [
        ("told_of_it", "expected module:name, got 'told_of_it'"),
        ("told_of_it:Min", "has no attribute 'Min'"),
        ("told_of_them:Mine", "No module named 'told_of_them'"),
    ]:
        with pytest.raises(UsageError, match=message):
            load_callback(name)
