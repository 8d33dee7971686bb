"""The last words of a search: the best cell, the main effects in a line each, the next command."""

import re
from pathlib import Path

import pytest

from tests.cli.commanding import invoke
from tests.stubbed import search
from tuner.cli.concluding import conclude
from tuner.errors import DataError


@pytest.fixture
def told(tmp_path, monkeypatch, study, design, stub_record, capsys):
    """What is said when a study has ended, as lines."""
    monkeypatch.chdir(tmp_path)

    def lines(**settings):
        asks = study.with_settings(**settings)
        conclude(search(Path("results"), asks, design, stub_record))
        return capsys.readouterr().out.splitlines()

    return lines


def test_a_grid_ends_with_its_best_cell_its_two_effects_and_its_report(told):
    done, best, depth, width, following = told(
        width="filter_multiplier", depth="conv_blocks", replicates=4
    )
    assert done == "results/small: 24 of 24 executions"
    assert best == (
        "Best: conv_blocks=3, filter_multiplier=1: validation accuracy 55.2% ± 0.1 "
        "(4 executions of 3 epochs)"
    )
    assert depth == "Each further block adds about 2 points."
    assert width == "Each doubling of the filters adds about 1 point."
    assert following == "Next: tuner report results/small"


def test_a_search_that_selects_claims_no_effect_and_is_completed_next(told):
    _, found, instead, following = told(strategy="hyperband")
    assert re.match(r"The best of \d+ tried: 16 filters, 3 blocks, 55\.1% \(three repl", found)
    assert "this search cannot say: tuner complete does" in instead
    assert following == "Next: tuner complete results/small"


def test_a_shard_says_only_how_it_is_merged(told):
    done, following = told(shard="1/2")
    assert "executions" in done
    assert following.endswith("tuner merge results/small.shard-*-of-2")


def test_where_nothing_can_be_compared_no_effect_is_told(told, monkeypatch):
    def refuse(source):
        raise DataError("one cell ended well")

    monkeypatch.setattr("tuner.report.page.analyse_source", refuse)
    done, best, following = told()
    assert (done, best[:6]) == ("results/small: 18 of 18 executions", "Best: ")
    assert following == "Next: tuner report results/small"


@pytest.mark.slow
def test_a_report_ends_with_its_answer_in_two_sentences(tmp_path, study, design, stub_record):
    asks = study.with_settings(width="filter_multiplier", depth="conv_blocks", replicates=4)
    folder = search(tmp_path, asks, design, stub_record)
    told = invoke("report", str(folder.path), "--output", str(tmp_path / "page"))
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[-3:] == [
        str(tmp_path / "page" / "report.html"),
        "Each further block adds about 2 points.",
        "Each doubling of the filters adds about 1 point.",
    ]


@pytest.mark.slow
def test_a_report_is_opened_where_that_is_asked(tmp_path, monkeypatch, study, design, stub_record):
    opened = []
    monkeypatch.setattr("typer.launch", opened.append)
    folder = search(tmp_path, study, design, stub_record)
    assert invoke("report", str(folder.path), "--open").exit_code == 0
    assert opened == [(folder.path / "report" / "report.html").as_uri()]
