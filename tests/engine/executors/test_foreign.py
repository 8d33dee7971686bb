"""Executors by name: what is refused, and those of somebody else's."""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from tests.engine.executors.test_elsewhere import kill_worker
from tuner.engine.executors import (
    EndsWorkers,
    InProcessExecutor,
    WorkerDiedError,
    check_executor,
    foreign,
    make_executor,
    num_processors,
)
from tuner.errors import UsageError

HERE = "tests.engine.executors.test_foreign"


def new_pool(num_workers):
    return ProcessPoolExecutor(num_workers, multiprocessing.get_context("spawn"))


def one_thread():
    return ThreadPoolExecutor(1)


def no_executor():
    return "none"


def test_no_name_is_this_machine_and_no_worker_this_process():
    assert isinstance(make_executor(0), InProcessExecutor)


@pytest.mark.slow
def test_a_broken_executor_is_a_dead_worker_and_another_is_made():
    with make_executor(1, f"{HERE}:new_pool") as executor:
        with pytest.raises(WorkerDiedError, match="its executor broke"):
            executor.submit(kill_worker).result()
        assert executor.submit(os.getpid).result() != os.getpid()
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 1, 0).result()


def test_a_factory_without_arguments_is_called_without_any():
    with make_executor(3, f"{HERE}:one_thread") as executor:
        assert executor._executor._max_workers == 1


def test_a_factory_is_told_the_number_of_workers():
    with make_executor(3, "concurrent.futures:ThreadPoolExecutor") as executor:
        assert executor._executor._max_workers == 3


def test_a_factory_may_lie_in_the_working_directory(tmp_path, monkeypatch):
    source = "from concurrent.futures import ThreadPoolExecutor as mine\n"
    (tmp_path / "executor_of_mine.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with make_executor(1, "executor_of_mine:mine") as executor:
        assert isinstance(executor._executor, ThreadPoolExecutor)


def test_an_entry_point_is_an_executor_by_its_name(monkeypatch):
    added = SimpleNamespace(name="mine", value=f"{HERE}:one_thread")
    monkeypatch.setattr(foreign, "entry_points", lambda group: [added])
    with make_executor(1, "mine") as executor:
        assert executor._executor._max_workers == 1
    with pytest.raises(UsageError, match=r"local, ray, dask, mine; or module:factory"):
        check_executor("nobodys")


def test_the_workers_of_somebody_elses_executor_cannot_be_ended():
    with make_executor(1, f"{HERE}:one_thread") as executor:
        assert not isinstance(executor, EndsWorkers)


@pytest.mark.parametrize(
    ("name", "address", "num_workers", "told"),
    [
        ("rai", None, 2, "there is no 'rai'. Did you mean 'ray'?"),
        ("nowhere:factory", None, 2, "ModuleNotFoundError: No module named 'nowhere'"),
        (f"{HERE}:nothing", None, 2, "AttributeError"),
        (f"{HERE}:HERE", None, 2, "expected a factory, got str"),
        ("local", "auto", 2, "--address goes with --executor ray or dask, got local"),
        ("dask", None, 0, "--workers 0 trains in this process"),
    ],
)
def test_what_cannot_be_had_is_told_in_one_line(name, address, num_workers, told):
    with pytest.raises(UsageError) as error:
        check_executor(name, address, num_workers)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_what_a_factory_makes_has_to_be_an_executor():
    with pytest.raises(UsageError, match=r"expected a concurrent\.futures\.Executor, got str"):
        make_executor(1, f"{HERE}:no_executor")


@pytest.mark.parametrize(("name", "library"), [("ray", "ray"), ("dask", "distributed")])
def test_a_missing_extra_is_told_with_its_command(monkeypatch, name, library):
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"tuner.engine.executors.{name}_cluster", raising=False)
    with pytest.raises(UsageError, match=rf"pip install 'width-depth-tuner\[{name}\]'"):
        make_executor(1, name)


def test_without_a_cluster_there_are_the_processors_of_this_machine():
    assert 1 <= num_processors("ray") == num_processors() <= (os.cpu_count() or 1)
