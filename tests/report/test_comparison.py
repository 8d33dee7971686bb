"""The page of a comparison: what stands on it, its files, and where it is not written."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.report.conftest import planted
from tuner.errors import UsageError
from tuner.report import Compared, Source, read_study, read_table, write_comparison

pytestmark = pytest.mark.slow  # whole pages, with their figures

RESULTS = Path(__file__).parents[2] / "results"
NAMES = ("width-depth-cifar10", "hyperband-cifar10-complete")


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """Two committed studies of one question with other seeds, drawn and all."""
    folder = tmp_path_factory.mktemp("compared") / "compare"
    return write_comparison([read_study(RESULTS / name) for name in NAMES], folder)


def test_the_page_reads_in_order_and_needs_no_other_file(committed: Compared) -> None:
    html = committed.html.read_text()
    order = ["<h1>Do width and depth do the same", 'id="answers"', 'id="figure-effects_side_by',
             "shares no replicates with", 'id="warnings"', 'id="table-differences"',
             'id="table-settings"', 'id="table-all_differences"', 'id="methods"']  # fmt: skip
    places = [html.index(part) for part in order]
    assert places == sorted(places)
    assert not re.findall(r'(?:src|href)="(?!data:|#|figures/|tables/)', html)


def test_the_page_says_the_same_as_the_csv(committed: Compared) -> None:
    rows = pd.read_csv(committed.folder / "compare.csv")
    assert len(rows) == 7
    assert (rows["study_effect"] - rows["reference_effect"] - rows["estimate"]).abs().max() < 1e-9
    first = rows[rows["leads"]].iloc[0]
    text = committed.markdown.read_text()
    assert f"| {first['estimate']:+.2f} | [{first['ci_low']:.2f}, ".replace("-", "−") in text
    assert "| seed | 0 | 1 |\n\n" in text, "nothing else differs"
    assert "as their seeds differ (0 and 1): the errors of both add up" in text


def test_what_is_undetermined_is_never_said_to_be_no_difference(committed: Compared) -> None:
    assert all("may be from" in answer for answer in committed.answers)
    assert "no difference" not in committed.markdown.read_text().lower()


def test_every_figure_and_table_has_its_files(committed: Compared) -> None:
    for name in ("svg", "png", "csv"):
        path = committed.folder / "figures" / f"effects_side_by_side.{name}"
        assert path.stat().st_size > 0
    for name in ("differences", "settings", "all_differences"):
        assert (committed.folder / "tables" / f"{name}.csv").exists()
        assert (committed.folder / "tables" / f"{name}.tex").exists()


@pytest.mark.usefixtures("undrawn")
def test_other_budgets_are_a_serious_doubt_and_the_same_executions_are_told(tmp_path: Path) -> None:
    first, other = (read_study(RESULTS / name) for name in (NAMES[0], "hyperband-cifar10"))
    found = write_comparison([first, other], tmp_path / "budgets")
    assert "different numbers of epochs (12, 1)" in found.findings["what"].iloc[0]
    assert "Not to be trusted as it stands" in found.html.read_text()
    kernels = read_study(RESULTS / "kernel-schedule-cifar10")
    copied = write_comparison([first, kernels], tmp_path / "copies")
    assert any("have the same executions" in what for what in copied.findings["what"])
    assert "shares its replicates with" in copied.sharing[0]


@pytest.fixture
def sources(table: Callable[..., Path]) -> list[Source]:
    """Two tables, the second with a smaller effect of depth."""
    rows = planted().drop(columns=["epoch", "seed"])
    less = rows.assign(val_accuracy=rows["val_accuracy"] - 0.02 * rows["conv_blocks"])
    return [read_table(table(one, f"{name}.csv")) for one, name in ((rows, "a"), (less, "b"))]


@pytest.mark.usefixtures("undrawn")
def test_tables_are_compared_as_independent_ones(sources: list[Source], tmp_path: Path) -> None:
    found = write_comparison(sources, tmp_path / "page")
    assert found.answers[-1].startswith("Each further block adds 5")
    assert found.answers[-1].endswith("is resolved.")
    assert "the difference, 2 " in found.answers[-1]
    assert "nothing is known of the images" in found.sharing[0]
    assert "Nothing is known of how a and b came about." in found.html.read_text()


@pytest.mark.usefixtures("undrawn")
def test_only_an_earlier_comparison_of_the_same_studies_is_replaced(
    sources: list[Source], tmp_path: Path, study_folder: Path
) -> None:
    write_comparison(sources, tmp_path / "page")
    write_comparison(sources, tmp_path / "page")
    third = Source("c", sources[1].executions, None, None, sources[1].question)
    for output, told in (
        (tmp_path / "page", "holds other files than a comparison of a, c"),
        (study_folder / "compare", "is in the study width-depth"),
    ):
        with pytest.raises(UsageError, match=told):
            write_comparison([sources[0], third], output)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "compare.csv").write_text("mine\n1\n")
    with pytest.raises(UsageError, match="expected another --output"):
        write_comparison(sources, tmp_path / "own")
    assert (tmp_path / "own" / "compare.csv").read_text() == "mine\n1\n"


def test_one_six_or_two_of_a_name_are_refused(sources: list[Source], tmp_path: Path) -> None:
    for some, told in (
        (sources[:1], "expected 2 to 5 studies, got 1"),
        (sources * 3, "expected 2 to 5 studies, got 6"),
        (sources[:1] * 2, "expected different studies, got 'a' twice"),
    ):
        with pytest.raises(UsageError, match=told):
            write_comparison(some, tmp_path / "page")
    assert not (tmp_path / "page").exists()
