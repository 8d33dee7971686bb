"""What is typed wrong is told in one line that mends it, with exit code 2; nothing is made."""

from functools import partial

import pytest

from tests.cli.commanding import invoke
from tuner.cli.settings import levels_from
from tuner.errors import UsageError

DIGITS = ("--dataset", "digits")


def told(tmp_path, monkeypatch, *arguments):
    """The one line that is said of what was typed."""
    monkeypatch.chdir(tmp_path)
    result = invoke(*arguments, COLUMNS="60")
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1, "one line, however narrow the terminal is"
    assert [path.name for path in tmp_path.iterdir()] == [], "nothing is made"
    return result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "no command 'run'. Did you mean 'search'? (commands: search, plan,"),
        (["serch"], "no command 'serch'. Did you mean 'search'?"),
        (["ls"], "no command 'ls'. Did you mean 'list'?"),
        (["search", "grid"], "takes no 'grid' by itself. Did you mean --strategy grid?"),
        (["search", "digits"], "Did you mean --dataset digits?"),
        (["search", "notebook"], "Did you mean --config notebook?"),
        (["search", "dropout=0.5"], "Did you mean --fix dropout=0.5?"),
        (["data", "more"], "tuner data takes no argument, got 'more' too"),
        (["search", "--set", "conv_blocks", "1,2"], "expected --set FACTOR=V1,V2, got --set conv_bl"
         "ocks 1,2. Did you mean --set conv_blocks=1,2?"),
        (["search", "--fix", "dropout", "0.5"], "Did you mean --fix dropout=0.5?"),
        (["search", "--set", "conv_blocks=1-4"], "expected levels with commas between them, got "
         "'1-4'. Did you mean --set conv_blocks=1,2,3,4?"),
        (["search", "--strategy", "gird"], "no strategy 'gird'. Did you mean 'grid'?"),
        (["search", "--dataset", "cifar"], "no dataset 'cifar'. Did you mean 'cifar10'?"),
        (["search", "--config", "notebok"], "no study 'notebok'. Did you mean 'notebook'?"),
        (["search", "--epoch", "3"], "tuner search has no option --epoch. Did you mean --epochs?"),
        (["search", "--version"], "has no option --version. Did you mean tuner --version?"),
        (["--verison"], "tuner has no option --verison. Did you mean --version?"),
        (["search", "--epochs", "ten"], "--epochs: expected a whole number, got 'ten'"),
        (["search", "--epochs=ten"], "--epochs: expected a whole number, got 'ten'"),
        (["search", "--epochs"], "--epochs: expected a value behind it"),
        (["search", "--workers", "all"], "--workers: expected a whole number, got 'all' (worker pro"
         "cesses; 0: this one"),
        (["search", "--workers", "-1"], "--workers: expected 0 or more, got '-1'"),
        (["search", "--objective", "accuracy"], "got 'accuracy'. Did you mean 'val_accuracy'?"),
        (["search", "--score-on", "valid"], "expected 'idle' or 'validation', got 'valid'. Did you "
         "mean 'validation'?"),
        (["report", "--widht", "w"], "tuner report has no option --widht. Did you mean --width?"),
        (["search", "--config", "dense-dept"], "no study 'dense-dept'. Did you mean 'dense-d"),
        (["studies", "kernels"], "no ready study 'kernels'. Did you mean 'kernel-schedule'? (stud"),
        (["examples"], "no command 'examples'. Did you mean 'studies'?"),
        (["spaces", "--export"], "expected the name of a space: tuner spaces NAME"),
        (["spaces", "--format", "jsn"], "expected table, json, csv or md, got 'jsn'. Did you mean"),
        (["merge"], "tuner merge: expected STUDIES (folders of its shards, or of copies)"),
    ],
)  # fmt: skip
def test_what_is_typed_wrong_is_mended(tmp_path, monkeypatch, arguments, message):
    assert message in told(tmp_path, monkeypatch, *arguments)


@pytest.mark.trains  # TensorFlow, which knows the space, is started
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tune", "lr"], "has no factor 'lr'. Did you mean 'learning_rate'?"),
        (["--set", "width=1,2"], "has no factor 'width'. Did you mean 'filter_multiplier'?"),
        (["--width", "2"], "--width names the factor that is the width, got '2'. Did you mean --set"
         " filter_multiplier=2,…?"),
        (["--learning-rate", "0.1"], "has no option --learning-rate. Did you mean --fix learning_ra"
         "te=0.1?"),
        (["--lr", "3"], "has no option --lr. Did you mean --fix learning_rate=3?"),
        (["--batch-size=32,64"], "Did you mean --set batch_size=32,64?"),
        (["--space", "conv_pol"], "no search space 'conv_pol'. Did you mean 'conv_pool'? (spaces:"),
        (["--my-size", "3"], "has no option --my-size. For a hyperparameter: --fix my_size=3"),
    ],
)  # fmt: skip
def test_what_the_space_knows_is_offered_whatever_images_are_at_hand(
    tmp_path, monkeypatch, arguments, message
):
    monkeypatch.setattr("tuner.planning.load_ahead", lambda name: partial(pytest.fail, name))
    assert message in told(tmp_path, monkeypatch, "search", *arguments)


@pytest.mark.trains
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("conv_block=2", "has no factor 'conv_block'. Did you mean 'conv_blocks'?"),
        ("pooling=mean", "pooling: expected one of max, average, got 'mean'"),
        ("conv_blocks=6", "block 6: 1 px map cannot be pooled"),
    ],
)
def test_a_network_that_cannot_be_drawn_is_told(tmp_path, monkeypatch, typed, message):
    assert message in told(tmp_path, monkeypatch, "spaces", "conv_pool", "--fix", typed)


def test_the_version_is_told(tmp_path):
    assert invoke("--version").exit_code == 0


@pytest.mark.parametrize("text", ["1-400", "2..3", "2:3"])
def test_a_range_is_no_level(text):
    with pytest.raises(UsageError, match=r"Did you mean --set depth=\d+,[…\d]+"):
        levels_from("depth", text)


@pytest.mark.parametrize("text", ["5-3", "3,5-3", "7-5-3,3"])
def test_kernels_that_shrink_are_levels(text):
    assert levels_from("kernel_schedule", text) == tuple(text.split(","))
