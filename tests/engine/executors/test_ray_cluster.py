"""The executor of Ray, with a real cluster of several nodes on this machine."""

import os
import signal
import threading
import time
from concurrent.futures import wait
from pathlib import Path

import pytest
import ray
from ray.cluster_utils import Cluster

from tests.engine.executors.test_elsewhere import kill_worker
from tests.engine.executors.test_local import eventually, kill_self
from tuner.engine.executors import WorkerDiedError, make_executor, num_processors, ray_cluster
from tuner.errors import StudyError

pytestmark = [pytest.mark.elsewhere, pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster():
    """Two nodes of one processor each."""
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    found.add_node(num_cpus=1)
    yield found
    found.shutdown()


@pytest.fixture(scope="module")
def executor(cluster):
    """The executor that this process has joined the cluster with."""
    before = signal.signal(signal.SIGTERM, hear)
    with make_executor(2, "ray", cluster.address) as found:
        yield found
    assert not ray.is_initialized()
    signal.signal(signal.SIGTERM, before)


def hear(number, frame):
    """What this process does about signals."""


def test_a_cluster_that_is_not_there_is_told_in_one_line():
    with pytest.raises(StudyError, match=r"^Ray cannot be found at nowhere\b[^\n]*$"):
        num_processors("ray", "nowhere")


def test_sigterm_is_left_to_whoever_hears_it(executor):
    assert signal.getsignal(signal.SIGTERM) is hear


def test_calls_run_on_all_nodes_at_the_same_time(cluster, executor):
    assert num_processors("ray", cluster.address) == 2
    calls = [executor.submit(node_after, 1.0) for _ in range(2)]
    assert {call.result() for call in calls} == raylets_of(cluster)


def test_what_a_call_raises_is_what_it_has_raised(executor):
    with pytest.raises(ZeroDivisionError) as error:
        executor.submit(divmod, 1, 0).result()
    assert type(error.value) is ZeroDivisionError


def test_a_killed_worker_fails_its_own_call_once_and_is_replaced(executor, tmp_path):
    healthy = executor.submit(node_after, 1.0)
    doomed = executor.submit(count_and_die, tmp_path / "tries")
    with pytest.raises(WorkerDiedError, match="WorkerCrashedError"):
        doomed.result()
    assert (tmp_path / "tries").read_text() == "x", "Ray has tried it again itself"
    assert healthy.result()
    assert executor.submit(node_after, 0.0).result()


def test_a_killed_child_of_a_worker_is_a_dead_worker(executor):
    with pytest.raises(WorkerDiedError, match="signal SIGKILL"):
        executor.submit(kill_self).result()
    assert executor.submit(node_after, 0.0).result()


def test_a_worker_can_be_ended_in_the_middle_of_its_call(executor, tmp_path):
    hung = executor.submit(touch_and_hang, tmp_path / "begun")
    assert eventually((tmp_path / "begun").exists)
    executor.end(hung)
    with pytest.raises(WorkerDiedError):
        hung.result(timeout=10)


def test_a_worker_is_replaced_after_so_many_calls(executor, monkeypatch):
    monkeypatch.setattr(ray_cluster, "CALLS_A_WORKER", 1)
    with make_executor(2, "ray") as other:
        pids = [other.submit(os.getpid).result() for _ in range(3)]
    assert len(set(pids)) == 3


def test_a_call_sees_the_folder_of_the_process_that_asks(executor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with make_executor(2, "ray") as other:
        assert other.submit(os.getcwd).result() == str(tmp_path)


def test_a_shutdown_that_cancels_ends_what_is_under_way_in_a_ray_that_is_left(executor, tmp_path):
    other = make_executor(2, "ray")
    hung = other.submit(touch_and_hang, tmp_path / "begun")
    assert eventually((tmp_path / "begun").exists)
    other.shutdown(cancel_futures=True)
    assert isinstance(hung.exception(timeout=0), WorkerDiedError)
    assert executor.submit(abs, -1).result() == 1


def test_a_node_that_dies_fails_its_own_call_and_the_other_node_goes_on(
    cluster, executor, tmp_path
):
    calls = [executor.submit(node_after, 5.0, begun=tmp_path) for _ in range(2)]
    assert eventually(lambda: len([*tmp_path.iterdir()]) == 2)
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
    wait(calls)
    (left,) = raylets_of(cluster)
    ended = [call.exception() or call.result() for call in calls]
    assert [type(how) for how in ended if how != left] == [WorkerDiedError]
    assert executor.submit(node_after, 0.0).result() == left


def raylets_of(cluster):
    processes = [node.all_processes["raylet"] for node in cluster.list_all_nodes()]
    return {raylet.process.pid for (raylet,) in processes}


def node_after(seconds, begun=None):
    node = os.environ["RAY_RAYLET_PID"]
    if begun:
        (begun / node).touch()
    time.sleep(seconds)
    return int(node)


def count_and_die(tries):
    with Path(tries).open("a") as file:
        file.write("x")
    kill_worker()


def touch_and_hang(begun):
    Path(begun).touch()
    threading.Event().wait(120)
