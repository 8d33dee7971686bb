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
from tuner.ready import ready_studies

ROOT = Path(__file__).parents[2]
COMMANDS = get_command(app).commands
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
TYPED = [page for page in PAGES if page.name != "command-line.md"]
STUDIES = (ROOT / "docs" / "studies.md").read_text("utf-8")


def code(page: Path) -> list[str]:
    """What stands as code: the lines of blocks, continued ones joined, and the spans of prose."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [*map(str.strip, lines), *re.findall(r"`([^`]+)`", prose.replace("\n", " "))]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_on_the_page_of_a_study(name):
    assert f"tuner {name}" in STUDIES


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.name)
def test_every_command_of_a_page_exists(page):
    named = {name for line in code(page) for name in re.findall(r"^tuner ([a-z]+)", line)}
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.name)
def test_every_option_of_a_page_exists(page):
    known = {
        option
        for command in (get_command(app), *COMMANDS.values())
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    benchmarks = "".join(path.read_text("utf-8") for path in (ROOT / "benchmarks").glob("*.py"))
    known |= {"--install-completion", *re.findall(r'"(--[a-z-]+)"', benchmarks)}
    named = {
        option
        for line in code(page)
        if (typed := re.search(r"(?:^|\s)tuner .*|^--.*", line))
        for option in re.findall(r"--[a-z-]+", typed[0])
    }
    assert named <= known


@pytest.mark.parametrize("name", ["four-factors", "notebook", "notebook-table"])
def test_the_ready_studies_of_the_docs_ship(name):
    assert f"--config {name}" in (ROOT / "docs" / "committed-studies.md").read_text("utf-8")
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
