"""A stock Keras Tuner project becomes a source that says what it cannot tell."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tuner.errors import DataError
from tuner.report import read_keras_tuner, write_report

SPACE = [
    {"class_name": "Int", "config": {"name": "conv_blocks", "step": 1}},
    {"class_name": "Choice", "config": {"name": "filter_multiplier"}},
    {"class_name": "Float", "config": {"name": "lr", "step": None}},
]

pytestmark = pytest.mark.usefixtures("undrawn")


def write_trial(folder: Path, number: int, score: float | None, **values: Any) -> None:
    """A trial.json as Keras Tuner 1.4.8 writes it."""
    observations = [] if score is None else [{"value": [score], "step": 0}]
    trial = {
        "trial_id": f"{number:04d}",
        "hyperparameters": {"space": SPACE, "values": values},
        "metrics": {
            "metrics": {"val_accuracy": {"direction": "max", "observations": observations}}
        },
        "score": score,
        "best_step": 0,
        "status": "FAILED" if score is None else "COMPLETED",
        "message": "Traceback\nValueError: no memory" if score is None else None,
    }
    path = folder / f"trial_{number:04d}"
    path.mkdir(parents=True)
    (path / "trial.json").write_text(json.dumps(trial))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Six cells, each with two learning rates."""
    folder = tmp_path / "project"
    number = 0
    for depth in (1, 2, 3):
        for width in (1.0, 2.0):
            for rate, loss in ((0.01, 0.0), (0.1, 0.2)):
                score = 0.4 + 0.1 * depth + 0.02 * width - loss
                write_trial(
                    folder, number, score, conv_blocks=depth, filter_multiplier=width, lr=rate
                )
                number += 1
    return folder


def test_the_best_nuisance_stands_for_its_cell(project: Path) -> None:
    source = read_keras_tuner(project)
    assert source.question.factors == ("filter_multiplier", "conv_blocks")
    assert len(source.executions) == 6
    assert "lr" not in source.executions
    assert any("lr was searched beside the factors" in note for note in source.facts.notes)


def test_the_page_gives_means_and_says_why_nothing_is_inferred(
    project: Path, tmp_path: Path
) -> None:
    report = write_report(read_keras_tuner(project), tmp_path / "report")
    assert "averaged_executions" in set(report.findings["check"])
    assert all("no interval" in verdict for verdict in report.verdicts[:2])
    assert "mean over its executions" in report.html.read_text()


def test_failed_and_torn_trials_are_told(project: Path) -> None:
    write_trial(project, 90, None, conv_blocks=3, filter_multiplier=2.0, lr=0.5)
    (project / "trial_0000" / "trial.json").write_text("")
    source = read_keras_tuner(project)
    assert any("1 of 13 trial files are empty or torn" in note for note in source.facts.notes)
    assert len(source.executions) == 6


def test_hyperband_keeps_its_budgets_apart(project: Path) -> None:
    values = {"conv_blocks": 1, "filter_multiplier": 1.0, "lr": 0.01}
    fidelity = {"tuner/epochs": 9, "tuner/initial_epoch": 3, "tuner/bracket": 2, "tuner/round": 1}
    write_trial(project, 91, 0.9, **values, **fidelity)
    row = read_keras_tuner(project).executions.query("rung == 1").iloc[0]
    assert (row["epochs"], row["initial_epoch"], row["val_accuracy"]) == (9, 3, 0.9)


def test_a_project_without_a_comparison_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no readable"):
        read_keras_tuner(tmp_path)
    write_trial(tmp_path / "one", 0, 0.5, conv_blocks=1, filter_multiplier=1.0, lr=0.1)
    with pytest.raises(DataError, match="two levels"):
        read_keras_tuner(tmp_path / "one")


@pytest.mark.trains
def test_a_project_that_the_stock_tuner_wrote_is_read(tmp_path: Path) -> None:
    from tuner.training.backend import start_tensorflow

    start_tensorflow()  # with one thread, which a process keeps
    keras_tuner = pytest.importorskip("keras_tuner")

    class Stub(keras_tuner.GridSearch):  # type: ignore[misc]
        def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> list[dict[str, float]]:
            values = trial.hyperparameters
            score = 0.1 * values.get("conv_blocks") + 0.01 * values.get("filter_multiplier")
            return [{"val_accuracy": score}, {"val_accuracy": score + 0.02}]

    def build(hp: Any) -> Any:
        import keras

        hp.Int("conv_blocks", 1, 2)
        hp.Choice("filter_multiplier", [1.0, 2.0])
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model

    tuner = Stub(build, "val_accuracy", directory=tmp_path, project_name="stock")
    tuner.search(verbose=0)
    found = read_keras_tuner(tmp_path / "stock").executions
    values = found.set_index(["conv_blocks", "filter_multiplier"])["val_accuracy"]
    assert values.to_dict() == pytest.approx(
        {(1, 1.0): 0.12, (1, 2.0): 0.13, (2, 1.0): 0.22, (2, 2.0): 0.23}
    )


@pytest.mark.parametrize(
    "content",
    [
        "null", "5", '"hyperparameters"', '{"hyperparameters": {}}', "[" * 10**5,
        '{"hyperparameters": {"space": [], "values": {"a": [1]}}, "metrics": {"metrics": {}}}',
    ],
)  # fmt: skip
def test_what_is_no_trial_counts_as_torn(project: Path, content: str) -> None:
    num_trials = len(list(project.glob("trial_*")))
    (project / "trial_x").mkdir()
    (project / "trial_x" / "trial.json").write_text(content)
    notes = read_keras_tuner(project).facts.notes
    assert any(f"1 of {num_trials + 1} trial files are empty or torn" in note for note in notes)


@pytest.mark.parametrize("levels", [("narrow", "mid", "wide"), (-1, 0, 4)])
def test_a_width_that_has_no_axis_is_a_factor_like_any_other(tmp_path: Path, levels: Any) -> None:
    for number, (level, depth) in enumerate(itertools.product(levels, (1, 2))):
        write_trial(
            tmp_path, number, 0.5 + number / 100, filter_multiplier=level, conv_blocks=depth, lr=0.1
        )
    question = read_keras_tuner(tmp_path).question
    assert question.width is None
    assert "filter_multiplier" in question.factors
    with pytest.raises(DataError, match="--width filter_multiplier: expected numbers"):
        read_keras_tuner(tmp_path, width="filter_multiplier")
