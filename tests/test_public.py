"""The names that `import tuner` offers."""

import re
from pathlib import Path

import pytest

import search_spaces
import tuner
import tuner.analysis

NAMES = Path(__file__).parents[1] / "docs" / "api.md"
VALUES = {"CHECKS", "Level", "SEARCH_SPACES"}  # which have no docstring


@pytest.mark.parametrize("name", tuner.__all__)
def test_a_public_name_can_be_called_however_often_it_is_asked_for(name):
    assert callable(getattr(tuner, name))
    assert callable(getattr(tuner, name))  # `tuner.report` is a package by now


def test_every_public_name_is_listed():
    assert sorted(tuner.__all__) == sorted(tuner.PUBLIC)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tuner.nothing  # noqa: B018


def test_every_public_name_is_on_the_page_of_names():
    shown = re.findall(r"^::: [\w.]+\.(\w+)$", NAMES.read_text("utf-8"), re.MULTILINE)
    names = [*tuner.__all__, *tuner.analysis.__all__, *search_spaces.__all__, "check_space"]
    assert sorted(shown) == sorted(name for name in names if name not in VALUES)
