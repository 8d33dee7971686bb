"""How much memory a worker holds after more and more executions.

    python benchmarks/memory.py                    300 executions, some minutes
    python benchmarks/memory.py --executions 60

One worker trains small networks on the digits, 100 configurations in three replicates each, so that
it keeps as many traced networks as it may and drops others. Prints its resident memory (MB) after
so many executions, and how many workers there were as one grew too large.
"""

import argparse
import random
from itertools import product

from measuring import Figure, conclude, read_options

from tuner.engine.executors.local import ProcessExecutor, memory_mb, workers_of
from tuner.execution import Execution
from tuner.planning import make_plan
from tuner.study import Study
from tuner.training.execute import execute

FACTORS = {
    "conv_blocks": (1, 2), "filter_multiplier": (0.25, 0.5, 1.0, 2.0, 4.0),
    "dense_depth": (0, 1), "convs_per_block": (1, 2, 3, 4, 5),
}  # fmt: skip


def main() -> None:
    """Trains, and prints the memory on the way."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--executions", type=int, default=300)
    options = read_options(parser)
    study = make_plan(
        Study(factors=FACTORS, dataset="digits", train_size=100, validation_size=50, epochs=1)
    ).study
    cells = [dict(zip(FACTORS, levels, strict=True)) for levels in product(*FACTORS.values())]
    random.Random(0).shuffle(cells)  # else the first would be the smallest
    told, pids = {}, []
    with ProcessExecutor(1) as executor:
        for number in range(options.executions):
            cell, replicate = number % len(cells), number // len(cells)
            values = {**study.fixed, **cells[cell]}
            execution = Execution(study, f"{cell:04d}", cell, replicate, values, study.epochs)
            executor.submit(execute, execution).result()
            (worker,) = workers_of(executor._pools[0]) or [None]
            pids += [worker.pid] if worker and worker.pid not in pids else []
            if worker and (number + 1) % 20 == 0:
                told[number + 1] = round(memory_mb(worker.pid))
                print(f"{number + 1:5} executions: {told[number + 1]:6} MB", flush=True)
    more = max(told.values()) - told[20]
    what = f"a worker's memory beyond what it is after 20 of {options.executions} executions"
    figure = Figure(what, more, "MB", bar=f"the bar: 100 MB; workers in turn: {len(pids)}")
    conclude(options, [figure], {"megabytes": told, "workers": len(pids)})


if __name__ == "__main__":
    main()
