"""Fixtures of the analysis tests."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def cheap_corrections() -> Iterator[None]:
    """Keep what is already there out of the collections that statsmodels forces in corrections."""
    gc.freeze()
    yield
    gc.unfreeze()
