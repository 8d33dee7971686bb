"""Whatever happens to a search, in whatever order, it ends as one that nothing happened to.

Results, deaths of workers, kills of the search and new beginnings are drawn; the trainings are
stubbed. Only the order of the ledger may differ from an undisturbed study's.
"""

from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.test_loop import Killed
from tuner import ledger
from tuner.engine import loop
from tuner.engine.asking import Asked
from tuner.engine.executors import WorkerDiedError
from tuner.engine.retrying import kept
from tuner.folder import StudyFolder
from tuner.strategies import make_oracle

pytestmark = pytest.mark.slow

#: What happens next: which of the executions under way it happens to, and what.
EVENTS = st.tuples(st.integers(0, 7), st.sampled_from(["ends", "ends", "ends", "dies", "killed"]))


class Pending:
    """An executor whose calls end when, and as, the events say."""

    def __init__(self, events):
        self.events = list(events)
        self.calls = {}

    def submit(self, fn, execution):
        future = Future()
        self.calls[future] = lambda: fn(execution)
        return future

    def next_worker(self):
        """One of three, as the events will have it."""
        return self.events[0][0] % 3 if self.events else 0

    def wait(self, futures, timeout, return_when):
        """Stands for `concurrent.futures.wait`: lets one call end, or the search be killed."""
        number, event = self.events.pop(0) if self.events else (0, "ends")
        waiting = [future for future in self.calls if future in futures]
        future = waiting[number % len(waiting)]
        call = self.calls.pop(future)
        if event == "killed":
            raise Killed
        if event == "dies":
            future.set_exception(WorkerDiedError("its process was ended by signal SIGKILL"))
        else:
            future.set_result(call())
        return {future}, set()


def search(folder, study, design, train, num_slots, events):
    """Begins a search, and begins it anew whenever it is killed; the events that are left go on."""
    while True:
        executor = Pending(events)
        oracle = make_oracle(study, design)
        opened = StudyFolder(folder)
        try:
            # Nothing here outlives the process, so nothing need reach the disk.
            with mock.patch.object(loop, "wait", executor.wait), mock.patch("os.fsync"):
                list(loop.run(opened, Asked(oracle, study, design), executor, num_slots, train))
            return
        except Killed:
            events = executor.events


def rows(folder):
    return ledger.in_design_order(ledger.read(folder))


@pytest.mark.parametrize("strategy", ["grid", "random", "hyperband", "bayesian"])
@given(events=st.lists(EVENTS, max_size=60), num_slots=st.integers(1, 4), added=st.integers(0, 2))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_disturbed_search_ends_as_one_left_in_peace(
    study, design, stub_record, strategy, events, num_slots, added
):
    replicates = {"grid": 2 + added, "random": 2 + added}.get(strategy, 2)
    study = study.model_copy(update={"strategy": strategy, "epochs": 9, "replicates": replicates})
    shorter = study.model_copy(update={"replicates": 2})
    with TemporaryDirectory() as whole, TemporaryDirectory() as disturbed:
        whole, disturbed = Path(whole), Path(disturbed)
        search(whole, study, design, stub_record, 1, [])
        half = len(events) // 2
        search(disturbed, shorter, design, stub_record, num_slots, events[:half])
        search(disturbed, study, design, stub_record, num_slots, events[half:])
        keys = [record.key for record in ledger.read(disturbed)]
        assert len(keys) == len(set(keys))
        if any(record.status == "lost" for record in ledger.read(disturbed)):
            asked = Asked(make_oracle(study, design), study, design)
            ledger.replace(disturbed, kept(ledger.read(disturbed), asked))
            search(disturbed, study, design, stub_record, num_slots, [])
        assert rows(disturbed) == rows(whole)
        left = StudyFolder(disturbed).checkpoints
        assert not list(left.glob("*"))
