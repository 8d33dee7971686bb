"""A dataset in one copy for all workers, with real worker processes."""

import multiprocessing
import os
import signal
from functools import partial

import numpy as np
import pytest

from tuner.engine.executors import ProcessExecutor, WorkerDiedError
from tuner.training.datasets import load_dataset
from tuner.training.shared import share

pytestmark = pytest.mark.slow


@pytest.fixture
def images(tmp_path):
    """A dataset in a file, which is gone once it has been loaded here."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (60, 5, 5, 3), np.uint8), np.arange(60) % 3
    np.savez(tmp_path / "some.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    found = load_dataset(str(tmp_path / "some.npz"))
    (tmp_path / "some.npz").unlink()
    return found


@pytest.mark.parametrize("way", ["spawn", "forkserver"])  # as here, and where there is a GPU
def test_workers_have_the_images_that_were_planned_with(images, way):
    start = partial(multiprocessing.get_context, way)
    with ProcessExecutor(2, start, shared=share(images)) as executor:
        calls = [executor.submit(load_dataset, images.name) for _ in range(4)]
        for there in [call.result() for call in calls]:
            assert np.array_equal(there.images, images.images)
            assert np.array_equal(there.labels, images.labels)
            assert there.sha256 == images.sha256


def test_the_worker_that_follows_a_dead_one_has_them_too(images):
    with ProcessExecutor(1, shared=share(images)) as executor:
        with pytest.raises(WorkerDiedError):
            executor.submit(os.kill, executor.submit(os.getpid).result(), signal.SIGKILL).result()
        assert executor.submit(load_dataset, images.name).result().sha256 == images.sha256


def test_workers_cannot_change_them(images):
    with ProcessExecutor(1, shared=share(images)) as executor:
        assert not executor.submit(is_writable, images.name).result()


def test_a_full_memory_is_no_reason_to_fail(images, monkeypatch):
    def refuse(name):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    assert share(images) is None


def is_writable(name: str) -> bool:
    """Whether a dataset's images can be written to."""
    return bool(load_dataset(name).images.flags.writeable)
