"""The README and the docs: snippets run, samples stand in reports, links lead somewhere."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINKED = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "results" / "README.md"]
NOTHING_ELSE_IS_CALLED_TUNER = (
    "import inspect\nassert inspect.ismodule(globals().get('tuner', inspect))\n"
)
HELD = {
    "python.md": """
assert plan.num_executions == len(found.executions) == 27 and len(found.history) == 2 * 27
assert [(frame["state"] == "infeasible").sum() for frame in (plan.cells, found.cells)] == [3, 3]
assert {"conv_blocks", "filter_multiplier"} == set(found.effects["factor"]) and found.best.n == 3
assert written.html.is_file() and found.answers == written.answers == told.answers
assert kernels.study.factors == study.factors and len(kernels.executions) == 4
assert told.folder is None and len(analysis.verdicts) and len(analysis.means)
assert len(stock.oracle.trials) == 3
ours.search(x_train, y_train, validation_data=(x_val, y_val), epochs=1, verbose=0)
assert len(ours.oracle.trials) == 3
params = found.cells.set_index(["conv_blocks", "filter_multiplier"])["params"]
assert network.count_params() == params[hp["conv_blocks"], hp["filter_multiplier"]]
"""
}


def snippets(page: Path, language: str) -> list[str]:
    """The blocks of code of one language; "" has those of none."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [text for name, text in blocks if name == language]


WITH_SNIPPETS = [page for page in PAGES if snippets(page, "python")]


@pytest.mark.elsewhere
@pytest.mark.slow
@pytest.mark.trains
@pytest.mark.parametrize("page", WITH_SNIPPETS, ids=lambda page: page.name)
def test_the_snippets_of_a_page_are_one_session(page, tmp_path):
    session = [*snippets(page, "python"), NOTHING_ELSE_IS_CALLED_TUNER, HELD.get(page.name, "")]
    ended = subprocess.run(
        [sys.executable, "-c", "\n".join(session)], cwd=tmp_path, capture_output=True,
        text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip  # like a prompt or a notebook: of no file that workers would import
    assert ended.returncode == 0, ended.stderr[-3000:]


def test_a_page_of_snippets_is_held():
    assert {*HELD} <= {page.name for page in WITH_SNIPPETS}


def test_what_a_report_is_said_to_print_stands_in_a_committed_one():
    reports = [
        html.unescape(path.read_text("utf-8"))
        for path in (ROOT / "results").glob("*-cifar10*/report/report.md")
    ]
    printed = [
        line
        for page in PAGES
        for block in snippets(page, "")
        for line in block.splitlines()
        if re.search(r" points\b.*\[|^Predicted|Holm", line)
    ]
    assert len(printed) >= 6
    for line in printed:
        if not line.startswith("tuner "):
            assert any(line in report for report in reports), line


def test_the_site_has_every_page_once():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    listed = [name for entry in nav for name in entry.values()]
    assert sorted(listed) == [page.name for page in PAGES[1:]]
    contents = (ROOT / "docs" / "index.md").read_text("utf-8")
    assert {*re.findall(r"\]\(([\w-]+\.md)\)", contents)} == {*listed} - {"index.md"}


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", name.lower()).strip().replace(" ", "-") for name in headings}


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http:", "https:")):
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            assert path.exists(), target
            assert not anchor or anchor in anchors(path), target
    for number, target in re.findall(r"\[#(\d+)\]\(([^)]*)\)", text):
        assert re.fullmatch(rf"https://github.com/[\w-]+/[\w-]+/issues/{number}", target)


def test_the_readme_is_short():
    text = (ROOT / "README.md").read_text("utf-8")
    shown = re.sub(r"<!-- speeds.*<!-- /speeds -->", "", text, flags=re.DOTALL)
    assert len(shown.splitlines()) <= 110
