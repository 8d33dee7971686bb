"""What the page's texts say of a table, its figures left undrawn."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tuner.report import read_table, write_report

pytestmark = pytest.mark.usefixtures("undrawn")
Write = Callable[..., Path]


@pytest.mark.slow
def test_a_table_without_replicates_gets_means_and_no_inference(
    table: Write, executions: pd.DataFrame, tmp_path: Path
) -> None:
    single = executions[executions["replicate"] == 0].drop(columns=["replicate", "seed"])
    report = write_report(read_table(table(single)), tmp_path / "out")
    effects = pd.read_csv(report.folder / "effects.csv")
    assert effects["estimate"].notna().any()
    assert effects[["ci_low", "ci_high", "p"]].isna().all(axis=None)
    assert "no interval can be given" in report.html.read_text()


@pytest.mark.slow
def test_units_and_layers_have_growths_and_the_page_says_that_they_were_guessed(
    executions: pd.DataFrame, table: Write, tmp_path: Path
) -> None:
    names = {"filter_multiplier": "units", "conv_blocks": "layers"}
    written = write_report(read_table(table(executions.rename(columns=names))), tmp_path / "page")
    text = written.markdown.read_text()
    assert re.search(r"Width \(units\).*\+(2\.9|3\.)\d* points per doubling", text)
    assert re.search(r"Depth \(layers\).*\+5\.\d points per added layer", text)
    assert "units was taken for the width by its name" in text
    assert "say --width NAME" in text
