"""Two studies side by side, as they are typed."""

from pathlib import Path

import pytest

from tests.cli.commanding import invoke

RESULTS = Path(__file__).parents[2] / "results"


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """A folder whose results are the committed studies."""
    (tmp_path / "results").mkdir()
    for study in RESULTS.glob("*/study.yaml"):
        (tmp_path / "results" / study.parent.name).symlink_to(study.parent)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_studies_are_named_and_their_page_lies_beside_them(at_home):
    done = invoke("compare", "width-depth-cifar10", "results/notebook-table-cifar10")
    assert done.exit_code == 0, done.output
    page = "results/compare-width-depth-cifar10-notebook-table-cifar10/compare.html"
    assert (at_home / page).is_file()
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("A third block adds 11.3 points in width-depth-cifar10 and costs")
    assert lines[-1].endswith("is resolved.")
    assert page in lines
    assert "shares no replicates with" in lines[0]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["width-depth-cifar10"], "expected two studies or more to compare, got"),
        (["width-depth-cifar10", "results/width-depth-cifar10/"], "different studies, got"),
        (["width-depth-cifar10", "width-depth-cifar"], "Did you mean 'width-depth-cifar10'?"),
        (["width-depth-cifar10", "no.csv"], "no.csv does not exist"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(at_home, typed, told):
    done = invoke("compare", *typed)
    assert done.exit_code in (1, 2)
    (line,) = done.stderr.splitlines()
    assert told in line
    assert not list((at_home / "results").glob("compare-*"))
