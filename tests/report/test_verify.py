"""A report that no longer says what its executions say is found out."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.conftest import planted
from tuner.errors import DataError
from tuner.report import Source, read_table, verify_report, write_report
from tuner.report.verify import NOT_COMPARED

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("undrawn")]  # drawings are not compared


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The planted table without what it cost, so that the page is shorter."""
    path = tmp_path_factory.mktemp("tables") / "runs.csv"
    planted().drop(columns=["epoch", "params", "flops", "seconds"]).to_csv(path, index=False)
    return read_table(path)


@pytest.fixture(scope="module")
def written(source: Source, undrawn: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of `source`, not to be changed."""
    return write_report(source, tmp_path_factory.mktemp("report")).folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of that report."""
    return Path(shutil.copytree(written, tmp_path / "report"))


def test_an_untouched_report_agrees_everywhere(source: Source, folder: Path) -> None:
    lines = verify_report(source, folder)
    assert list(lines.columns) == ["where", "printed", "recomputed", "agrees"]
    assert lines["agrees"].all()
    files = set(lines["where"].str.partition(",")[0])
    assert {"report.html", "report.md", "effects.csv", "figures/heatmap.csv"} <= files


def test_a_number_changed_on_the_page_is_found(source: Source, folder: Path) -> None:
    page = folder / "report.html"
    html = page.read_text()
    start = html.index("<td", html.index('id="table-effects"'))
    place = html.index(">+", start) + 2
    page.write_text(html[:place] + "9" + html[place:])
    wrong = verify_report(source, folder).query("not agrees")
    assert len(wrong) == 1
    assert wrong["where"].iloc[0] == f"report.html, line {html_line(html, place)}"
    assert ">+9" in wrong["printed"].iloc[0]
    assert ">+9" not in wrong["recomputed"].iloc[0]


def html_line(html: str, place: int) -> int:
    """The line of a place in a page, drawings and footer aside."""
    return NOT_COMPARED.sub("", html[:place]).count("\n") + 1


def test_an_execution_changed_since_is_found(source: Source, folder: Path) -> None:
    executions = source.executions.copy()
    executions.loc[0, "val_accuracy"] += 0.05
    numbers = verify_report(replace(source, executions=executions), folder)
    wrong = numbers[~numbers["agrees"]]["where"]
    for part in ("tables/cells.csv", "report.html", "effects.csv", "report.md"):
        assert wrong.str.contains(part, regex=False).any(), part


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda folder: (folder / "figures" / "heatmap.csv").unlink(), "figures/heatmap.csv"),
        (lambda folder: (folder / "report.md").write_text(""), "report.md"),
    ],
)
def test_a_missing_part_disagrees(
    source: Source, folder: Path, change: Callable[[Path], object], where: str
) -> None:
    change(folder)
    numbers = verify_report(source, folder)
    part = numbers[numbers["where"].str.startswith(where)]
    assert len(part) > 0
    assert not part["agrees"].any()
    assert numbers[~numbers["where"].str.startswith(where)]["agrees"].all()


def test_no_report_is_told(source: Source, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no report\.html"):
        verify_report(source, tmp_path)
