import pytest

from search_spaces.schedules import dense_widths, filter_counts, kernel_sizes


@pytest.mark.parametrize(
    ("schedule", "num_blocks", "sizes"),
    [
        ("3", 3, [3, 3, 3]),
        ("5-3", 4, [5, 3, 3, 3]),
        ("7-5-3", 5, [7, 5, 3, 3, 3]),
        ("7-5-3", 2, [7, 5]),
        ("1", 1, [1]),
    ],
)
def test_kernels_shrink_from_block_to_block_and_the_last_size_repeats(schedule, num_blocks, sizes):
    assert kernel_sizes(schedule, num_blocks) == sizes


@pytest.mark.parametrize("schedule", ["3-5", "3-3", "4", "0", "-3", "5-", "", "three", "5,3"])
def test_a_schedule_that_is_not_odd_falling_sizes_is_refused(schedule):
    with pytest.raises(ValueError, match="odd kernel sizes that shrink, as in '7-5-3'; got"):
        kernel_sizes(schedule, 2)


@pytest.mark.parametrize(
    ("multiplier", "growth", "num_blocks", "counts"),
    [
        (1, 2, 4, [16, 32, 64, 128]),
        (0.5, 2, 3, [8, 16, 32]),
        (4, 1, 3, [64, 64, 64]),
        (0.0625, 2, 2, [1, 2]),
        (0.01, 1, 2, [1, 1]),
    ],
)
def test_filters_grow_from_block_to_block_and_are_never_none(
    multiplier, growth, num_blocks, counts
):
    assert filter_counts(multiplier, growth, num_blocks) == counts


@pytest.mark.parametrize(
    ("num_layers", "first", "widths"),
    [(0, 512, []), (4, 512, [512, 256, 128, 64]), (2, 64, [64, 32]), (4, 4, [4, 2, 1, 1])],
)
def test_dense_widths_halve_and_are_never_none(num_layers, first, widths):
    assert dense_widths(num_layers, first) == widths
