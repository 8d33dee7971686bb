"""How long a report takes: a study of ordinary size from a cold start, and 200,000 executions.

    python benchmarks/report_speed.py          under a minute

prints for each table the seconds and the peak memory of a fresh process that reads it and writes
its report, beside what they may be at most. On a busy machine look at the processor's seconds.
"""

import argparse
import itertools
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import Figure, conclude, read_options

#: Name -> levels of the width, levels of the depth, replicates, epochs, at most (s), at most (MB).
TABLES = {
    "flagship": (3, 4, 3, 12, 8, 2_000),
    "200,000 executions": (20, 10, 1_000, 1, 30, 2_000),
}
REPORT = """
import sys, time
start = time.perf_counter()
from pathlib import Path
from tuner.report import read_table, write_report
write_report(read_table(Path(sys.argv[1])), Path(sys.argv[2]))
print(time.perf_counter() - start, time.process_time())
"""


def main() -> None:
    """Report each table in a process of its own and print the costs."""
    options = read_options(argparse.ArgumentParser(description=__doc__.split("\n", 1)[0]))
    figures, details = [], {}
    for name, (*sizes, most_seconds, most_memory) in TABLES.items():
        seconds, processor_seconds, memory = costs(*sizes)
        details[name] = {"processor_seconds": processor_seconds}
        figures += [
            Figure(f"a report, {name}", seconds, "s", bar=f"at most {most_seconds} asked"),
            Figure(
                f"a report's memory, {name}", memory, "MB", bar=f"at most {most_memory:,} asked",
                in_table=False,
            ),
        ]  # fmt: skip
        print(f"{name:20} {processor_seconds:.1f} s on the processor")
    conclude(options, figures, details)


def costs(*sizes: int) -> tuple[float, float, float]:
    """The seconds, those of the processor, and the peak memory (MB) of a table's report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.csv"
        executions(*sizes).to_csv(path, index=False)
        command = [sys.executable, "-c", REPORT, str(path), str(Path(folder) / "report")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, processor_seconds = map(float, done.stdout.split())
    # The largest so far of all: the tables come in the order of their size.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return seconds, processor_seconds, memory


def executions(
    num_widths: int, num_depths: int, num_replicates: int, num_epochs: int
) -> pd.DataFrame:
    """A full factorial with costs, one row an execution and epoch."""
    sizes = (num_widths, num_depths, num_replicates, num_epochs)
    index = np.array(list(itertools.product(*map(range, sizes)))).T
    width, depth, replicate, epoch = 2.0 ** index[0], index[1] + 1, index[2], index[3] + 1
    noise = np.random.default_rng(0).normal(0, 0.005, len(width))
    return pd.DataFrame(
        {
            "filter_multiplier": width,
            "conv_blocks": depth,
            "replicate": replicate,
            "epoch": epoch,
            "val_accuracy": (0.5 + 0.01 * index[0] + 0.02 * depth + noise)
            * (1 - np.exp(-epoch / (1 if num_epochs > 1 else 0.01))),
            "params": width**2 * 4.0**depth,
            "flops": width**2 * 2.0**depth,
            "seconds": width * depth,
        }
    )


if __name__ == "__main__":
    main()
