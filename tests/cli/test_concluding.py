"""The last words of a search: the best cell, the main effects in a line each, the next command."""

from pathlib import Path

import pytest

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
    done, best, width, depth, following = told(
        width="filter_multiplier", depth="conv_blocks", replicates=4
    )
    assert done == "results/small: 24 of 24 executions"
    assert best == (
        "Best: conv_blocks=3, filter_multiplier=1: validation accuracy 55.2% ± 0.1 "
        "(4 executions of 3 epochs)"
    )
    assert "doubling" in width
    assert "block" in depth
    assert following == "Next: tuner report results/small"


def test_a_search_that_selects_claims_no_effect_and_is_completed_next(told):
    _, best, instead, following = told(strategy="random")
    assert best.startswith("Best: conv_blocks=3, filter_multiplier=1: validation accuracy 55.1%")
    assert "cannot say" in instead
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
