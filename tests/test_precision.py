"""Replicates until effects are known: when they end, and what is asked where they do not."""

import numpy as np
import pytest

from tuner import library, running
from tuner.errors import TimeIsUpError, UsageError
from tuner.folder import StudyFolder
from tuner.planning import Plan, make_plan, refuse_unanswerable
from tuner.precision import precision
from tuner.resolving import named_half_widths
from tuner.running import gone_on_with
from tuner.study import validated
from tuner.training.datasets import load_dataset


@pytest.fixture
def noisy(stub_record):
    """A stubbed training whose executions spread by 1 point around deeper is better."""

    def train(execution):
        noise = np.random.default_rng((execution.cell, execution.replicate)).normal(0, 0.01)
        return stub_record(execution, val_accuracy=0.5 + execution.cell / 50 + noise)

    return train


@pytest.fixture
def search(tmp_path, study, design, noisy, monkeypatch):
    """Search with a rule, in this process; returns the folder and what was added."""
    monkeypatch.setattr(running, "execute", noisy)
    dataset = load_dataset("digits")

    def run(until, max_seconds=None, **settings):
        asked = study.model_copy(update={"until": until, **settings})
        asked = gone_on_with(asked, tmp_path)
        folder = StudyFolder(tmp_path / study.name)
        folder.path.mkdir(exist_ok=True)
        folder.replace_study(asked)
        folder.cells_file.write_text(design.frame().to_csv(index=False))
        added = []
        plan = Plan(asked, dataset, None, design, None)
        told = lambda larger, reached: added.append((larger.study.replicates, reached))  # noqa: E731
        list(running.run(plan, folder, 0, max_seconds=max_seconds, extended=told))
        return StudyFolder(folder.path), added

    return run


def widest(folder, factor):
    asked = folder.study.model_copy(update={"until": {factor: 1.0}})
    return precision(asked, folder.frames.executions).reached[factor]


def test_replicates_are_added_until_every_step_is_as_narrow_as_asked(search):
    folder, added = search({"conv_blocks": 1.0})
    assert len(added) >= 1
    assert [replicates for replicates, _ in added] == list(range(4, 4 + len(added)))
    assert all(reached.reached["conv_blocks"] > 1.0 for _, reached in added)
    assert widest(folder, "conv_blocks") <= 1.0
    assert len(folder.records) == 6 * folder.study.replicates == folder.num_planned


def test_what_is_narrow_already_gets_no_further_replicate(search):
    folder, added = search({"conv_blocks": 10.0, "filter_multiplier": 10.0})
    assert (added, folder.study.replicates) == ([], 3)


def test_a_half_width_out_of_reach_ends_at_the_most_replicates(search):
    folder, _ = search({"conv_blocks": 0.01}, max_replicates=5)
    assert folder.study.replicates == 5
    assert precision(folder.study, folder.frames.executions).text.endswith(
        "(asked 0.01) after 5 replicates: not reached"
    )


def test_a_search_that_goes_on_keeps_the_replicates_it_has_added(search):
    before, _ = search({"conv_blocks": 0.01}, max_replicates=5)
    after, added = search({"conv_blocks": 0.01}, max_replicates=6)
    assert [replicates for replicates, _ in added] == [6]
    assert after.records[: len(before.records)] == before.records


def test_a_time_limit_ends_it_too(search):
    with pytest.raises(TimeIsUpError):
        search({"conv_blocks": 0.01}, max_seconds=1e-9)


def test_factors_whose_executions_all_fail_end_it(search, monkeypatch, stub_record):
    monkeypatch.setattr(
        running, "execute", lambda execution: stub_record(execution, status="failed")
    )
    folder, added = search({"conv_blocks": 1.0})
    assert (added, len(folder.records)) == ([], 18)


def test_one_half_width_is_for_every_factor_and_roles_are_names_of_factors(study):
    study = study.model_copy(update={"width": "filter_multiplier", "depth": "conv_blocks"})
    every = named_half_widths(study.with_settings(until=0.5))
    assert every == {"conv_blocks": 0.5, "filter_multiplier": 0.5}
    assert named_half_widths(study.with_settings(until={"depth": 2})) == {"conv_blocks": 2}
    both = study.with_settings(until={"conv_blocks": 2, "all": 1})
    assert named_half_widths(both) == {"conv_blocks": 2, "filter_multiplier": 1}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"until": {"blocks": 0.5}}, "no factor 'blocks'. Did you mean 'conv_blocks'?"),
        ({"until": 0.5, "max_replicates": 2}, "--max-replicates of at least --replicates (3)"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(study, settings, said):
    with pytest.raises(UsageError) as refusal:
        named_half_widths(study.with_settings(**settings))
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "settings", [{"strategy": "hyperband"}, {"fraction": 4}, {"max_trials": 4}]
)
def test_only_a_whole_grid_is_replicated_until_it_is_known(study, settings):
    with pytest.raises(UsageError, match="--until adds replicates of a whole grid"):
        refuse_unanswerable(study.with_settings(until=0.5, **settings))


@pytest.mark.parametrize("until", [0, -1, "narrow", {"conv_blocks": None}])
def test_a_half_width_is_a_positive_number(until):
    with pytest.raises(UsageError, match="until"):
        validated({"until": until})


@pytest.mark.trains
def test_a_plan_says_the_rule():
    found = make_plan(validated({"dataset": "digits", "until": {"depth": 0.5}}))
    assert found.study.until == {"conv_blocks": 0.5}


def test_a_study_that_is_begun_anew_has_the_replicates_it_asks_for(search, tmp_path, monkeypatch):
    folder, _ = search({"conv_blocks": 0.01}, max_replicates=5)
    asked = []

    def planned(study):
        asked.append(study.replicates)
        raise UsageError("far enough")

    monkeypatch.setattr(library, "make_plan", planned)
    begun = folder.study.model_copy(update={"replicates": 3})
    for overwrite in (True, False):
        with pytest.raises(UsageError, match="far enough"):
            library.search(begun, tmp_path, overwrite=overwrite)
    assert asked == [3, 5]
