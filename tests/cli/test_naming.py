"""A study needs no name: it is called after what it asks, with a number where that is taken."""

from dataclasses import replace
from unittest import mock

import pytest

from tests.stubbed import ABOUT, plan_of, search
from tuner import claiming
from tuner.cli import naming
from tuner.cli.naming import name_of, named
from tuner.cli.settings import is_named
from tuner.study import Study, read_study

DEFAULT = read_study("width-depth").with_settings(
    width="filter_multiplier", depth="conv_blocks", dataset="digits"
)


@pytest.fixture(autouse=True)
def _no_space(monkeypatch):
    """Studies here have no search space of which the sources could be read."""
    monkeypatch.setattr(claiming, "environment", lambda space, dataset: ABOUT)


def factors(*names):
    return dict.fromkeys(names, (1, 2))


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "width-depth-digits"),
        ({"dataset": "cifar10"}, "width-depth-cifar10"),
        ({"dataset": "data/my images/flowers.v2.npz"}, "width-depth-flowers.v2"),
        ({"dataset": "images/"}, "width-depth-images"),
        ({"strategy": "hyperband"}, "width-depth-hyperband-digits"),
        ({"factors": factors("conv_blocks", "filter_multiplier", "dense_depth")},
         "width-depth-dense_depth-digits"),
        ({"factors": factors("dense_depth"), "width": None, "depth": None}, "dense_depth-digits"),
        ({"factors": factors(*"abcd"), "width": None, "depth": None}, "4-factors-digits"),
        ({"name": "notebook"}, "notebook-digits"),
        ({"name": "Auc", "factors": factors("units")}, "Auc-digits"),
    ],
)  # fmt: skip
def test_a_study_is_called_after_what_it_asks(settings, name):
    assert name_of(DEFAULT.model_copy(update=settings)) == name


def test_any_dataset_gives_a_name_that_a_folder_may_have():
    for dataset in ("x" * 300 + ".npz", "…/ü ber.npz", "..", "a:b*c"):
        Study(name=name_of(DEFAULT.model_copy(update={"dataset": dataset})))


@pytest.mark.parametrize(
    ("config", "name", "has_name"),
    [(None, None, False), ("notebook", None, False), (None, "mine", True), ("my.yaml", None, True)],
)
def test_a_study_has_a_name_where_one_was_typed_or_stands_in_a_file(config, name, has_name):
    assert is_named(config, name) == has_name


@pytest.fixture
def asked(tmp_path, study, design, stub_record):
    """What a nameless study is called in a folder of studies, and how it is trained there."""

    def name(**settings):
        plan = plan_of(study.with_settings(name="study", **settings), design)
        return named(plan, tmp_path).study.name

    def train(**settings):
        asks = study.with_settings(name=name(**settings), **settings)
        return search(tmp_path, asks, design, stub_record).path.name

    return mock.Mock(name=name, train=train, name_of=name)


def test_the_same_question_goes_on_in_its_folder(asked):
    assert asked.train() == asked.name_of() == "study-digits"


def test_another_question_has_the_next_number_and_the_entry_that_differs_is_told(asked, capsys):
    asked.train()
    assert asked.name_of(epochs=4) == "study-digits-2"
    told = capsys.readouterr().err
    assert (
        "study-digits asks something else: epochs was 3 and is 4. This study is study-digits-2"
        in told
    )
    asked.train(epochs=4)
    assert asked.name_of(epochs=5) == "study-digits-3"
    assert asked.name_of(epochs=4) == "study-digits-2"
    assert asked.name_of() == "study-digits"


def test_one_entry_of_many_is_told_and_not_two_dumps(asked, capsys):
    asked.train(fixed={"learning_rate": 0.01, "dropout": 0.0})
    asked.name_of(fixed={"learning_rate": 0.01, "dropout": 0.5})
    assert "something else: fixed dropout was 0.0 and is 0.5. This" in capsys.readouterr().err


def test_more_replicates_are_the_same_question(asked):
    asked.train()
    assert asked.name_of(replicates=5) == "study-digits"


def test_replicates_that_were_added_until_something_was_known_are_gone_on_with(
    tmp_path, study, design, stub_record
):
    until = study.with_settings(name="study", until={"conv_blocks": 0.5})
    seven = until.with_settings(name="study-digits", replicates=7)
    with mock.patch("tuner.precision.precision", return_value=mock.Mock(is_final=True)):
        search(tmp_path, seven, design, stub_record)
    assert named(plan_of(until, design), tmp_path).study.replicates == 7


def test_a_study_is_completed_on_images_wherever_they_lie_now_and_on_no_others(
    tmp_path, study, design, stub_record, monkeypatch
):
    plan = plan_of(study, design)
    about = {**ABOUT, "data": {**ABOUT["data"], "sha256": plan.dataset.sha256}}
    monkeypatch.setattr(claiming, "environment", lambda space, dataset: about)
    folder = search(tmp_path, study, design, stub_record, about)

    def planned(asks):
        is_other = asks.dataset == "others.npz"
        images = replace(plan.dataset, sha256="1") if is_other else plan.dataset
        return replace(plan, study=asks, dataset=images)

    monkeypatch.setattr("tuner.planning.make_plan", planned)
    found, reused = naming.completed_plan(folder, [], "moved.npz", tmp_path)
    assert (found.study.name, found.study.dataset) == ("small-complete", "moved.npz")
    assert len(reused) == 18
    with pytest.raises(naming.StudyError, match=r"the images of others\.npz are not those that"):
        naming.completed_plan(folder, [], "others.npz", tmp_path)
