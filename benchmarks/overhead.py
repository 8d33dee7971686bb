"""What an execution costs beyond its training, once its configuration was trained before.

    python benchmarks/overhead.py                       on the digits, about two minutes
    python benchmarks/overhead.py --dataset cifar10     on 40,000 idle images, about ten

Three networks are searched in several replicates, in this process, with their ledger on disk. From
one record to the next passes an execution: build, splitting and scaling, epochs, scoring, ledger,
oracle. Counted as training are its epochs and its passes over the images that are scored, by a
clock around them. Printed is the rest: the median and the largest of the executions that follow the
first of their configuration, and the first. What is asked for is less than 0.3 s.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from measuring import Figure, conclude, middle, read_options, rounded

from tuner import running
from tuner.engine.executors import ProcessExecutor
from tuner.planning import make_plan
from tuner.study import Study
from tuner.training import execute

MOST = 0.3  # seconds
NETWORKS: tuple[dict[str, Any], ...] = (
    {"conv_blocks": 1, "filter_multiplier": 0.5, "dense_depth": 0},
    {"conv_blocks": 3, "filter_multiplier": 1.0, "dense_depth": 0},
    {"conv_blocks": 3, "filter_multiplier": 2.0, "dense_depth": 2},
)


def main() -> None:
    """Searches, and prints what was no training."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--train-size", type=int, default=1000)
    parser.add_argument("--validation-size", type=int, default=400)
    options = read_options(parser)
    study = Study(
        cells=NETWORKS, dataset=options.dataset, replicates=options.replicates,
        epochs=options.epochs, train_size=options.train_size,
        validation_size=options.validation_size,
    )  # fmt: skip
    with ProcessExecutor(1) as worker:  # where a search trains
        rows = worker.submit(all_executions, study).result()
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))
    conclude(options, figures_of(rows, options.dataset), {"executions": rows})


def all_executions(study: Study) -> list[dict[str, Any]]:
    """What `executions` tells, at once."""
    return list(executions(study))


def executions(study: Study) -> Iterator[dict[str, Any]]:
    """The cell, replicate, seconds, seconds of training and what is left, of each execution."""
    plan = make_plan(study)
    with (
        tempfile.TemporaryDirectory() as output,
        clocked() as clock,
        running.claimed(plan, Path(output) / "study") as folder,
    ):
        begun = time.perf_counter()
        for record in running.run(plan, folder, num_workers=0):
            now = time.perf_counter()
            seconds, training = now - begun, sum(clock)
            clock.clear()
            yield {
                "cell": record.cell,
                "replicate": record.replicate,
                "seconds": rounded(seconds),
                "training": rounded(training),
                "beyond": rounded(seconds - training),
            }
            begun = time.perf_counter()


@contextmanager
def clocked() -> Iterator[list[float]]:
    """A list that gets the seconds of each epoch, and of each pass over images, within."""
    seconds: list[float] = []
    traced = execute.traced

    def clock(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any) -> Any:
            start = time.perf_counter()
            result = call(*args)
            seconds.append(time.perf_counter() - start)
            return result

        return called

    def traced_with_clock(*args: Any) -> Any:
        network = traced(*args)
        return replace(network, train=clock(network.train), evaluate=clock(network.evaluate))

    with mock.patch.object(execute, "traced", traced_with_clock):
        yield seconds


def figures_of(rows: list[dict[str, Any]], dataset: str) -> list[Figure]:
    """By network, what an execution after the first costs beyond its training."""
    figures = []
    for cell, network in enumerate(NETWORKS):
        beyond = [row["beyond"] for row in rows if row["cell"] == cell]
        first, *later = beyond
        name = ", ".join(f"{name} {level}" for name, level in network.items())
        figures.append(
            Figure(
                f"an execution beyond its training, on {Path(dataset).stem}: {name}",
                middle(later),
                "s",
                bar=f"at most {MOST} asked; largest {max(later):.2f}, the first {first:.2f}",
                in_table=cell == len(NETWORKS) - 1,
            )
        )
    return figures


if __name__ == "__main__":
    main()
