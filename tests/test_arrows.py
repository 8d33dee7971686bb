"""What import-linter cannot say of who imports whom: what is loaded, and how modules are called."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"tensorflow", "keras", "keras_tuner", "pandas", "matplotlib", "scipy", "sklearn"}
FRAMEWORKS = {"tensorflow", "keras", "keras_tuner"}
FILES = [
    file.relative_to(ROOT).with_suffix("")
    for package in ("tuner", "search_spaces") for file in (ROOT / package).rglob("*.py")
]  # fmt: skip
MODULES = sorted(".".join(file.parts).removesuffix(".__init__") for file in FILES)


def loaded_by(*modules):
    """The top-level modules that a fresh process has after importing these."""
    script = (
        f"import {', '.join(modules)}, sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


def test_importing_is_quick_because_nothing_heavy_is_loaded():
    front = ["tuner", "tuner.cli", "tuner.report", "tuner.study", "search_spaces"]
    if loaded_by(*front) & HEAVY:
        guilty = {module: found for module in front if (found := loaded_by(module) & HEAVY)}
        assert guilty == {}


def test_what_a_plan_needs_loads_no_optimizer_nor_plots():
    assert not loaded_by("tuner.planning", "tuner.running") & {"scipy", "sklearn", "matplotlib"}


@pytest.mark.slow
def test_the_whole_report_side_runs_without_a_framework():
    sides = ("tuner.analysis", "tuner.plots", "tuner.report", "tuner.ledger")
    modules = [module for module in MODULES if module.startswith(sides)]
    assert len(modules) > 20
    assert not loaded_by(*modules) & FRAMEWORKS


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils", "util", "helpers", "common", "misc"}
    assert [module for module in MODULES if drawers & set(module.split("."))] == []
