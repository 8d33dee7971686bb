"""The live table of a search: it fits the screen, numbers are whole, what is trained is shown."""

import io
import re
import sys

import pytest
from rich.console import Console
from rich.file_proxy import FileProxy

from tests.stubbed import plan_of, search
from tuner.cli.live import Screen, fitting, live, rows_of
from tuner.cli.progress import Progress
from tuner.cli.telling import Printable
from tuner.design import Cell, Design, configurations
from tuner.execution import Execution

LONG = "number_of_filters_in_the_very_first_block"
SIZES = [(60, 24), (80, 24), (120, 24), (60, 10)]


@pytest.fixture
def wide():
    """A design of 60 cells, one infeasible, whose factors have long names."""
    factors = {LONG: tuple(range(1, 21)), "conv_blocks": (1, 2, 3)}
    state = {7: ("infeasible", "conv_blocks=2: a feature map of 1 px is smaller than its pool")}
    cells = [
        Cell(index, levels, 1234567 * (index + 1), 10_000, *state.get(index, ("planned", "")))
        for index, levels in enumerate(configurations(factors))
    ]
    return factors, Design(tuple(cells), {})


@pytest.fixture
def progress(tmp_path, study, wide, stub_record):
    """A search of them that has trained five cells, and is at cells 2 and 50."""
    factors, design = wide
    study = study.with_settings(name="a-study-of-a-name-that-is-rather-long", factors=factors)
    five = Design(design.cells[:5], {})
    done = search(tmp_path, study, five, stub_record)
    found = Progress(plan_of(study, design), done.records, 2, tmp_path)
    for cell, replicate in ((2, 4), (50, 0)):
        found.started(Execution(study, f"{cell:04d}", cell, replicate, {}, study.epochs))
    return found


def screen(progress, width, height):
    """What a terminal of this size shows, as lines."""
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=False)
    console.print(Printable(Screen(progress)))
    return console.file.getvalue().rstrip("\n").split("\n")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_fits_the_screen(progress, width, height):
    lines = screen(progress, width, height)
    assert len(lines) < height, "the cursor needs a line"
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_what_is_being_trained_is_always_shown(progress, width, height):
    trained = [line for line in screen(progress, width, height) if "training" in line]
    assert len(trained) == 2


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_numbers_are_whole_and_names_are_shortened_in_the_middle(progress, width, height):
    text = "\n".join(screen(progress, width, height))
    assert "50.1% ± 0.1" in text or "54.1% ± 0.1" in text
    assert re.search(r"\d\.\d M", text)
    name = LONG if width == 120 else r"n\S*…\S*k"
    assert re.search(name, text), "the first and the last signs of the name"
    assert not re.search(r"\d…", text)


def test_it_says_how_many_rows_it_leaves_out(progress):
    lines = screen(progress, 80, 24)
    assert lines[-1] == f"… {60 - 19} rows more"


def test_the_study_the_share_done_and_the_objective_are_named(progress):
    heading, bar, header, *_ = screen(progress, 120, 24)
    assert heading == "a-study-of-a-name-that-is-rather-long · grid · 59 cells x 3 replicates"
    assert bar.startswith("15/177")
    assert re.search(r"\d+:\d\d left ± \d", bar)
    assert "val acc ± sd" in header


def test_an_infeasible_cell_says_why(study, wide, tmp_path):
    cells = Design(wide[1].cells[:9], {})
    lines = screen(Progress(plan_of(study, cells), [], 1, tmp_path), 120, 24)
    assert any("infeasible: a feature m…" in line for line in lines)


def test_the_time_left_counts_down_while_nothing_ends(progress, monkeypatch):
    progress.pace.num_slots = 1
    before, _ = progress.left()
    begun = [since for _, since in progress.training.values()]
    monkeypatch.setattr("tuner.cli.progress.time.monotonic", lambda: max(begun) + 0.5)
    after, _ = progress.left()
    assert before - 0.6 < after < before


def test_a_strategy_with_several_budgets_has_one_row_a_budget(tmp_path, study, design, stub_record):
    study = study.with_settings(strategy="hyperband", factors=study.factors, epochs=9)
    folder = search(tmp_path, study, design, stub_record)
    progress = Progress(plan_of(study, design), folder.records, 1, folder.under_way)
    assert "epochs" in screen(progress, 80, 40)[2]
    for row in rows_of(progress):
        assert {record.epochs for record in row.records} <= {row.epochs}
    assert sum(len(row.records) for row in rows_of(progress)) == len(folder.records)


def test_of_too_many_rows_those_being_trained_are_kept_first(progress):
    kept = fitting(rows_of(progress), 2)
    assert [row.cell.index for row in kept] == [2, 50]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_callbacks_print_goes_above_the_table_and_to_a_file_as_it_is(
    progress, monkeypatch, is_terminal
):
    printed = io.StringIO()
    printed.isatty = lambda: is_terminal
    monkeypatch.setattr(sys, "stdout", printed)
    with live(progress, Console(file=io.StringIO(), force_terminal=True)):
        assert isinstance(sys.stdout, FileProxy) == is_terminal
        assert isinstance(sys.stderr, FileProxy), "as warn tells there"
        print("mine")
    assert printed.getvalue() == ("" if is_terminal else "mine\n")
