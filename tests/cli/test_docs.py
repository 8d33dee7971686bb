"""The README tells every command and option there is, and none that is not."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from tuner.cli import app
from tuner.study import ready_studies

README = (Path(__file__).parents[2] / "README.md").read_text()
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
        for command in COMMANDS.values()
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
