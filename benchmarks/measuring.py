"""What the benchmarks share: seconds, figures, and the JSON file that a run leaves.

A run prints its figures and, with `--json FILE`, writes them with the command, the machine, the
versions and the date. `benchmarks/table.py` makes the README's table from such files.
"""

import argparse
import json
import os
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

PACKAGES = ("tensorflow", "keras", "keras-tuner", "numpy", "scikit-learn", "optuna", "torch")
Better = Literal["less", "more", "neither"]


@dataclass(frozen=True)
class Figure:
    """One number of ours, and what it is held against.

    Attributes:
        what: Was measured, in words.
        here: Our number.
        unit: Of all the numbers.
        beside: The same of others, by their names.
        better: Whether less or more of it is better; with neither there is no ratio.
        bar: What was asked of our number, in words, or what else a reader must know.
        in_table: Whether it stands in the README's table.
    """

    what: str
    here: float
    unit: str
    beside: Mapping[str, float] = field(default_factory=dict)
    better: Better = "less"
    bar: str = ""
    in_table: bool = True

    @property
    def ratios(self) -> dict[str, float]:
        """How many times better ours is than each of the others."""
        if self.better == "neither":
            return {}
        return {
            name: other / self.here if self.better == "less" else self.here / other
            for name, other in self.beside.items()
        }


def read_options(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options that were typed, `--json` among them, and what is known before the run."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    options.date = datetime.now(UTC).isoformat(timespec="seconds")
    options.load = os.getloadavg()[0]
    return options


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds that a call took, and what it gave."""
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def in_turn(
    sides: Mapping[str, Callable[[], Any]], rounds: int
) -> dict[str, list[tuple[float, Any]]]:
    """Runs sides one after the other, each round in the reverse order of the last.

    Returns:
        By side, the seconds and the result of each round.
    """
    found: dict[str, list[tuple[float, Any]]] = {name: [] for name in sides}
    for number in range(rounds):
        for name in [*sides][:: -1 if number % 2 else 1]:
            found[name].append(timed(sides[name]))
            seconds = found[name][-1][0]
            print(f"round {number + 1}  {name:24} {seconds:8.1f} s", flush=True)
    return found


def middle(numbers: Sequence[float]) -> float:
    """Their median."""
    return float(statistics.median(numbers))


def rounded(number: float) -> float:
    """A number to four digits."""
    return float(f"{number:.4g}")


def text_of(number: float) -> str:
    """A number to three digits, thousands apart."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def line_of(figure: Figure) -> str:
    """A figure as it is printed."""
    line = f"{figure.what}: {text_of(figure.here)} {figure.unit}"
    for name, other in figure.beside.items():
        ratio = figure.ratios.get(name)
        line += f"; {name} {text_of(other)}" + (f" (ratio {ratio:.2f})" if ratio else "")
    return line + (f"; {figure.bar}" if figure.bar else "")


def conclude(
    options: argparse.Namespace, figures: Sequence[Figure], details: Mapping[str, Any]
) -> None:
    """Prints figures, and writes them if that was asked.

    Args:
        options: as `read_options` gives them.
        figures: of the run.
        details: what the figures were made from.
    """
    for figure in figures:
        print(line_of(figure))
    if options.json is None:
        return
    content = {
        "benchmark": Path(sys.argv[0]).stem,
        "command": command(),
        "date": options.date,
        "machine": {**machine(), "load_before": rounded(options.load)},
        "versions": versions(),
        "figures": [as_json(figure) for figure in figures],
        "details": details,
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def as_json(figure: Figure) -> dict[str, Any]:
    """A figure as the file has it, its ratios beside its numbers."""
    numbers = {
        "here": rounded(figure.here),
        "beside": {name: rounded(other) for name, other in figure.beside.items()},
        "ratios": {name: rounded(ratio) for name, ratio in figure.ratios.items()},
    }
    return asdict(figure) | numbers


def command() -> str:
    """The command that was typed, without where its file goes."""
    typed = iter(sys.argv[1:])
    kept = []
    for part in typed:
        if part == "--json":
            next(typed)
        elif not part.startswith("--json="):
            kept.append(part)
    return shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *kept])


def machine() -> dict[str, Any]:
    """The processor, how many of its cores may be used, and the commit that was measured."""
    from joblib import cpu_count

    from tuner.claiming import cpu_name, git_commit

    return {"cpu": cpu_name(), "cores": cpu_count(), "commit": git_commit()}


def versions() -> dict[str, str]:
    """Python's version, and those of what is installed of what benchmarks compare."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
