"""Shards: each execution of a study in one of them, at about the same cost, and gone on with."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stubbed import plan_of, search, searched_shards
from tuner import ledger
from tuner.cli.live import row_texts, rows_of
from tuner.cli.progress import Progress
from tuner.cli.status import status_rows
from tuner.engine.asking import Asked
from tuner.errors import StudyError, UsageError
from tuner.planning import refuse_unanswerable
from tuner.shard import dealt
from tuner.standing import Standing
from tuner.strategies import make_oracle
from tuner.strategies.extent import foreseen
from tuner.study import Study

COSTS = st.lists(st.lists(st.floats(0.1, 1000), min_size=1, max_size=12), max_size=6)


def cost(thing):
    return thing[-1]


def things_of(rounds):
    """The costs of some rounds, each with its round and its place, so that no two are equal."""
    return [[(r, p, c) for p, c in enumerate(costs)] for r, costs in enumerate(rounds)]


@given(COSTS, st.integers(1, 9))
def test_everything_is_dealt_once_and_hands_differ_by_no_more_than_the_dearest(rounds, num_hands):
    things = things_of(rounds)
    hands = dealt(things, cost, num_hands)
    flat = [thing for round_ in things for thing in round_]
    assert len(hands) == num_hands
    assert Counter(thing for hand in hands for thing in hand) == Counter(flat)
    costs = [sum(map(cost, hand)) for hand in hands]
    assert max(costs) - min(costs) <= max(map(cost, flat), default=0) * (1 + 1e-9)
    assert all(hands) or len(flat) < num_hands


def test_the_dearest_are_dealt_first_so_that_the_cheap_can_even_them_out():
    hands = dealt(things_of([[1.0, 1.0, 2.0, 4.0]]), cost, 2)
    assert [sum(map(cost, hand)) for hand in hands] == [4, 4]


@given(COSTS, st.lists(st.floats(0.1, 1000), max_size=12), st.integers(1, 9))
def test_a_further_round_changes_nothing_of_those_before(rounds, further, num_hands):
    longer = dealt(things_of([*rounds, further]), cost, num_hands)
    before = [[thing for thing in hand if thing[0] < len(rounds)] for hand in longer]
    assert before == dealt(things_of(rounds), cost, num_hands)


@pytest.mark.parametrize("typed", ["9/8", "0/8", "x", "3", "3/", "1/10001", "-1/8", "1/2/3", 3])
def test_what_is_no_shard_is_refused(typed):
    with pytest.raises(UsageError, match="expected a number from 1 and of how many"):
        Study(shard=typed)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"strategy": "hyperband"}, "--strategy hyperband chooses by results"),
        ({"strategy": "bayesian"}, "expected --strategy grid or random"),
        ({"tune": {"learning_rate": (0.1, 0.01)}}, "--tune chooses by results"),
        ({"until": {"all": 0.5}}, "--until adds replicates"),
    ],
)
def test_what_depends_on_results_of_other_shards_is_refused(study, settings, told):
    refuse_unanswerable(study.with_settings(shard="1/2"))
    with pytest.raises(UsageError, match=told):
        refuse_unanswerable(study.with_settings(shard="1/2", **settings))


@pytest.mark.parametrize(
    "settings", [{}, {"strategy": "random"}, {"strategy": "random", "max_trials": 4, "seed": 3}]
)
def test_what_is_foreseen_is_what_the_oracle_asks(study, design, settings):
    study = study.with_settings(**settings)
    asked = Asked(make_oracle(study, design), study, design)
    executions = list(iter(asked.next_execution, None))
    known = {
        (execution.trial, execution.replicate): design.planned[execution.place].index
        for replicate in foreseen(study, len(design.planned))
        for execution in replicate
    }
    assert known == {(int(e.trial), e.replicate): e.cell for e in executions}
    assert len(executions) == len(known)


@pytest.mark.parametrize("settings", [{}, {"strategy": "random", "max_trials": 4}])
def test_shards_train_a_study_between_them_each_execution_once(
    tmp_path, study, design, stub_record, settings
):
    study = study.with_settings(**settings)
    whole = search(tmp_path, study, design, stub_record).records
    for num_shards in (1, 2, 5, len(whole)):
        paths = searched_shards(tmp_path, study, design, num_shards, stub_record)
        records = [ledger.read(path) for path in paths]
        assert Counter(r.key for part in records for r in part) == Counter(r.key for r in whole)
        sizes = [len(part) for part in records]
        assert max(sizes) - min(sizes) <= 1, "these cells cost about the same"


@pytest.mark.parametrize("num_done", range(6))
def test_a_shard_stopped_anywhere_goes_on_as_one_never_stopped(
    tmp_path, study, design, stub_record, num_done
):
    shard = study.with_settings(shard="2/3")
    whole = search(tmp_path / "whole", shard, design, stub_record).records
    trained = []

    def train(execution):
        if len(trained) == num_done:
            raise KeyboardInterrupt
        trained.append(execution.key)
        return stub_record(execution)

    with pytest.raises(KeyboardInterrupt):
        search(tmp_path, shard, design, train)
    assert search(tmp_path, shard, design, stub_record).records == whole
    assert trained == [record.key for record in whole[:num_done]]


def test_a_folder_holds_one_shard_and_refuses_another(tmp_path, study, design, stub_record):
    first, second = (study.with_settings(shard=shard) for shard in ("1/3", "2/3"))
    folder = search(tmp_path, first, design, stub_record)
    assert folder.path.name == "small.shard-1-of-3"
    folder.path.rename(tmp_path / second.folder_name)
    with pytest.raises(StudyError, match="shard was '1/3' and is '2/3'"):
        search(tmp_path, second, design, stub_record)


def test_an_execution_of_another_shard_is_refused_untouched(tmp_path, study, design, stub_record):
    first, second = (
        search(tmp_path, study.with_settings(shard=shard), design, stub_record)
        for shard in ("1/3", "2/3")
    )
    ledger.append(first.path, second.records[0])
    before = {path: path.read_bytes() for path in first.path.iterdir() if path.is_file()}
    with pytest.raises(StudyError, match="holds an execution that this study does not have"):
        search(tmp_path, first.study.with_settings(replicates=5), design, stub_record)
    assert {path: path.read_bytes() for path in before} == before


def test_more_replicates_extend_a_shard_without_training_again(
    tmp_path, study, design, stub_record
):
    shard = study.with_settings(shard="1/4")
    before = search(tmp_path, shard, design, stub_record).records
    longer = search(tmp_path, shard.with_settings(replicates=5), design, stub_record).records
    assert longer[: len(before)] == before
    assert {record.replicate for record in longer[len(before) :]} == {3, 4}


def test_what_failed_in_a_shard_is_trained_again_and_nothing_of_others(
    tmp_path, study, design, stub_record
):
    shard = study.with_settings(shard="1/2")
    whole = search(tmp_path / "whole", shard, design, stub_record).records

    def train(execution):
        return stub_record(execution, status="failed" if execution.replicate == 1 else "ok")

    search(tmp_path, shard, design, train)
    again = search(tmp_path, shard, design, stub_record, retry_failed=True).records
    assert sorted(again, key=lambda record: record.key) == sorted(whole, key=lambda r: r.key)


def test_status_says_which_shard_stands_there(tmp_path, study, design, stub_record):
    folder = search(tmp_path, study.with_settings(shard="3/4"), design, stub_record)
    rows = dict(status_rows(Standing(folder)))
    num = len(folder.records)
    assert rows["part"] == f"shard 3 of 4: {num} executions of 18"
    assert rows["executions"] == f"{num} of {num}"
    assert "time left" not in rows, "nothing is left of it"


def test_a_live_row_is_done_when_the_executions_of_the_shard_are(
    tmp_path, study, design, stub_record
):
    shard = study.with_settings(shard="3/4")
    folder = search(tmp_path, shard, design, stub_record)
    progress = Progress(plan_of(shard, design), folder.records, 1, folder.under_way)
    counts = Counter(record.cell for record in folder.records)
    shown = {row.cell.index: row_texts(progress, row) for row in rows_of(progress)}
    assert {cell: (shown[cell][0], shown[cell][-1]) for cell in counts} == {
        cell: (f"{num}/{num}", "done") for cell, num in counts.items()
    }


def test_shards_take_together_as_long_as_the_study(study, design):
    plans = [plan_of(study.with_settings(shard=f"{number}/4"), design) for number in range(1, 5)]
    assert sum(plan.total_seconds for plan in plans) == pytest.approx(
        plan_of(study, design).total_seconds
    )
    for plan in plans:
        replicates = Counter(execution.replicate for execution in plan.shard)
        assert len(plan.a_replicate) == max(replicates.values())
        assert sum(plan.seconds(*execution) for execution in plan.a_replicate) < plan.total_seconds
