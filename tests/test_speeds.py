"""The README's table of speeds is the one that benchmarks/results make, and says what they hold."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture(scope="module")
def modules():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        import measuring
        import table

        assert Path(table.__file__).parent == BENCHMARKS
        yield measuring, table
    for name in ("measuring", "table"):
        sys.modules.pop(name)


@pytest.fixture
def written(modules, tmp_path, monkeypatch):
    """A file as a benchmark writes it, with a figure of seconds and one of images."""
    measuring, _ = modules
    path = tmp_path / "grid.json"
    monkeypatch.setattr(sys, "argv", ["x/grid.py", "--json", str(path), "--grid", "digits"])
    figures = [
        measuring.Figure("a grid", 20.0, "s", {"stock": 50.0}),
        measuring.Figure("images", 9000.0, "images/s", {"fit": 4500.0}, better="more"),
        measuring.Figure("occupancy", 99.5, "%", better="neither", bar="over 90% asked"),
        measuring.Figure("a detail", 1.0, "s", in_table=False),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "machine", lambda: {"cpu": "a processor", "cores": 2})
        options = measuring.argparse.Namespace(json=path, date="2026-11-28T00:00:00", load=0.1)
        measuring.conclude(options, figures, {"rounds": [1]})
    return path


def test_the_readme_has_the_table_of_the_files(modules):
    _, table = modules
    readme = (ROOT / "README.md").read_text("utf-8")
    made = table.with_table(readme, table.table(table.read(table.RESULTS)))
    assert readme == made, "the README's table is not current: python benchmarks/table.py"


def test_a_file_says_the_command_the_machine_the_versions_and_the_ratios(written):
    content = json.loads(written.read_text())
    assert content["command"] == "python benchmarks/grid.py --grid digits"
    assert content["machine"]["cpu"] == "a processor"
    assert {"python", "tensorflow", "keras", "keras-tuner"} <= content["versions"].keys()
    assert content["figures"][0]["ratios"] == {"stock": 2.5}
    assert content["figures"][1]["ratios"] == {"fit": 2.0}
    assert content["details"] == {"rounds": [1]}


def test_a_table_has_a_row_a_figure_and_the_machine_once(modules, written):
    _, table = modules
    made = table.table(2 * table.read(written.parent))
    row = "| a grid | 20 s | stock 50 s (2.50) | `python benchmarks/grid.py --grid digits` |"
    assert made.count(row) == 2
    assert "| images | 9,000 images/s | fit 4,500 images/s (2.00) |" in made
    assert "| occupancy | 99.5 % | over 90% asked |" in made
    assert "a detail" not in made
    assert made.count("a processor, 2 cores") == 1


def test_no_files_make_no_table(modules):
    _, table = modules
    text = f"before\n{table.BEGIN}{table.END}\nafter"
    assert table.with_table(text, table.table([])) == text


def test_a_table_takes_the_place_of_the_one_before(modules, written):
    _, table = modules
    text = f"before\n{table.BEGIN}an old one\n{table.END}\nafter"
    made = table.with_table(text, table.table(table.read(written.parent)))
    assert "an old one" not in made
    assert made.startswith("before\n")
    assert made.endswith("after")
