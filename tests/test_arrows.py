"""Who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    file.relative_to(ROOT) for name in ("tuner", "search_spaces")
    for file in (ROOT / name).rglob("*.py")
)  # fmt: skip
FRAMEWORKS = {"tensorflow", "keras", "keras_tuner"}


def imports(path):
    """Every module that a file imports, wherever in the file; from its package, by full name."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.with_suffix("").parts[: -node.level]) if node.level else ""
            module = ".".join(filter(None, [package, node.module]))
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def within(module, packages):
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def files_of(*packages):
    return [file for file in FILES if within(".".join(file.with_suffix("").parts), packages)]


def inside(file, *packages):
    """What a file imports of these packages."""
    return {module for module in imports(file) if within(module, packages)}


def beyond(file, *packages):
    """What a file imports of tuner other than these packages."""
    return inside(file, "tuner") - inside(file, *packages) - {"tuner"}


@pytest.mark.parametrize("file", files_of("search_spaces"), ids=str)
def test_search_spaces_know_nothing_of_tuner(file):
    assert not inside(file, "tuner")


@pytest.mark.parametrize("file", files_of("tuner.analysis"), ids=str)
def test_analysis_takes_frames_and_imports_only_itself_and_the_errors(file):
    assert not beyond(file, "tuner.analysis", "tuner.errors", "tuner.words", "tuner.objective")


@pytest.mark.parametrize("file", files_of("tuner.plots"), ids=str)
def test_plots_take_frames_and_import_only_themselves_and_the_errors(file):
    assert not beyond(file, "tuner.plots", "tuner.errors", "tuner.words", "tuner.objective")


@pytest.mark.parametrize(
    "file", files_of("tuner.analysis", "tuner.plots", "tuner.report", "tuner.ledger"), ids=str
)
def test_the_report_side_imports_no_framework(file):
    assert not inside(file, *FRAMEWORKS)


@pytest.mark.parametrize("file", files_of("tuner.strategies"), ids=str)
def test_strategies_propose_and_neither_train_nor_remember(file):
    apart = (
        "tuner.training.execute",
        "tuner.engine.loop",
        "tuner.engine.executors",
        "tuner.ledger",
        "tuner.training.datasets",
    )
    assert not inside(file, *apart)


@pytest.mark.parametrize("file", files_of("tuner.training", "tuner.engine.executors"), ids=str)
def test_training_and_executors_do_not_know_the_engine_or_the_ledger(file):
    assert not inside(file, "tuner.engine.loop", "tuner.ledger")


@pytest.mark.parametrize("file", [file for file in FILES if "cli" not in file.parts], ids=str)
def test_only_the_command_line_is_above_everything(file):
    assert not inside(file, "tuner.cli")


@pytest.mark.parametrize("file", [file for file in FILES if "cli" not in file.parts], ids=str)
def test_only_the_command_line_prints(file):
    nodes = ast.walk(ast.parse((ROOT / file).read_text()))
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    assert not called & {"print", "typer.echo"}


@pytest.mark.parametrize("file", FILES, ids=str)
def test_no_module_is_a_drawer_for_everything(file):
    assert file.stem not in {"utils", "util", "helpers", "common", "misc"}


def loaded_by(statement):
    """The top-level modules that a fresh process has after a statement."""
    script = f"{statement}; import sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module", ["tuner", "tuner.cli", "tuner.report", "tuner.study", "search_spaces"]
)
def test_importing_is_quick_because_nothing_heavy_is_loaded(module):
    heavy = {"tensorflow", "keras", "keras_tuner", "pandas", "matplotlib", "scipy", "sklearn"}
    assert not loaded_by(f"import {module}") & heavy


def test_the_whole_report_side_runs_without_tensorflow():
    modules = [
        ".".join(file.with_suffix("").parts).removesuffix(".__init__")
        for file in files_of("tuner.analysis", "tuner.plots", "tuner.report", "tuner.ledger")
    ]
    assert not loaded_by(f"import {', '.join(modules)}") & {"tensorflow", "keras", "keras_tuner"}
