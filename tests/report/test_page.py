"""What stands on the page, in HTML, Markdown and files."""

import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from tests.report.conftest import planted
from tuner.report import Report, read_study, read_table, write_report
from tuner.report.markup import render_html, render_markdown
from tuner.report.page import analyse_source, compose, leave_blank
from tuner.report.rendering import draw
from tuner.report.sections import costs

pytestmark = pytest.mark.slow

Write = Callable[..., Path]
NAMES = {
    "filter_multiplier": "<script>alert(1)</script>",
    "conv_blocks": 'b|c*`[x](javascript:1) \\d $_{ "',
}


def test_the_page_reads_in_order(report: Report) -> None:
    html = report.html.read_text()
    order = [
        'id="answers"', 'id="figure-effect_depth"', 'id="figure-effect_width"', 'id="warnings"',
        'id="figure-interaction"', 'id="table-steps"', 'id="figure-wide_against_deep_params"',
        'id="table-networks"', 'id="figure-learning_curves"', 'id="figure-heatmap"',
        'id="table-effects"', 'id="figure-frontier_params"', 'id="figure-fidelity"',
        'id="methods"', 'class="provenance"',
    ]  # fmt: skip
    places = [html.index(part) for part in order]
    assert places == sorted(places)


def test_the_planted_growths_are_printed_where_they_belong(report: Report) -> None:
    effects = pd.read_csv(report.folder / "effects.csv", keep_default_na=False)
    growth = effects[effects["kind"] == "growth"].set_index("factor")["estimate"].astype(float)
    assert growth["filter_multiplier"] == pytest.approx(3, abs=0.2)
    assert growth["conv_blocks"] == pytest.approx(5, abs=0.2)
    html = report.html.read_text()
    row = html[html.index("per doubling</td>", html.index('id="table-effects"')) :]
    printed = row.partition('data-title="effect">')[2].partition("<")[0]
    assert float(printed) == pytest.approx(growth["filter_multiplier"], abs=0.005)


@pytest.mark.parametrize(
    ("figure", "finding"),
    [
        ("interaction", r"What width does is much the same|Whether width and depth"),
        ("wide_against_deep_params", r"At equal parameters \(within \d+%\) "),
        ("learning_curves", r"(\d+|None) of 12 cells gained more than 1 point after epoch \d+\."),
        ("heatmap", r"The best network here: width 4, 3 blocks, "),
        ("frontier_params", r"\d+ of 12 cells are the best at their cost in parameters\."),
    ],
)
def test_a_figure_is_titled_with_its_finding(report: Report, figure: str, finding: str) -> None:
    _, _, shown = report.html.read_text().partition(f'id="figure-{figure}"')
    title = re.search(r'<p class="title">(.*?)</p>', shown.partition("</figure>")[0])
    assert title
    assert re.match(finding, title[1])
    assert f"**{unescape(title[1])}**" in report.markdown.read_text()


def test_every_figure_has_its_files(report: Report) -> None:
    names = re.findall(r'id="figure-(\w+)"', report.html.read_text())
    assert len(names) == len(set(names)) >= 10
    for name in names:
        for ending in ("svg", "png", "csv"):
            assert (report.folder / "figures" / f"{name}.{ending}").stat().st_size > 0


def test_every_table_has_its_files(report: Report) -> None:
    names = re.findall(r'<table id="table-(\w+)"', report.html.read_text())
    assert {"effects", "conditional_effects", "cells", "variance_shares"} <= set(names)
    for name in names:
        assert r"\begin{tabular}" in (report.folder / "tables" / f"{name}.tex").read_text()
        assert (report.folder / "tables" / f"{name}.csv").is_file()


def test_verdicts_are_the_same_in_terminal_markdown_and_html(report: Report) -> None:
    html, markdown = unescape(report.html.read_text()), report.markdown.read_text()
    for verdict in report.verdicts:
        assert f"<li>{verdict}</li>" in html
        assert f"- {verdict}\n" in markdown


def test_the_answers_are_the_same_in_markdown_and_html(report: Report) -> None:
    html, markdown = unescape(report.html.read_text()), report.markdown.read_text()
    answers = re.findall(r'<p class="answer">(.*?)</p>', html)
    assert answers == [
        "Each further block adds about 5 points.",
        "Each doubling of the width adds about 3 points.",
    ]
    for answer in answers:
        assert f"**{answer}**" in markdown


def open_part(html: str) -> str:
    """What stands on the page without being unfolded."""
    return re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL)


def test_little_stands_open_and_the_rest_is_folded(report: Report) -> None:
    html = report.html.read_text()
    opened = open_part(html)
    assert 2 <= opened.count("<figure") <= 5
    assert html.count("<figure") > 8
    for deep in ("p (Holm)", "robust", "bootstrap", "share of variance", "LaTeX", "CSV", "verdict"):
        assert deep not in re.sub(r"<style.*?</style>", "", opened, flags=re.DOTALL), deep
    assert "<th" in opened


def test_no_table_repeats_itself_in_a_column_of_verdicts(report: Report) -> None:
    titles = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', report.html.read_text())
    assert titles
    assert "verdict" not in titles


def test_a_page_stays_small(report: Report) -> None:
    assert report.html.stat().st_size < 400_000


def test_serious_findings_stand_above_the_answers_and_mark_them(
    study_folder: Path, undrawn: None
) -> None:
    source = read_study(study_folder)
    page = compose(source, analyse_source(source))
    assert page.caution.startswith("These networks were still learning when they stopped")
    html = render_html(page, leave_blank(page))
    assert html.index('class="caution"') < html.index('class="answers doubtful"')


