"""How long it takes until every step of width and depth is known well enough.

    python benchmarks/time_to_answer.py               on the digits, about five minutes on 2 cores
    python benchmarks/time_to_answer.py --half-width 1.5

Ours is `tuner search --until`, which adds a replicate until the 95% intervals of all steps of both
factors are as narrow as was asked (percentage points, half of the interval). Beside it a stock
Keras Tuner grid of the same cells is repeated for replicate after replicate, on the same images;
its executions, noted by its HyperModel since its project keeps no single one, are analysed by
`tuner.precision` after each, and the same rule ends it. Both begin with `--replicates` and are
whole processes. Prints the seconds of both, how many replicates each needed, and their seconds a
replicate: the number of replicates is chance, as the drawn weights differ.
"""

import argparse
import json
import math
import sys
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from measuring import Figure, conclude, in_turn, middle, read_options, rounded
from sides import (
    Grid,
    Row,
    add_grid_options,
    chosen_grid,
    last_line,
    our_process,
    stock_search,
)

OURS, STOCK = "tuner search --until", "stock Keras Tuner, repeated"
STOCK_SIDE = "--stock"


def main() -> None:
    """Runs both until they know."""
    if sys.argv[1:2] == [STOCK_SIDE]:
        grid = Grid(**json.loads(sys.argv[2]))
        print(json.dumps(stock_until(grid, float(sys.argv[3]), int(sys.argv[4]))))
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_grid_options(parser, "digits")
    parser.add_argument("--half-width", type=float, default=2.0, help="percentage points")
    parser.add_argument("--most", type=int, default=12, help="replicates")
    parser.add_argument("--rounds", type=int, default=1)
    options = read_options(parser)
    grid, half_width = chosen_grid(options), options.half_width
    asked = [str(half_width), str(options.most)]
    until = ["--until", asked[0], "--max-replicates", asked[1]]
    call = [sys.executable, __file__, STOCK_SIDE, json.dumps(asdict(grid)), *asked]
    sides: dict[str, Any] = {
        OURS: partial(our_process, grid, *until),
        STOCK: lambda: json.loads(last_line(call)),
    }
    found = in_turn(sides, options.rounds)
    needed = {name: told(rounds, grid, half_width) for name, rounds in found.items()}
    conclude(options, figures_of(needed, grid, half_width), needed)


def stock_until(grid: Grid, half_width: float, most: int) -> list[Row]:
    """Stock Keras Tuner's search, replicate after replicate until enough is known."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for replicate in range(most):
            rows += stock_search(grid, replicate, 1, Path(folder))
            is_begun = replicate + 1 >= grid.replicates
            if is_begun and widest(rows, grid, half_width) <= half_width:
                break
    return rows


def widest(rows: list[Row], grid: Grid, half_width: float) -> float:
    """Half of the widest interval of a step, in percentage points; infinite without intervals."""
    import pandas as pd

    from tuner.precision import precision
    from tuner.study import Study

    study = Study(
        factors=grid.factors, until=dict.fromkeys(grid.factors, half_width), width=axis("width"),
        depth=axis("depth"), replicates=1 + max(row["replicate"] for row in rows),
    )  # fmt: skip
    executions = pd.DataFrame(rows).assign(status="ok")
    return max(precision(study, executions).reached.values())


def axis(name: str) -> str:
    """The factor of ConvPool that is the width, or the depth."""
    return {"width": "filter_multiplier", "depth": "conv_blocks"}[name]


def told(rounds: list[tuple[float, list[Row]]], grid: Grid, half_width: float) -> dict[str, Any]:
    """What a side needed: seconds, replicates, and what its last round knows."""
    replicates = [1 + max(row["replicate"] for row in rows) for _, rows in rounds]
    reached = widest(rounds[-1][1], grid, half_width)
    return {
        "seconds": [rounded(took) for took, _ in rounds],
        "replicates": replicates,
        "seconds_a_replicate": [
            rounded(took / num) for (took, _), num in zip(rounds, replicates, strict=True)
        ],
        "half_width": rounded(reached) if math.isfinite(reached) else None,
    }


def figures_of(needed: dict[str, Any], grid: Grid, half_width: float) -> list[Figure]:
    """The seconds until enough is known, and those a replicate."""
    ours, stock = needed[OURS], needed[STOCK]
    bar = f"{ours['replicates'][-1]} and {stock['replicates'][-1]} replicates"
    for name, side in needed.items():
        if side["half_width"] is None or side["half_width"] > half_width:
            bar += f"; NOT reached by {name}"
    answer = f"steps of width and depth known to ±{half_width:g} points: {grid.cells}"
    return [
        Figure(
            answer + words, middle(ours[key]), "s", {STOCK: middle(stock[key])}, bar=note
        )
        for words, key, note in (
            ("", "seconds", bar),
            (", a replicate", "seconds_a_replicate", ""),
        )
    ]  # fmt: skip


if __name__ == "__main__":
    main()
