"""Which GPUs there are, and which worker has which; the devices are files that are called so."""

import os

import pytest

from tuner import running
from tuner.engine.executors import ProcessExecutor, WorkerDiedError
from tuner.engine.executors.gpus import pinned, visible_gpus
from tuner.errors import UsageError


@pytest.fixture
def devices(tmp_path):
    """Those of a machine with two GPUs."""
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "gpus"),
    [
        ({}, ["0", "1"]),
        ({"CUDA_VISIBLE_DEVICES": "1"}, ["1"]),
        ({"CUDA_VISIBLE_DEVICES": "GPU-8932f937, 0"}, ["GPU-8932f937", "0"]),
        ({"CUDA_VISIBLE_DEVICES": "0,-1,1"}, ["0"]),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, []),
        ({"CUDA_VISIBLE_DEVICES": ""}, []),
    ],
)
def test_the_gpus_are_those_that_cuda_would_see(devices, environment, gpus):
    assert visible_gpus(environment, devices) == gpus


def test_a_machine_without_gpus_has_none_whatever_is_said(tmp_path):
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": "0,1"}, tmp_path) == []
    assert pinned([]) == [{}]


@pytest.mark.slow
def test_each_worker_has_a_gpu_and_keeps_it_when_it_is_replaced():
    with ProcessExecutor(3, environments=pinned(["GPU-a", "GPU-b"])) as executor:
        first = [executor.submit(variables).result() for _ in range(3)]
        with pytest.raises(WorkerDiedError, match="exit code 1"):
            executor.submit(os._exit, 1).result()
        again = [executor.submit(variables).result() for _ in range(3)]
    for found in (first, again):
        assert sorted(gpu for gpu, _ in found) == ["GPU-a", "GPU-a", "GPU-b"]
        assert {growth for _, growth in found} == {"true"}


def variables():
    """What a worker is told of its GPU."""
    return os.environ["CUDA_VISIBLE_DEVICES"], os.environ["TF_FORCE_GPU_ALLOW_GROWTH"]


def test_there_are_as_many_workers_as_are_wanted_for_the_gpus_of_this_machine(monkeypatch):
    monkeypatch.setattr(running, "gpus", lambda: ["GPU:0", "GPU:1"])
    assert [running.default_workers(most, workers_per_gpu=3) for most in (4, 100)] == [4, 6]
    assert running.default_workers(100) == 2
    monkeypatch.setattr(running, "gpus", list)
    with pytest.raises(UsageError, match="expected a GPU that TensorFlow sees, found none"):
        running.default_workers(100, workers_per_gpu=3)
