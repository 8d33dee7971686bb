"""How many executions the driver of a search can keep busy: executions that sleep, on 100 slots.

    python benchmarks/occupancy.py                     about eight minutes
    python benchmarks/occupancy.py --executions 1000 --strategies grid

A search as `tuner search` runs it (plan, oracle, engine, progress, ledger synced to disk) has
threads for workers, in which an execution sleeps and gives a record with a history, where Hyperband
asks for it with a state. Measured is for how long the driver is busy between its waits, as the
ledger grows. Cost an execution a + b n, fitted to the shortest sleep, tells where the driver is the
limit and, by a model of one driver that serves so many slots one after the other, how well 10,000
executions of 30 s fill the slots; what the model predicts for each sleep stands in the JSON beside
what it took. Over 90% is asked for. The sleep of an execution is the same whatever its epochs, and
slots that wait because a rung of Hyperband has not ended are no cost of the driver's.

The ledger lies in `--folder`, by default where temporary files do: it must be on a disk, not in
memory, to tell something. A sync of that disk is timed beside.
"""

import argparse
import heapq
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from measuring import Figure, conclude, middle, read_options, rounded, timed

from tuner import running
from tuner.cli.progress import Progress, line
from tuner.engine import loop
from tuner.execution import Execution, Outcome, record_of
from tuner.planning import Plan, make_plan
from tuner.study import Study

SECONDS, WANTED = 30.0, 90.0  # of an execution; percent
REPLICATES, EPOCHS, STATE = 4, 27, bytes(200_000)
Busy = list[tuple[int, float]]  # executions that had ended, seconds busy then


def main() -> None:
    """Measures each strategy with each sleep."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--slots", type=int, default=100)
    parser.add_argument("--sleeps", type=float, nargs="+", default=[0.05, 0.5], help="seconds")
    names = ["grid", "random", "hyperband"]
    parser.add_argument("--strategies", nargs="+", choices=names, default=names)
    parser.add_argument("--folder", type=Path)
    options = read_options(parser)
    figures, details = [], {"sync_ms": sync_ms(options.folder)}
    print(f"a sync of the disk: {details['sync_ms']} ms")
    for strategy in options.strategies:
        seconds, plan = timed(lambda name=strategy: plan_of(name, options.executions))
        print(f"{strategy}: planned in {seconds:.1f} s, {plan.num_executions} executions")
        found = measured(plan, options)
        figures += figures_of(strategy, found, options)
        details[strategy] = {"plan_seconds": rounded(seconds), **found}
    conclude(options, figures, details)


def sync_ms(folder: Path | None) -> float:
    """How long it takes to sync a line to disk, in ms."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:

        def sync() -> None:
            file.write(b"x" * 1000)
            file.flush()
            os.fsync(file.fileno())

        return rounded(1000 * middle([timed(sync)[0] for _ in range(50)]))


def plan_of(strategy: str, num_executions: int) -> Plan:
    """The plan of a study of about so many executions."""
    num_trials = max(1, num_executions // REPLICATES)
    factors = {
        "conv_blocks": (1, 2),
        "filter_multiplier": (0.25, 0.5, 1.0, 2.0, 4.0),
        "dropout": tuple(np.linspace(0, 0.9, math.ceil(num_trials / 10)).round(6).tolist()),
    }
    most = {} if strategy == "grid" else {"max_trials": num_trials}
    return make_plan(
        Study(
            factors=factors, strategy=strategy, dataset="digits", epochs=EPOCHS, train_size=100,
            validation_size=50, replicates=REPLICATES, **most,
        )
    )  # fmt: skip


def measured(plan: Plan, options: argparse.Namespace) -> dict[str, Any]:
    """The cost of an execution, fitted to the shortest sleep; what each sleep took and should."""
    sleeps = sorted(options.sleeps)
    runs = {sleep: searched(plan, sleep, options) for sleep in sleeps}
    busy, _, count = runs[sleeps[0]]
    base, growth = fitted(busy)
    return {
        "executions": count,
        "base_ms": rounded(1000 * base),
        "growth_us_an_execution": rounded(1e6 * growth),
        "sleeps": {
            str(sleep): {
                "seconds": rounded(took),
                "predicted": rounded(makespan(count, sleep, options.slots, base, growth)),
                "busy_seconds": rounded(of_sleep[-1][1]),
            }
            for sleep, (of_sleep, took, _) in runs.items()
        },
    }


def searched(plan: Plan, sleep: float, options: argparse.Namespace) -> tuple[Busy, float, int]:
    """Runs a search whose executions sleep.

    Returns:
        When the driver was busy, the seconds in all, and the number of executions.
    """
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as output,
        mock.patch.object(running, "execute", sleeping(sleep)),
        mock.patch.object(
            running, "make_executor", lambda num, *_: futures.ThreadPoolExecutor(num)
        ),
        running.claimed(plan, Path(output) / "study") as folder,
        waits() as busy,
    ):
        start = time.perf_counter()
        progress = Progress(plan, [], options.slots, folder.under_way)
        for record in running.run(plan, folder, options.slots, progress.started):
            progress.ended(record)
            line(record, progress)
        return busy, time.perf_counter() - start, progress.num_done


