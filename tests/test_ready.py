"""Ready studies: each says its question, its command, what it costs and what it showed."""

from pathlib import Path

import numpy as np
import pytest

from tuner.cli.settings import DEFAULT_STUDY
from tuner.planning import make_plan
from tuner.ready import head_of, ready_studies
from tuner.study import read_study

RESULTS = Path(__file__).parents[1] / "results"


@pytest.mark.parametrize("name", ready_studies())
def test_a_ready_study_is_headed_by_its_command_and_cost(name):
    head = head_of(ready_studies()[name])
    asked = "--strategy grid" if name == DEFAULT_STUDY else f"--config {name}"
    assert head.command.startswith(f"tuner search {asked}")
    assert "on 2 cores by tuner plan" in head.cost


@pytest.mark.parametrize("name", ready_studies())
def test_what_a_ready_study_showed_is_that_of_a_committed_one(name):
    expected = head_of(ready_studies()[name]).expected
    shown = [path.name for path in RESULTS.iterdir() if f"results/{path.name}" in expected]
    assert shown


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A file of as large images as CIFAR-10's, and few."""
    path = tmp_path_factory.mktemp("images") / "few.npz"
    labels = np.arange(200) % 10
    pixels = np.random.default_rng(0).integers(0, 256, (200, 32, 32, 3), np.uint8)
    np.savez(path, x_train=pixels, y_train=labels, x_test=pixels[:20], y_test=labels[:20])
    return str(path)


@pytest.mark.trains
@pytest.mark.parametrize("name", ready_studies())
def test_a_ready_study_has_as_many_executions_as_its_head_says(name, images):
    few = {"dataset": images, "train_size": 100, "validation_size": 50}
    plan = make_plan(read_study(name).with_settings(**few))
    assert head_of(ready_studies()[name]).cost.startswith(f"{plan.num_executions} executions, ")


def test_a_head_that_lacks_a_part_is_refused():
    with pytest.raises(ValueError, match="expected a question, a command, Cost: and Expected:"):
        head_of("# Which?\n#   tuner search\nname: x\n")
