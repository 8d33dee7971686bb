"""What is typed, over what a configuration says."""

import pytest

from tuner.cli.settings import study_from
from tuner.errors import UsageError
from tuner.study import read_study


def typed(config=None, levels=(), fixed=(), tuned=(), **settings):
    return study_from(config, list(levels), list(fixed), list(tuned), **settings)


def test_nothing_typed_is_the_default_study():
    assert typed() == read_study("width-depth")


def test_a_configuration_is_read_by_its_name_or_file(tmp_path):
    study = read_study("notebook-table")
    (tmp_path / "mine.yaml").write_text(study.to_yaml())
    assert typed("notebook-table") == typed(str(tmp_path / "mine.yaml")) == study


def test_typed_settings_win_over_the_configuration():
    study = typed("notebook", epochs=7, seed=0, dataset="digits", name=None)
    assert (study.epochs, study.seed, study.dataset) == (7, 0, "digits")
    assert study.name == "notebook"


def test_typed_levels_are_searched_beside_those_of_the_configuration():
    study = typed(levels=["conv_blocks=2,3", "dense_depth=0,1"])
    assert study.factors["conv_blocks"] == ("2", "3")
    assert list(study.factors) == ["conv_blocks", "filter_multiplier", "dense_depth"]


def test_a_factor_that_is_held_is_no_longer_searched():
    study = typed(fixed=["conv_blocks=2"])
    assert list(study.factors) == ["filter_multiplier"]
    assert study.fixed["conv_blocks"] == "2"


def test_a_fixed_value_that_is_searched_is_no_longer_held(tmp_path):
    (tmp_path / "mine.yaml").write_text("factors: {conv_blocks: [1, 2]}\nfixed: {dense_depth: 1}")
    study = typed(str(tmp_path / "mine.yaml"), levels=["dense_depth=0,1"])
    assert study.factors["dense_depth"] == ("0", "1")
    assert "dense_depth" not in study.fixed


@pytest.mark.parametrize(
    ("text", "tune"),
    [
        ("learning_rate", {"learning_rate": ()}),
        ("learning_rate=0.1,0.01", {"learning_rate": ("0.1", "0.01")}),
    ],
)
def test_tuned_hyperparameters_may_have_levels(text, tune):
    assert typed(tuned=[text]).tune == tune


@pytest.mark.parametrize(
    ("space", "name"),
    [("own:Networks", "Networks"), ("small.yaml", "small"), ("spaces/small.yaml", "small")],
)
def test_another_space_starts_without_the_default_factors_and_gives_its_name(space, name):
    study = typed(space=space)
    assert (study.name, study.factors, study.space) == (name, {}, space)


@pytest.mark.parametrize(
    ("typing", "message"),
    [
        ({"levels": ["conv_blocks"]}, "expected --set FACTOR=V1,V2, got 'conv_blocks'"),
        ({"levels": ["conv_blocks="]}, "expected --set FACTOR=V1,V2, got 'conv_blocks='"),
        ({"levels": ["=1,2"]}, "expected --set FACTOR=V1,V2, got '=1,2'"),
        ({"fixed": ["dropout 0.5"]}, "expected --fix NAME=V, got 'dropout 0.5'"),
        (
            {"levels": ["dropout=0,0.5"], "fixed": ["dropout=0.5"]},
            "'dropout' is both searched and fixed: expected --set or --fix",
        ),
        ({"levels": ["conv_blocks=1,1"]}, "factor conv_blocks: expected different levels"),
        ({"epochs": 0}, "epochs: .*, got 0"),
        ({"config": "absent.yaml"}, "no study 'absent.yaml'"),
    ],
)
def test_what_cannot_be_a_study_is_refused(typing, message):
    with pytest.raises(UsageError, match=message):
        typed(**typing)


def test_half_widths_are_typed_for_all_factors_or_for_one():
    assert typed(until=["0.5"]).until == {"all": 0.5}
    assert typed(until=["depth=0.5", "1"]).until == {"depth": 0.5, "all": 1.0}
