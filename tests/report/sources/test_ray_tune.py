"""Experiments of Ray Tune are read without Ray.

The folder beside is of Ray 2.60: `tune.Tuner(f, param_space={"depth": grid_search([1, 2]), "width":
grid_search([8, 16]), "seed": grid_search([0, 1]), "opt": {"lr": 0.1}}).fit()`, its params.json and
result.json; f reports three times `accuracy` = .5 + .05 depth + .1 iteration + up to .01 of chance.
"""

import json
import shutil
from pathlib import Path

import pytest

from tuner.errors import DataError
from tuner.report import read_source

EXPERIMENT = Path(__file__).with_name("ray_tune")


@pytest.fixture
def experiment(tmp_path):
    return Path(shutil.copytree(EXPERIMENT, tmp_path / "ray_tune"))


def test_a_grid_has_its_factors_replicates_and_epochs():
    source = read_source(EXPERIMENT)
    question = source.question
    assert (question.width, question.depth, question.factors) == (
        "width", "depth", ("width", "depth"),
    )  # fmt: skip
    assert question.objective.name == "accuracy"
    assert source.executions["replicate"].nunique() == 2
    assert (source.executions["epochs"] == 3).all()
    assert len(source.history) == 24
    means = source.executions.groupby("depth")["accuracy"].mean()
    assert means[2] - means[1] == pytest.approx(0.05, abs=0.01)
    assert source.facts.undesigned == ""


def test_settings_within_settings_have_a_name():
    assert (read_source(EXPERIMENT).executions["opt/lr"] == 0.1).all()


def test_a_searcher_that_may_learn_is_told(experiment):
    next(experiment.glob("basic-variant-state-*")).unlink()
    assert "searcher that may learn" in read_source(experiment).facts.undesigned


def test_trials_that_were_ended_early_are_compared_at_one_iteration(experiment):
    trial = next(experiment.glob("*/result.json"))
    trial.write_text("".join(trial.read_text().splitlines(keepends=True)[:1]))
    source = read_source(experiment)
    assert "ended after 1 to 3 epochs" in source.facts.cut_short
    assert (source.executions["epochs"] == 1).all()


def test_torn_lines_and_trials_without_a_result_are_left_out(experiment):
    first, second = sorted(experiment.glob("*/result.json"))[:2]
    first.write_text(first.read_text() + '{"accuracy": 0.')
    second.unlink()
    source = read_source(experiment)
    assert "1 of 8 trials have no result and are left out." in source.facts.notes
    assert len(source.executions) == 7


def test_a_folder_with_no_result_is_told(experiment):
    for result in experiment.glob("*/result.json"):
        result.write_text("[]\n")
    with pytest.raises(DataError, match="no readable"):
        read_source(experiment)


def test_a_rate_that_was_searched_too_is_tuned_away(experiment):
    for number, path in enumerate(sorted(experiment.glob("*/params.json"))):
        path.write_text(json.dumps({**json.loads(path.read_text()), "lr": 0.1 / (1 + number)}))
    source = read_source(experiment)
    assert "lr was searched beside the factors" in " ".join(source.facts.notes)
    assert len(source.history) == 24
