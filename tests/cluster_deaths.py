"""Searches on a cluster whose nodes are killed: each must end as one that was left alone.

    python -m tests.cluster_deaths ray 20
    python -m tests.cluster_deaths dask 20

The second argument is how many are killed. After each another takes its place, and the next is
killed once an execution has ended; a study has some of the kills, and then another is begun.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tests.cli.commanding import begun, executions

ASKED = ["search", "--dataset", "digits", "--epochs", "20", "--name", "killed", "--quiet"]
NUM_NODES = 2


class Nodes(NamedTuple):
    """A cluster: where it is, and what starts and kills a node of it."""

    address: str
    start: Callable[[], object]
    kill: Callable[[object], None]


@contextmanager
def of_ray() -> Iterator[Nodes]:
    """A head without processors, and nodes of one."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    yield Nodes(
        cluster.address,
        lambda: cluster.add_node(num_cpus=1),
        lambda node: cluster.remove_node(node, allow_graceful=False),
    )
    cluster.shutdown()


@contextmanager
def of_dask() -> Iterator[Nodes]:
    """A scheduler, and workers without anybody who starts them anew."""
    folder = Path(tempfile.mkdtemp())
    where = folder / "scheduler.json"
    dask = Path(sys.executable).with_name("dask")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    scheduler = subprocess.Popen(
        [dask, "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", where], **quiet
    )
    while not where.exists():
        time.sleep(0.1)
    worker = [dask, "worker", "--scheduler-file", where, "--nthreads", "1", "--no-nanny"]
    address = pd.read_json(where, typ="series")["address"]
    yield Nodes(address, lambda: subprocess.Popen(worker, **quiet), subprocess.Popen.kill)
    scheduler.kill()


def main() -> None:
    """Compares each study with one that was left alone.

    Raises:
        AssertionError: if their rows differ.
    """
    name, wanted = sys.argv[1], int(sys.argv[2])
    rng, kills = random.Random(0), 0
    root = Path(tempfile.mkdtemp())
    whole = ended(root, [*ASKED, "--workers", "2"])
    num_studies = 0
    with {"ray": of_ray, "dask": of_dask}[name]() as nodes:
        up = [nodes.start() for _ in range(NUM_NODES)]
        while kills < wanted:
            num_studies += 1
            folder = root / str(num_studies)
            folder.mkdir()
            where = ["--executor", name, "--address", nodes.address]
            process = begun(*ASKED, *where, cwd=folder, stderr=subprocess.DEVNULL)
            while kills < wanted and an_execution_ended(process, folder):
                nodes.kill(up.pop(rng.randrange(len(up))))
                up.append(nodes.start())
                kills += 1
                print(f"kill {kills}", flush=True)
            process.wait()
            pd.testing.assert_frame_equal(ended(folder, [*ASKED, "--workers", "2"]), whole)
            print(f"{kills} kills; study {num_studies}: {len(whole)} equal rows", flush=True)
        for node in up:
            nodes.kill(node)


def ended(folder: Path, command: list[str]) -> pd.DataFrame:
    """The executions of a folder's study, in the design's order, once it has been gone on with."""
    again = begun(*command, "--retry-failed", cwd=folder, stdout=subprocess.DEVNULL)
    assert again.wait() == 0
    found = executions(folder / "results" / "killed")
    return found.sort_values(["replicate", "cell"], ignore_index=True)


def an_execution_ended(process: subprocess.Popen[bytes], folder: Path) -> bool:
    """Waits until one more line stands in the ledger; False where the search has ended instead."""
    ledger = folder / "results" / "killed" / "ledger.jsonl"
    size = ledger.stat().st_size if ledger.exists() else 0
    while process.poll() is None:
        if ledger.exists() and ledger.stat().st_size > size:
            return True
        time.sleep(0.05)
    return False


if __name__ == "__main__":
    main()
