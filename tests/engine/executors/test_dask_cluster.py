"""The executor of Dask, with real worker processes."""

import os
from concurrent.futures import CancelledError, wait

import pytest
from distributed import Client

from tests.engine.executors.test_local import eventually, kill_self, pid_after
from tests.engine.executors.test_ray_cluster import count_and_die, touch_and_hang
from tuner.engine.executors import WorkerDiedError, dask_cluster, make_executor, num_processors
from tuner.errors import StudyError
from tuner.running import default_workers

pytestmark = [pytest.mark.elsewhere, pytest.mark.slow]


@pytest.fixture(scope="module")
def executor():
    """Two workers of this machine."""
    with make_executor(2, "dask") as found:
        yield found


@pytest.fixture(scope="module")
def address(executor):
    """Where others find their cluster."""
    return executor._client.scheduler.address


def test_calls_run_in_other_processes_at_the_same_time(executor, address):
    assert [default_workers(most, "dask", address) for most in (1, 100)] == [1, 2]
    pids = {future.result() for future in [executor.submit(pid_after, 1.0) for _ in range(2)]}
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_what_a_call_raises_is_what_it_has_raised(executor):
    with pytest.raises(ZeroDivisionError):
        executor.submit(divmod, 1, 0).result()


def test_a_killed_worker_fails_its_own_call_once_and_is_replaced(executor, address, tmp_path):
    healthy = executor.submit(pid_after, 1.0)
    doomed = executor.submit(count_and_die, tmp_path / "tries")
    with pytest.raises(WorkerDiedError, match=r"its worker tcp://.* ended"):
        doomed.result()
    assert (tmp_path / "tries").read_text() == "x", "Dask has tried it again itself"
    assert healthy.result() > 0
    assert eventually(lambda: num_processors("dask", address) == 2, 30)


def test_a_worker_can_be_ended_in_the_middle_of_its_call(executor, tmp_path):
    hung = executor.submit(touch_and_hang, tmp_path / "begun")
    assert eventually((tmp_path / "begun").exists)
    executor.end(hung)
    with pytest.raises(WorkerDiedError):
        hung.result(timeout=10)


def test_what_others_run_on_a_cluster_is_still_tried_again_by_dask(executor, address, tmp_path):
    with Client(address) as client:
        assert client.submit(die_once, tmp_path / "tried").result() == "the second time"


def test_a_cluster_that_was_joined_is_left_as_it_is_but_for_what_is_under_way(
    executor, address, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    joined = make_executor(2, "dask", address)
    assert joined.submit(os.getcwd).result() == str(tmp_path)
    hung = joined.submit(touch_and_hang, "begun")
    assert eventually((tmp_path / "begun").exists)
    joined.shutdown(cancel_futures=True)
    wait([hung], timeout=10)
    assert isinstance(hung.exception(timeout=0), WorkerDiedError)
    assert executor.submit(pid_after, 0.0).result() > 0


def test_a_scheduler_that_is_gone_loses_no_execution():
    error = dask_cluster.as_ours(CancelledError())
    assert isinstance(error, StudyError), "a dead worker would be tried again, and then be lost"


def test_a_cluster_that_is_not_there_is_told_in_one_line():
    with pytest.raises(StudyError, match=r"^Dask cannot be found at nowhere\b[^\n]*$"):
        num_processors("dask", "nowhere://")


def die_once(tried):
    if tried.exists():
        return "the second time"
    tried.touch()
    return kill_self()
