"""How long a search needs to know where its study stands: its ledger read and replayed.

    python benchmarks/replay.py                    100,000 records of each strategy, two minutes
    python benchmarks/replay.py --records 9000

The executions are stubbed, three replicates of each cell. Prints the seconds for driving them, for
reading and for replaying, and writes them as JSON with `--json FILE`.
"""

import argparse
import math
import tempfile
import time
from pathlib import Path
from unittest import mock

from measuring import Figure, conclude, read_options

from tuner.design import Cell, Design, configurations
from tuner.engine import loop
from tuner.engine.asking import Asked, replay
from tuner.engine.executors import InProcessExecutor
from tuner.execution import Execution, Outcome, record_of
from tuner.folder import StudyFolder
from tuner.strategies import make_oracle
from tuner.study import Study

NUM_REPLICATES = 3


def main() -> None:
    """Writes a ledger for each strategy, and times its replay."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--strategies", default="grid,random")
    options = read_options(parser)
    told, figures = {}, []
    for strategy in options.strategies.split(","):
        study, design = study_of(strategy, options.records)
        with tempfile.TemporaryDirectory() as path, mock.patch("os.fsync"):
            asked = Asked(make_oracle(study, design), study, design)
            started = time.perf_counter()
            for _ in loop.run(StudyFolder(Path(path)), asked, InProcessExecutor(), 1, stub):
                pass
            ran = time.perf_counter()
            folder = StudyFolder(Path(path))
            records = folder.records
            read = time.perf_counter()
            replay(folder, Asked(make_oracle(study, design), study, design), 1)
            replayed = time.perf_counter()
        seconds = {"driven": ran - started, "read": read - ran, "replayed": replayed - read}
        told[strategy] = {"records": len(records), **{k: round(v, 2) for k, v in seconds.items()}}
        what = f"a ledger of {len(records):,} records of a {strategy} study, read and replayed"
        figures.append(Figure(what, replayed - ran, "s", bar="the bar: 10 s for 100,000"))
    conclude(options, figures, told)


def study_of(strategy: str, num_records: int) -> tuple[Study, Design]:
    """A study that has about so many executions, and its cells."""
    side = math.ceil(math.sqrt(num_records / NUM_REPLICATES))
    factors = {"width": tuple(range(1, side + 1)), "depth": tuple(range(1, side + 1))}
    study = Study(
        name="replayed", strategy=strategy, factors=factors, dataset="digits", epochs=9,
        train_size=100, validation_size=50, replicates=NUM_REPLICATES,
    )  # fmt: skip
    cells = [
        Cell(index, levels, 1000, 10_000, "planned")
        for index, levels in enumerate(configurations(factors))
    ]
    return study, Design(tuple(cells), {})


def stub(execution: Execution) -> Outcome:
    """A training that takes no time."""
    accuracy = 0.5 + execution.cell % 97 / 1000 + execution.replicate / 10_000
    return Outcome(record_of(execution, "ok", val_accuracy=accuracy, val_loss=1 - accuracy))


if __name__ == "__main__":
    main()
