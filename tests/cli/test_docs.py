"""The README and the docs tell every command and option there is, and none that is not."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from tests.cli.commanding import invoke
from tuner.cli import app
from tuner.study import ready_studies

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = get_command(app).commands


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name):
    assert f"tuner {name}" in README


def test_every_command_in_the_readme_exists():
    named = set(re.findall(r"^tuner (\w+)", README, re.MULTILINE))
    assert named <= set(COMMANDS)


def test_every_option_in_the_readme_exists():
    known = {
        option
        for command in (get_command(app), *COMMANDS.values())
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    lines = [line for line in README.splitlines() if "tuner " in line or line.startswith("**")]
    named = {
        option
        for line in lines
        if "benchmarks/" not in line
        for option in re.findall(r"--[a-z-]+", line)
    }
    assert named <= known


@pytest.mark.parametrize("name", ["notebook", "notebook-table"])
def test_the_ready_studies_of_the_readme_ship(name):
    assert f"--config {name}" in README
    assert name in ready_studies()


@pytest.mark.parametrize("language", ["bash", "yaml"])
def test_the_files_of_the_page_on_clusters_can_be_read(language):
    page = (ROOT / "docs" / "clusters.md").read_text()
    files = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    assert files
    for file in files:
        if language == "yaml":
            assert yaml.safe_load(file)["kind"] == "RayJob"
        else:
            subprocess.run(["bash", "-n"], input=file, text=True, check=True)


def test_the_page_of_the_command_line_is_what_typer_makes_of_the_code():
    title = ["--name", "tuner", "--title", "The command line"]
    made = subprocess.run(
        [sys.executable, "-m", "typer", "tuner.cli", "utils", "docs", *title],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout  # fmt: skip
    written = (ROOT / "docs" / "command-line.md").read_text()
    assert written.strip() == made.strip(), "docs/command-line.md is not current: make docs"


def test_the_version_is_the_same_wherever_it_stands():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == project["version"]
    assert invoke("--version").stdout == f"tuner {project['version']}\n"


def test_the_module_is_the_command():
    module = [sys.executable, "-m", "tuner", "--version"]
    told = subprocess.run(module, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert told == invoke("--version").stdout
