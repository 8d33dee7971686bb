"""The notebook of the docs runs from its first cell to its last, in a folder of its own."""

import json
from pathlib import Path

import nbclient
import nbformat
import pytest

NOTEBOOK = Path(__file__).parents[1] / "docs" / "first-study.ipynb"

pytestmark = [pytest.mark.elsewhere, pytest.mark.slow, pytest.mark.trains]


@pytest.fixture(scope="module")
def kernel(desk, tmp_path_factory):
    """The name of a kernel that has our wheel and no checkout."""
    place = tmp_path_factory.mktemp("jupyter")
    (place / "kernels" / "desk").mkdir(parents=True)
    command = [str(desk.environment / "bin" / "python"), "-m", "ipykernel_launcher"]
    spec = {"argv": [*command, "-f", "{connection_file}"], "display_name": "", "language": "python"}
    (place / "kernels" / "desk" / "kernel.json").write_text(json.dumps(spec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(place))
        patch.delenv("PYTHONPATH", raising=False)
        yield "desk"


@pytest.fixture(scope="module")
def cells(kernel, tmp_path_factory):
    """The notebook's cells of code, as they are after it has run."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # none is kept that may be old
    place = tmp_path_factory.mktemp("notebook")
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name=kernel, resources={"metadata": {"path": str(place)}}
    ).execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs_of(cells, line):
    """What the cell of this first line shows: HTML where there is some, else text."""
    cell = next(cell for cell in cells if cell.source.splitlines()[0] == line)
    shown = [output.get("data", {}) for output in cell.outputs]
    return [data.get("text/html") or data.get("text/plain", "") for data in shown]


def test_the_plan_is_shown_with_its_cells(cells):
    (plan,) = outputs_of(cells, "import tuner")
    assert "4 cells, 12 executions" in plan
    assert plan.count("planned") == 4


def test_a_search_is_shown_as_one_table_that_ends_with_all_that_was_trained(cells):
    (progress,) = outputs_of(cells, 'found = tuner.search("width-depth", **question)')
    assert "12/12" in progress
    assert "width-depth · grid · 4 cells x 3 replicates" in progress
    assert progress.count("done") == 5  # each cell, and the bar


MINE = 'mine = tuner.Study(name="mine", space="my_space:Dense", dataset="digits", epochs=8)'


@pytest.mark.parametrize("line", ["found", MINE])
def test_the_first_level_of_the_page_is_shown_under_a_cell(cells, line):
    *_, page = outputs_of(cells, line)
    assert 'class="answer"' in page
    assert page.count("<svg") == 2
    assert "What could make this wrong" in page
    assert "<script" not in page
    assert len(page) < 200_000
