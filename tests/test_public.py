"""The names that `import tuner` offers."""

import inspect

import pytest

import tuner


@pytest.mark.parametrize("name", tuner.__all__)
def test_a_public_name_is_no_module_however_often_it_is_asked_for(name):
    assert not inspect.ismodule(getattr(tuner, name))
    assert not inspect.ismodule(getattr(tuner, name))


def test_every_public_name_is_listed():
    assert sorted(tuner.__all__) == sorted(tuner.PUBLIC)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tuner.nothing  # noqa: B018
