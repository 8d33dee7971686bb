"""The names that `import tuner` offers."""

import pytest

import tuner


@pytest.mark.parametrize("name", tuner.__all__)
def test_a_public_name_can_be_called_however_often_it_is_asked_for(name):
    assert callable(getattr(tuner, name))
    assert callable(getattr(tuner, name))  # `tuner.report` is a package by now


def test_every_public_name_is_listed():
    assert sorted(tuner.__all__) == sorted(tuner.PUBLIC)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tuner.nothing  # noqa: B018
