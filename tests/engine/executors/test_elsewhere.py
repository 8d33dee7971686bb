"""Calls in processes of others, which look there for what the process that asks would find."""

import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.engine.executors.test_local import kill_self
from tuner.engine.executors import WorkerDiedError
from tuner.engine.executors.elsewhere import Home, call_at, call_elsewhere


def home(**changes):
    return Home(**{"folder": os.getcwd(), "import_path": (), "data_folder": None, **changes})


def test_a_call_sees_the_folder_of_the_process_that_asks_and_leaves_its_own(tmp_path):
    before = os.getcwd()
    assert call_at(home(folder=str(tmp_path)), os.getcwd) == str(tmp_path)
    assert os.getcwd() == before


def test_where_that_folder_is_not_a_call_stays_where_it_is(tmp_path):
    assert call_at(home(folder=str(tmp_path / "nowhere")), os.getcwd) == os.getcwd()


def test_modules_are_found_behind_those_of_the_worker(monkeypatch):
    monkeypatch.setattr(sys, "path", ["/worker", "/both"])
    call_at(home(import_path=("/asks", "/both")), len, ())
    assert sys.path == ["/worker", "/both", "/asks"]


def test_the_folder_of_datasets_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("TUNER_DATA_DIR", str(tmp_path))
    asking = Home.of_this_process()
    monkeypatch.setenv("TUNER_DATA_DIR", "/elsewhere")
    assert call_at(asking, os.getenv, "TUNER_DATA_DIR") == str(tmp_path)


@pytest.mark.slow
def test_each_thread_of_a_worker_has_a_child_whose_random_numbers_nobody_else_draws():
    def others_draw():
        while not ended.wait(0.001):
            random.random()

    ended = threading.Event()
    drawing = threading.Thread(target=others_draw)
    drawing.start()
    try:
        with ThreadPoolExecutor(2) as threads:
            calls = [threads.submit(call_elsewhere, home(), drawn_after, 0.5) for _ in range(2)]
    finally:
        ended.set()
        drawing.join()
    found = [call.result() for call in calls]
    assert [number for _, number in found] == [random.Random(1).random()] * 2
    assert len({os.getpid(), *(pid for pid, _ in found)}) == 3


@pytest.mark.slow
def test_a_child_that_dies_is_a_dead_worker_and_another_takes_its_place():
    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(WorkerDiedError, match="signal SIGKILL"):
            threads.submit(call_elsewhere, home(), kill_self).result()
        assert threads.submit(call_elsewhere, home(), os.getpid).result() != os.getpid()


def kill_worker():
    """Kills the worker whose child this process is."""
    os.kill(multiprocessing.parent_process().pid, signal.SIGKILL)
    time.sleep(120)


def drawn_after(seconds):
    random.seed(1)
    time.sleep(seconds)
    return os.getpid(), random.random()
