"""What a terminal shows: real ones of 60, 80 and 120 columns and 24 rows, read at the other end."""

import re
from pathlib import Path

import pytest

from tests.cli.commanding import TINY
from tests.cli.screens import on_terminal
from tests.stubbed import search

WIDTHS = (60, 80, 120)
ONE = ["--replicates", "1", "--workers", "0"]


@pytest.fixture
def folder(tmp_path, study, design, stub_record):
    """A study that was stopped, beside one with a name that no narrow screen has room for."""
    long = study.with_settings(name="another-study-of-a-name-that-is-much-too-long-for-any-screen")
    search(tmp_path / "results", long, design, stub_record)
    found = search(tmp_path / "results", study, design, stub_record)
    lines = found.ledger_file.read_bytes().splitlines(keepends=True)
    found.ledger_file.write_bytes(b"".join(lines[:7]))
    return found


def assert_fits(shown, width):
    assert max(map(len, shown.lines)) <= width, max(shown.lines, key=len)
    assert shown.highest <= 24


@pytest.mark.trains
@pytest.mark.parametrize("width", WIDTHS)
def test_a_search_shows_what_it_reads_then_a_live_table_then_what_it_found(tmp_path, width):
    shown = on_terminal("search", *TINY, *ONE, cwd=tmp_path, width=width)
    assert shown.code == 0
    while_it_runs = shown.sent.rpartition("\x1b[?25h")[0]  # sentences behind it may be longer
    assert_fits(shown._replace(sent=while_it_runs), width)
    assert "reading digits …" in shown.sent.partition("val acc")[0]
    assert "\x1b[92m" not in shown.sent, "colours that light and dark backgrounds show alike"
    screen = "\n".join(shown.screen)
    assert re.search(r"^depth-digits · grid · 2 cells x 1 replicate\n", screen)
    assert re.search(r"2/2 +━+ +done\n", screen)
    assert re.search(r"conv_blocks +n +val acc ± sd +params +state\n", screen)
    assert re.search(r" 1 +1/1 +\d+\.\d% +\d[\d.]*( k)? +done\n", screen)
    assert re.search(r"Best: conv_blocks=\d: validation accuracy \d+\.\d% \(1 execution of", screen)
    assert screen.rstrip().endswith("Next: tuner report results/depth-digits")


@pytest.mark.trains
@pytest.mark.parametrize("plain", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_a_terminal_that_is_plain_gets_lines_and_nothing_that_moves(tmp_path, plain):
    shown = on_terminal("search", *TINY, *ONE, cwd=tmp_path, env=plain)
    assert shown.code == 0
    assert "\x1b" not in shown.sent
    assert len(re.findall(r"^\d{4}-\d\d-\d\dT.* \d/2 conv_blocks=\d", shown.sent, re.M)) == 2


@pytest.mark.parametrize("width", WIDTHS)
def test_a_standing_fits(folder, width):
    shown = on_terminal("status", "small", cwd=folder.path.parents[1], width=width)
    assert_fits(shown, width)
    text = " ".join(" ".join(shown.screen).split())
    assert re.search(r"state stopped, last changed (now|\d+ \w+ ago) executions 7 of 18 best", text)
    assert re.search(r"best so far conv_blocks=\d, filter_multiplier=1: validation", text)
    assert re.search(r"time left \d+ \w+ ± \d+ \w+, 1 worker test images untouched next", text)
    assert "next tuner search --config" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_standing_that_is_watched_is_told_once_where_nobody_trains(folder, width):
    shown = on_terminal("status", "--watch", "small", cwd=folder.path.parents[1], width=width)
    assert shown.code == 0
    assert_fits(shown, width)
    assert "executions   7 of 18" in shown.screen


@pytest.mark.parametrize("width", WIDTHS)
def test_a_list_of_studies_fits_with_a_line_each(folder, width):
    shown = on_terminal("list", cwd=folder.path.parents[1], width=width)
    assert_fits(shown, width)
    studies = [line for line in shown.screen if re.search(r"\d+/18", line)]
    assert len(studies) == 2
    assert re.match(r"small +stopped +7/18 +\d+\.\d% +\S", studies[0].replace(" ± 0.1", ""))
    assert re.search(r" complete +18/18 +55\.1% ± 0\.1 +(now|\d+ \w+ ago)$", studies[1])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("shows", ["--best", "--cells", "--executions", "--space"])
def test_tables_fit_and_their_numbers_are_whole(folder, width, shows):
    shown = on_terminal("show", "small", shows, cwd=folder.path.parents[1], width=width)
    assert shown.code == 0
    assert_fits(shown, width)
    assert "…" not in "".join(shown.screen)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "asked",
    [["data"], ["spaces"], ["spaces", "conv_pool"], ["studies"], ["--help"], ["search", "--help"]],
)
def test_what_there_is_to_ask_fits(tmp_path, width, asked):
    shown = on_terminal(*asked, cwd=tmp_path, width=width)
    assert shown.code == 0
    assert_fits(shown, width)


@pytest.mark.trains
@pytest.mark.parametrize("width", WIDTHS)
def test_a_plan_fits(tmp_path, width):
    shown = on_terminal("plan", "--dataset", "digits", cwd=tmp_path, width=width)
    assert shown.code == 0
    assert_fits(shown, width)
    screen = "\n".join(shown.screen)
    assert re.search(r"conv(_blo|…)cks .*params +MFLOPs +time +state\n", screen)
    assert screen.count("infeasible: block 4: 1 px map cannot be pooled (3 cells)") == 1


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_fits_and_ends_with_its_answers(folder, width):
    shown = on_terminal("report", folder.path.name, cwd=folder.path.parents[1], width=width)
    assert shown.code == 0
    lines = shown.screen
    [rule] = [number for number, line in enumerate(lines) if set(line) == {"─"}]
    page = lines.index(str(Path("results", "small", "report", "report.html")))
    assert max(map(len, lines[rule - 1 : page])) <= width, "of sentences the terminal takes care"
    assert re.match(r"severity +(serious|warning|note) +what to do", lines[rule - 1])
    assert all(line.endswith(".") for line in lines[page + 1 : -1])
    assert len(lines[page + 1 : -1]) in (1, 2)


@pytest.mark.parametrize("width", WIDTHS)
def test_an_error_is_one_line_whatever_the_width(tmp_path, width):
    shown = on_terminal("run", cwd=tmp_path, width=width)
    assert shown.code == 2
    assert shown.sent.startswith("Error: no command 'run'. Did you mean 'search'?")
    assert shown.sent.count("\n") == 1
