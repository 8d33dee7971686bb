"""The executors, with real processes."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import wait

import pytest

from tuner.engine.executors import (
    InProcessExecutor,
    ProcessExecutor,
    WorkerDiedError,
    local,
    make_executor,
)

pytestmark = pytest.mark.slow


def test_in_process_runs_at_once_in_this_process():
    assert InProcessExecutor().submit(os.getpid).result(timeout=0) == os.getpid()


def test_in_process_hands_an_exception_to_the_future():
    with pytest.raises(ZeroDivisionError):
        InProcessExecutor().submit(divmod, 1, 0).result()


def test_workers_are_other_processes_and_run_at_the_same_time():
    with make_executor(2) as executor:
        pids = {future.result() for future in [executor.submit(pid_after, 1.0) for _ in range(2)]}
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_a_killed_worker_fails_its_own_call_and_is_replaced():
    with ProcessExecutor(2) as executor:
        doomed = executor.submit(kill_self)
        healthy = executor.submit(pid_after, 1.0)
        wait([doomed])
        with pytest.raises(WorkerDiedError, match="signal SIGKILL"):
            doomed.result()
        assert healthy.result() > 0
        assert executor.submit(pid_after, 0.0).result() > 0
        assert executor.submit(pid_after, 0.0).result() > 0


def test_a_worker_that_died_while_it_was_idle_is_replaced():
    with ProcessExecutor(2) as executor:
        worker = executor.submit(os.getpid).result()
        os.kill(worker, signal.SIGKILL)
        # Its parent is told by the process that forked it: what is sent to it until then is lost.
        assert eventually(lambda: worker not in [child.pid for child in alive(executor)])
        pids = [future.result() for future in [executor.submit(pid_after, 0.2) for _ in range(4)]]
    assert worker not in pids


def test_a_worker_can_be_ended_in_the_middle_of_its_call():
    with ProcessExecutor(1) as executor:
        hung = executor.submit(pid_after, 60.0)
        time.sleep(1.0)
        executor.end(hung)
        with pytest.raises(WorkerDiedError):
            hung.result(timeout=10)
        assert executor.submit(pid_after, 0.0).result() > 0


def test_an_exit_code_of_a_worker_is_told():
    with ProcessExecutor(1) as executor, pytest.raises(WorkerDiedError, match="exit code 3"):
        executor.submit(os._exit, 3).result()


def test_an_interrupt_reaches_no_worker_while_it_starts():
    with ProcessExecutor(1) as executor:
        starting = executor.submit(pid_after, 0.0)
        for worker in local.workers_of(executor._pools[0]):
            os.kill(worker.pid, signal.SIGINT)
        assert starting.result() > 0


def test_a_worker_whose_memory_has_grown_is_replaced(monkeypatch):
    monkeypatch.setattr(local, "MOST_GROWTH", 100.0)
    with ProcessExecutor(1) as executor:
        pids = [executor.submit(hold, megabytes).result() for megabytes in (0, 50, 150, 0, 0)]
    assert pids[0] == pids[1] == pids[2] != pids[3] == pids[4]


def test_the_next_worker_is_the_one_that_the_next_call_goes_to():
    with ProcessExecutor(3) as executor:
        pids = {}
        for seconds in (0.5, 0.1, 0.3, 0.1, 0.1, 0.1):
            number = executor.next_worker()
            pids.setdefault(number, []).append(executor.submit(pid_after, seconds))
        found = [{call.result() for call in calls} for calls in pids.values()]
    assert len(found) == 3
    assert all(len(pids) == 1 for pids in found)


def test_a_worker_has_one_call_at_a_time():
    """A process that is given several may deadlock when it is replaced (gh-115634)."""
    with ProcessExecutor(1) as executor:
        first = executor.submit(pid_after, 1.0)
        executor.submit(pid_after, 0.0)  # waits until the worker is idle
        assert first.done()


def test_a_worker_finds_the_variables_and_imports_of_now(monkeypatch):
    monkeypatch.setenv("TUNER_TEST_OF_WORKERS", "first")
    with ProcessExecutor(1) as executor:
        assert executor.submit(os.getenv, "TUNER_TEST_OF_WORKERS").result() == "first"
    monkeypatch.setenv("TUNER_TEST_OF_WORKERS", "second")
    monkeypatch.delenv("PATH")
    with ProcessExecutor(1) as executor:
        assert executor.submit(os.getenv, "TUNER_TEST_OF_WORKERS").result() == "second"
        assert executor.submit(os.getenv, "PATH").result() is None


def test_a_worker_starts_with_what_trains_already_imported_where_it_is_forked():
    with ProcessExecutor(1) as executor:
        is_imported = executor.submit(has_imported, "tensorflow").result()
    assert is_imported == (local.start_workers().get_start_method() == "forkserver")


def test_workers_end_when_their_parent_is_killed(tmp_path):
    found = tmp_path / "pids"
    code = (
        "import tests.engine.executors.test_local as t, tuner.engine.executors.local as e\n"
        "if __name__ == '__main__':\n"
        "    executor = e.ProcessExecutor(1)\n"
        f"    executor.submit(t.write_pid_and_sleep, {str(found)!r})\n"
        "    import time; time.sleep(120)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": "."})
    assert eventually(lambda: found.exists() and found.read_text())
    worker = int(found.read_text())
    parent.kill()
    parent.wait()
    assert eventually(lambda: not is_alive(worker))


def test_a_worker_leaves_interrupts_to_its_parent():
    with ProcessExecutor(1) as executor:
        worker = executor.submit(pid_after, 0.0).result()
        future = executor.submit(pid_after, 1.0)
        time.sleep(0.3)
        os.kill(worker, signal.SIGINT)
        os.kill(worker, signal.SIGTERM)
        assert future.result() == worker


def alive(executor):
    """The workers of an executor that are not known to have ended."""
    workers = [worker for pool in executor._pools for worker in local.workers_of(pool)]
    return [worker for worker in workers if worker.is_alive()]


def pid_after(seconds):
    time.sleep(seconds)
    return os.getpid()


def kill_self():
    os.kill(os.getpid(), signal.SIGKILL)


def write_pid_and_sleep(path):
    with open(path, "w") as file:
        file.write(str(os.getpid()))
    time.sleep(120)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def has_imported(name):
    return name in sys.modules


held = []


def hold(megabytes):
    held.append(b"x" * megabytes * 2**20)
    return os.getpid()
