"""A report as Python asks for it: of frames, files and studies, shown under a notebook's cell."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest

import tuner
from tests.report.conftest import planted
from tuner.analysis import Question, analyse
from tuner.errors import DataError, UsageError
from tuner.report import Report
from tuner.report.answers.naming import Naming
from tuner.report.sections.labels import axis_of

AXES = {"width": "filter_multiplier", "depth": "conv_blocks"}
OTHERS = {"polars": polars.from_pandas, "PyArrow": pyarrow.Table.from_pandas}

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("undrawn")]


@pytest.fixture(scope="module")
def expected() -> Report:
    """What a frame of pandas says."""
    return tuner.report(planted().drop(columns="epoch"), **AXES)


@pytest.mark.parametrize("convert", OTHERS.values(), ids=OTHERS)
def test_a_frame_of_another_library_says_what_one_of_pandas_says(
    executions: pd.DataFrame, expected: Report, convert: Callable[[pd.DataFrame], object]
) -> None:
    found = tuner.report(convert(executions), **AXES)
    assert found.answers == expected.answers
    pd.testing.assert_frame_equal(found.effects, expected.effects)


@pytest.mark.parametrize("convert", OTHERS.values(), ids=OTHERS)
def test_an_analysis_takes_them_too(
    executions: pd.DataFrame, convert: Callable[[pd.DataFrame], object]
) -> None:
    question, history = Question(tuple(AXES.values()), **AXES), planted(epochs=2)
    expected = analyse(executions, question, history=history)
    found = analyse(convert(executions), question, history=convert(history))
    pd.testing.assert_frame_equal(found.effects, expected.effects)
    pd.testing.assert_frame_equal(found.curves, expected.curves)


def test_of_a_frame_nothing_is_written_unless_it_is_asked_for(
    executions: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = tuner.report(executions, **AXES)
    assert not [*tmp_path.iterdir()]
    assert found.folder is None
    with pytest.raises(DataError, match=r"nothing was written .* output=FOLDER"):
        found.html  # noqa: B018
    assert tuner.report(executions, "page", **AXES).html == Path("page/report.html")
    assert Path("page/report.html").is_file()


def test_a_study_is_reported_by_its_name_and_a_table_by_its_file(
    study_folder: Path, executions: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("results").mkdir()
    study_folder.rename(Path("results") / study_folder.name)
    executions.to_csv("runs.csv")
    assert tuner.report("width-depth").html == Path("results/width-depth/report/report.html")
    assert Path("results/width-depth/report/report.html").is_file()
    assert tuner.report("runs.csv").html == Path("results/runs/report/report.html")


def test_what_is_shown_under_a_cell_leaves_the_rest_of_the_notebook_alone(
    expected: Report,
) -> None:
    shown = expected._repr_html_()
    assert all(answer in shown for answer in expected.answers)
    style = re.search(r"<style>(.*?)</style>", shown, re.DOTALL)
    assert style
    assert style[1].strip().startswith("@scope (.tuner-report) {")
    assert not re.search(r"(:root|\bhtml|\bbody) ?[{:]", style[1])
    assert not re.search(r"<script|<link|https?://(?!www\.w3\.org)", shown)


def test_several_reports_in_a_notebook_share_no_id(executions: pd.DataFrame) -> None:
    halves = [executions[executions["replicate"] != left_out] for left_out in (0, 1)]
    first, second = ({*re.findall(r' id="([^"]+)"', inline(rows))} for rows in halves)
    assert first
    assert not first & second


def inline(rows: pd.DataFrame) -> str:
    """What is shown of some rows, with figures that differ as these do."""
    with pytest.MonkeyPatch.context() as patch:
        drawn = f'<svg viewBox="0 0 9 9"><path id="m"/>{rows["seed"].sum()}</svg>'
        patch.setattr("tuner.report.page.draw", lambda figure: (drawn, b""))
        return tuner.report(rows, **AXES)._repr_html_()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (42, r"expected a study, a table's file or a frame, as in .* got 42 \(int\)"),
        (None, r"got None \(NoneType\)"),
        ([1, 2], r"got \[1, 2\] \(list\)"),
        (polars.LazyFrame({"depth": [1]}), r"got .* \(LazyFrame\)"),
        ("width-detph", "no study 'width-detph' in results"),
    ],
)
def test_what_cannot_be_reported_is_told_in_a_line(asked: object, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        tuner.report(asked)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_a_lazy_frame_has_to_be_collected_for_an_analysis() -> None:
    with pytest.raises(UsageError, match=r"frame\.collect\(\)"):
        analyse(polars.LazyFrame({"depth": [1]}), Question(("depth",)))


def test_effects_that_cross_are_not_called_unseen() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        [
            (depth, kernel, replicate, 0.5 + sign * 0.02 * kernel + rng.normal(0, 0.002))
            for depth, sign in ((1, 1), (2, -1))
            for kernel in (3, 5)
            for replicate in range(4)
        ],
        columns=["depth", "kernel", "replicate", "val_accuracy"],
    )
    answers = tuner.report(rows, factors=["depth", "kernel"]).answers
    assert any(text.startswith("What kernel does depends on depth;") for text in answers), answers
    assert not any(text.startswith("No effect of kernel") for text in answers)


def test_levels_whose_name_is_long_are_told_apart_beside_their_lines() -> None:
    axis = axis_of(Naming("kernel_schedule", "kernel schedule"))
    assert [axis.full(level) for level in ("3", "5-3", "7-5-3")] == ["3", "5-3", "7-5-3"]
    assert axis_of(Naming("kernel", "kernel")).full("5-3") == "kernel 5-3"
