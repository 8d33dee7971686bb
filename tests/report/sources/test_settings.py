"""What differs between studies, and whether they share their replicates."""

from dataclasses import replace

import pandas as pd
import pytest

from tuner.analysis.question import Question
from tuner.report.sources.settings import IMAGES, SET_UP, differing, settings_of, why_not_shared
from tuner.report.sources.source import Source
from tuner.study import Study

ENVIRONMENT = {
    "data": {"sha256": "ab" * 32},
    "versions": {"tensorflow": "2.21.0"},
    "settings": {"threads": 1},
    "cpu": "EPYC",
    "space": {"conv_pool.py": "cd" * 32},
}


def source(name, study, **environment):
    """A source that knows the settings of a study, and no executions."""
    facts = replace(
        Source(name, pd.DataFrame(), None, None, Question(("depth",))).facts,
        settings=settings_of(study, ENVIRONMENT | environment),
    )
    return Source(name, pd.DataFrame(), None, None, Question(("depth",)), facts)


def changed(study, **settings):
    """What differs where some settings do: setting -> the texts of both."""
    sources = [source("a", study), source("b", study.with_settings(**settings))]
    rows = differing(sources, ["a", "b"])
    return {row[0]: row[1:] for row in rows.itertuples(index=False, name=None)}


def test_only_what_differs_is_told_and_a_factor_beside_the_level_at_which_it_is_held(study):
    fixed = {"learning_rate": 0.1, "filter_multiplier": 1.0}
    assert changed(study) == {}
    assert changed(study, factors={"conv_blocks": (1, 2, 3)}, fixed=fixed, epochs=9) == {
        "learning_rate": ("0.01", "0.1"),
        "filter_multiplier": ("0.5, 1", "1"),
        "epochs": ("3", "9"),
    }
    assert changed(study, name="other", width="filter_multiplier") == {}


def test_the_same_images_elsewhere_and_what_nobody_recorded_do_not_differ(study):
    first = source("a", study)
    moved = source("b", study.with_settings(dataset="other/digits.npz"), settings={})
    assert differing([first, moved], ["a", "b"]).empty
    images = source("b", study.with_settings(dataset="other.npz"), data={"sha256": "ef" * 32})
    assert list(differing([first, images], ["a", "b"])["setting"]) == ["dataset", IMAGES]
    threads = source("b", study, settings={"threads": 2})
    assert list(differing([first, threads], ["a", "b"])["setting"]) == [SET_UP]


@pytest.mark.parametrize(
    ("settings", "data", "why"),
    [
        ({}, None, ""),
        ({"epochs": 9, "fixed": {"learning_rate": 0.1}, "replicates": 9}, None, ""),
        ({"seed": 1}, None, "their seeds differ (0 and 1)"),
        ({"train_size": 50}, None, "their training sizes differ (100 and 50)"),
        ({"validation_size": 40}, None, "their validation sizes differ (50 and 40)"),
        ({}, {"sha256": "ef" * 32}, "their images differ (abababababab and efefefefefef)"),
        ({}, {}, "nothing is known of the images of b"),
    ],
)
def test_replicates_are_shared_by_the_same_images_sizes_and_seed(study: Study, settings, data, why):
    other = source("b", study.with_settings(**settings), **({} if data is None else {"data": data}))
    assert why_not_shared(source("a", study), other) == why
