"""The help of each command: what its options are by default, and an example that works."""

import re
import shlex

import pytest
from typer.main import get_command

from tests.cli.commanding import invoke, tuner
from tuner.cli import app
from tuner.cli.options import STUDY_OPTIONS, completed, dataset_names, strategy_names

COMMANDS = get_command(app).commands


def help_of(name):
    return invoke(name, "--help", COLUMNS="200").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_of_options_that_it_has(name):
    (example,) = re.findall(r"Example: (tuner .*?) *$", help_of(name), re.MULTILINE)
    _, command, *words = shlex.split(example)
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert command == name
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize(
    ("option", "default"),
    [("strategy", "grid"), ("epochs", "12"), ("replicates", "3"), ("dataset", "cifar10"),
     ("objective", "val_accuracy"), ("config", "width-depth"), ("output", "results")],
)  # fmt: skip
def test_the_help_of_a_search_has_defaults(option, default):
    text = " ".join(re.sub(r"[│╭╮╰╯─]", " ", help_of("search")).split())
    assert re.search(rf"--{option} (?:(?! --).)*\[default: \(?{default}\)?\]", text)


def test_a_shell_completes_values_and_studies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "demo").mkdir(parents=True)
    (tmp_path / "results" / "demo" / "study.yaml").touch()
    asked = {
        "tuner sea": "search",
        "tuner search --strategy hyp": "hyperband",
        "tuner search --dataset dig": "digits",
        "tuner search --config note": "notebook",
        "tuner search --space conv": "conv_pool",
        "tuner spaces conv": "conv_pool",
        "tuner studies kern": "kernel-schedule",
        "tuner search --score-on val": "validation",
        "tuner status de": "demo",
    }
    for typed, wanted in asked.items():
        monkeypatch.setenv("_TUNER_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", typed)
        monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))
        found = tuner(cwd=tmp_path)
        assert wanted in found.stdout.split(), typed


def test_what_may_be_completed_begins_as_what_was_typed():
    assert completed(strategy_names)("b") == ["bayesian"]
    assert completed(dataset_names)("") == ["cifar10", "digits"]
    assert "strategy" in STUDY_OPTIONS