def sleeping(seconds: float) -> Callable[[Execution], Outcome]:
    """What sleeps in place of a training."""

    def train(execution: Execution) -> Outcome:
        time.sleep(seconds)
        accuracy = 0.5 + 0.3 * np.random.default_rng([execution.cell, execution.seed]).random()
        metrics = {"loss": 1.0, "accuracy": accuracy, "val_loss": 1.0, "val_accuracy": accuracy}
        history = [
            {"epoch": epoch + 1, **metrics}
            for epoch in range(execution.initial_epoch, execution.epochs)
        ]
        record = record_of(
            execution, "ok", val_accuracy=accuracy, val_loss=1.0, seconds=seconds, history=history
        )
        return Outcome(record, STATE if execution.keeps_state else None)

    return train


@contextmanager
def waits() -> Iterator[Busy]:
    """A list that gets, whenever the engine waits, what had ended and for how long it was busy."""
    busy: Busy = []
    ended, spent, since = 0, 0.0, time.perf_counter()

    def wait(*args: Any, **kwargs: Any) -> Any:
        nonlocal ended, spent, since
        spent += time.perf_counter() - since
        busy.append((ended, spent))
        found = futures.wait(*args, **kwargs)
        ended += len(found.done)
        since = time.perf_counter()
        return found

    with mock.patch.object(loop, "wait", wait):
        yield busy


def fitted(busy: Busy) -> tuple[float, float]:
    """The seconds a + b n that the n-th execution costs, from the sums after each."""
    ended, spent = np.array(busy).T
    spent = spent - spent[0]  # what comes before the first wait fills the slots
    terms = np.stack([ended, ended**2 / 2], axis=1)
    base, growth = np.linalg.lstsq(terms, spent, rcond=None)[0]
    if growth < 0:
        return spent[-1] / ended[-1], 0.0
    return max(base, 0.0), growth


def makespan(count: int, sleep: float, slots: int, base: float, growth: float) -> float:
    """The seconds of so many executions, where one driver serves the slots one after the other."""
    now, ends = 0.0, []
    for number in range(count):
        if number >= slots:
            now = max(now, heapq.heappop(ends))
        now += base + growth * max(0, number - slots)
        heapq.heappush(ends, now + sleep)
    while ends:
        now = max(now, heapq.heappop(ends))
    return now


def figures_of(strategy: str, found: dict[str, Any], options: argparse.Namespace) -> list[Figure]:
    """How many executions a second the driver can serve, and the occupancy at 30 s."""
    count, slots = options.executions, options.slots
    base, growth = found["base_ms"] / 1e3, found["growth_us_an_execution"] / 1e6
    took = makespan(count, SECONDS, slots, base, growth)
    full = math.ceil(count / slots) * SECONDS  # where the driver costs nothing
    size = f"{count:,} executions on {slots} slots, {strategy}"
    return [
        Figure(
            f"slots filled by executions of {SECONDS:g} s: {size}", 100 * full / took, "%",
            better="neither", bar=f"over {WANTED:g}% asked",
        ),
        Figure(
            f"the driver's limit: {size}", 1 / (base + growth * count), "executions/s",
            better="more", in_table=False,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