def test_the_page_says_where_its_numbers_are_from_and_how_to_repeat_them(
    study_folder: Path,
) -> None:
    source = read_study(study_folder)
    told = compose(source, analyse_source(source)).provenance
    for part in ("15 executions", "digits", "tuner search --config study.yaml", "Test images were"):
        assert part in told


def test_the_page_needs_no_other_file_and_no_network(report: Report) -> None:
    html = report.html.read_text()
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]*)"', html)
    assert [address for address in loaded if not address.startswith("data:")] == []
    assert "<script" not in html
    assert "@import" not in html
    assert re.findall(r"url\((?!#)", html) == []


def test_ids_are_unique(report: Report) -> None:
    ids = re.findall(r'\sid="([^"]*)"', report.html.read_text())
    assert len(ids) == len(set(ids))


@pytest.fixture(scope="module")
def losses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of losses, its factors with hostile names."""
    frame = planted().drop(columns="epoch").rename(columns=NAMES)
    frame["val_loss"] = 2 - frame.pop("val_accuracy")
    path = tmp_path_factory.mktemp("losses") / "a&b.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def odd(losses: Path) -> Report:
    """Their report."""
    width, depth = NAMES.values()
    source = read_table(losses, metric="val_loss", factors=[width, depth], width=width, depth=depth)
    return write_report(source, losses.parent / "out")


def test_names_are_escaped_wherever_they_stand(odd: Report, losses: Path) -> None:
    source = read_table(losses, metric="val_loss", factors=[*NAMES.values()])  # no width, no depth
    page = compose(source, analyse_source(source))
    for html in (odd.html.read_text(), render_html(page, leave_blank(page))):
        assert "<script" not in html
        assert "&lt;script&gt;" in html
    markdown = odd.markdown.read_text()
    for text in (markdown, render_markdown(page)):
        assert "<script" not in text
        assert "](javascript" not in text
    widths = {line.count("|") - line.count("\\|") for line in _table_after(markdown, "Effects, in")}
    assert len(widths) == 1  # no name opened a column
    for svg in (odd.folder / "figures").glob("*.svg"):
        assert "<script" not in svg.read_text()


def _table_after(markdown: str, caption: str) -> list[str]:
    """The lines of the table below a caption."""
    lines = markdown[markdown.index(caption) :].splitlines()[2:]
    return lines[: lines.index("")]


def test_a_study_tells_its_design_training_and_holes(study_folder: Path) -> None:
    source = read_study(study_folder)
    page = compose(source, analyse_source(source))
    html = render_html(page, leave_blank(page))
    assert "5 networks × 3 replicates on digits (1,000 training images), 2 epochs, 15 s" in html
    assert "a part of the 6 combinations" in html
    assert "15 of 15 planned executions (100%) are in" in html
    assert "trained with tensorflow 2.21.0" in html
    assert "fixed: optimizer = adam" in html
    (heatmap,) = (picture.figure for picture in page.pictures if picture.name == "heatmap")
    assert "1 px map" in draw(heatmap)[0]


@pytest.mark.parametrize("num_levels", [2, 1000])
def test_few_and_many_levels_make_a_page(table: Write, tmp_path: Path, num_levels: int) -> None:
    rows = [
        {
            "units": float(level),
            "replicate": replicate,
            "accuracy": 0.5 + 1e-4 * level + replicate / 100,
        }
        for level in range(1, num_levels + 1)
        for replicate in range(3)
    ]
    report = write_report(read_table(table(pd.DataFrame(rows)), width="units"), tmp_path / "out")
    assert report.html.stat().st_size < 3_000_000
    assert len(report.verdicts) >= 1


def test_another_process_writes_the_same_page_and_loads_no_framework(
    report: Report, history_table: Path, tmp_path: Path
) -> None:
    code = f"""
import sys, pathlib
import tuner.report
heavy = {{"pandas", "matplotlib", "statsmodels", "tensorflow", "keras"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
tuner.report.write_report(
    tuner.report.read_table(pathlib.Path({str(history_table)!r})),
    pathlib.Path({str(tmp_path)!r}),
)
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for mine in (report.html, report.markdown):
        assert (tmp_path / mine.name).read_bytes() == mine.read_bytes()


def test_a_loss_is_told_in_its_own_unit_everywhere(odd: Report) -> None:
    texts = {path.name: path.read_text() for path in odd.folder.rglob("*.*") if path.is_file()
             and path.suffix in (".html", ".md", ".csv", ".svg", ".tex")}  # fmt: skip
    for name, text in texts.items():
        for wrong in ("(%)", " points", ",pp,", "percentage point", "accuracy"):
            assert wrong not in text, f"{name}: {wrong}"
    assert "How does validation loss change with width and depth?" in texts["report.md"]
    assert " of val_loss per doubling" in texts["report.md"]
    effects = pd.read_csv(odd.folder / "effects.csv", keep_default_na=False)
    assert set(effects["unit"]) == {"val_loss"}


def test_a_figure_of_many_pairs_shows_the_closest_and_says_so(
    history_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "MOST_PAIRS", 1)
    source = read_table(history_table)
    analysis = analyse_source(source)
    pairs = analysis.matched["params"]
    (picture,) = costs.budgets_section(source, analysis).pictures
    assert f"The 1 of {len(pairs)} that are closest in cost" in picture.caption
    assert len(pairs) == len(picture.numbers) > 1
