"""The spread that a plan expects: assumed, measured by an earlier study, or that of images."""

import math

import numpy as np
import pytest

from tuner import ledger
from tuner.execution import Execution
from tuner.expected_spread import expected_spread, image_noise
from tuner.folder import StudyFolder


@pytest.fixture
def earlier(tmp_path, study, design, stub_record):
    """A folder of studies with one whose replicates disagree on depth by 3 points."""
    folder = StudyFolder(tmp_path / "earlier")
    folder.path.mkdir()
    folder.replace_study(study)
    folder.cells_file.write_text(design.frame().to_csv(index=False))
    rng = np.random.default_rng(0)
    for replicate in range(3):
        of_depth = dict(zip((1, 2, 3), rng.normal(0, 0.03, 3), strict=True))
        for trial, cell in enumerate(design.planned):
            values = design.values(cell)
            accuracy = 0.5 + of_depth[values["conv_blocks"]] + rng.normal(0, 0.005)
            execution = Execution(study, f"{trial:04d}", cell.index, replicate, values, 3)
            ledger.append(folder.path, stub_record(execution, val_accuracy=accuracy).record)
    return tmp_path


def test_without_an_earlier_study_a_point_is_assumed(study, tmp_path):
    spread = expected_spread(study, "conv_blocks", 40_000, tmp_path)
    assert (spread.size, spread.why.split(":")[0]) == (1.0, "assumed")


def test_few_images_set_a_floor(study, tmp_path):
    spread = expected_spread(study, "conv_blocks", 450, tmp_path)
    assert spread.size == image_noise(450) == pytest.approx(100 * math.sqrt(0.25 * 0.75 / 450))
    assert "450 scored images" in spread.why


def test_an_earlier_study_tells_it_factor_by_factor(study, earlier):
    depth = expected_spread(study, "conv_blocks", 40_000, earlier)
    width = expected_spread(study, "filter_multiplier", 40_000, earlier)
    assert depth.why == width.why == f"as in {earlier / 'earlier'}"
    assert depth.size > 2 > 1 > width.size


def test_a_study_of_other_data_tells_nothing(study, earlier):
    other = study.model_copy(update={"dataset": "cifar10"})
    assert "assumed" in expected_spread(other, "conv_blocks", 40_000, earlier).why


def test_a_broken_study_beside_it_is_passed_over(study, earlier):
    broken = earlier / "broken"
    broken.mkdir()
    (broken / "study.yaml").write_text("factors: [")
    assert "as in" in expected_spread(study, "conv_blocks", 40_000, earlier).why


def test_an_objective_with_a_unit_of_its_own_has_no_assumption(study, tmp_path):
    loss = study.with_settings(objective="val_loss")
    assert expected_spread(loss, "conv_blocks", 40_000, tmp_path) is None
