"""A short `make torture`: kills and full disks at some of a search's file operations."""

import pytest

from tests.torture import STRATEGIES, full_from, killed_at, torture

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_search_killed_at_a_file_operation_ends_as_one_left_in_peace(strategy):
    assert torture(strategy, killed_at, every=21 if strategy != "hyperband" else 83) >= 2


def test_a_search_whose_disk_is_full_ends_as_one_left_in_peace_when_there_is_space_again():
    assert torture("hyperband", full_from, every=89) >= 2
