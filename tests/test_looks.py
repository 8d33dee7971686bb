"""Looks at test images: none that was begun is forgotten, and how they are told."""

from dataclasses import replace

import pytest

from tuner import looks
from tuner.errors import StudyError
from tuner.looks import LOOKS, Look, looks_text, score_text
from tuner.objective import VALIDATION_ACCURACY, named

BEGUN = Look(
    number=1, began="2026-11-28T10:00:00+00:00", cell=3, values={"conv_blocks": 2}, replicate=0,
    seed=7, epochs=12, trained_on="training", num_training_images=100, num_test_images=1000,
    test_sha256="00",
)  # fmt: skip
ENDED = replace(BEGUN, metrics={"test_accuracy": 0.841, "test_loss": 0.5}, low=0.834, high=0.848)
AGAIN = replace(ENDED, number=2, began="2026-12-01T10:00:00+00:00")
AUC = named("val_auc", 0, 1)


def test_a_look_is_one_from_its_beginning_on(tmp_path):
    looks.append(tmp_path, BEGUN)
    assert looks.read(tmp_path) == [BEGUN]
    looks.append(tmp_path, ENDED)
    assert looks.read(tmp_path) == [ENDED]
    looks.append(tmp_path, AGAIN)
    assert looks.read(tmp_path) == [ENDED, AGAIN]


def test_a_torn_end_leaves_the_look_that_was_begun(tmp_path):
    looks.append(tmp_path, BEGUN)
    with (tmp_path / LOOKS).open("a") as file:
        file.write('{"number": 1, "began"')
    assert looks.read(tmp_path) == [BEGUN]
    looks.append(tmp_path, AGAIN)
    assert looks.read(tmp_path) == [BEGUN, AGAIN]


@pytest.mark.parametrize("line", ["{}", "[1]", '{"number": 1}', "no JSON", '{"number": NaN}'])
def test_a_line_that_is_no_look_is_refused_by_its_number(tmp_path, line):
    looks.append(tmp_path, BEGUN)
    with (tmp_path / LOOKS).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(StudyError, match=r"final\.jsonl, line 2 is not a look"):
        looks.read(tmp_path)


@pytest.mark.parametrize(
    ("taken", "text"),
    [
        ([], "untouched"),
        ([ENDED], "looked at once, on 2026-11-28: 84.1% (83.4 to 84.8)"),
        ([ENDED, AGAIN], "looked at twice, last on 2026-12-01: 84.1% (83.4 to 84.8)"),
        ([ENDED] * 2 + [AGAIN], "looked at 3 times, last on 2026-12-01: 84.1% (83.4 to 84.8)"),
        ([BEGUN], "looked at once, on 2026-11-28: begun, and ended before its score was recorded"),
    ],
)
def test_looks_are_counted_and_the_last_is_told(taken, text):
    assert looks_text(taken, VALIDATION_ACCURACY) == text


def test_another_objective_is_told_before_the_accuracy():
    look = replace(ENDED, metrics={**ENDED.metrics, "test_auc": 0.953})
    assert score_text(look, AUC) == "test auc 95.3%, accuracy 84.1% (83.4 to 84.8)"
    without = replace(BEGUN, metrics={"test_auc": 0.953})
    assert score_text(without, AUC) == "test auc 95.3%"
    assert score_text(replace(BEGUN, metrics={"test_auc": None}), AUC) == "test auc no number"
