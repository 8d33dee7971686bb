"""Stratified splits of a replicate; on real digits."""

import numpy as np
import pytest

from tuner.errors import DataError
from tuner.training.datasets import checked, load_dataset
from tuner.training.splits import sizes, split


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def labelled(*counts):
    """A dataset with so many images of each class."""
    labels = np.repeat(np.arange(len(counts)), counts)
    return checked("own", np.zeros((len(labels), 2, 2, 1), np.uint8), labels)


def same(one, other):
    return [
        np.array_equal(one.training, other.training),
        np.array_equal(one.validation, other.validation),
    ]


@pytest.mark.parametrize(
    ("train_size", "validation_size"),
    [(300, 200), (1000, 437), (1000, 430), (10, 10), (1427, 10), (10, 1427), (1400, 37)],
)
def test_parts_have_their_sizes_and_no_image_twice(digits, train_size, validation_size):
    found = split(digits, train_size, validation_size, seed=0)
    assert (len(found.training), len(found.validation)) == (train_size, validation_size)
    assert len({*found.training, *found.validation}) == train_size + validation_size
    assert {*found.validation} <= {*found.idle}
    assert len(found.idle) == len(digits.labels) - train_size
    assert not {*found.idle} & {*found.training}


@pytest.mark.parametrize(("train_size", "validation_size"), [(300, 200), (1000, 437)])
def test_parts_have_the_classes_in_the_proportions_of_the_dataset(
    digits, train_size, validation_size
):
    found = split(digits, train_size, validation_size, seed=0)
    shares = np.bincount(digits.labels) / len(digits.labels)
    for part in (found.training, found.validation):
        counts = np.bincount(digits.labels[part], minlength=10)
        assert np.abs(counts - shares * len(part)).max() <= 1.5


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_one_seed_gives_one_split(digits, seed):
    assert same(split(digits, 300, 200, seed), split(digits, 300, 200, seed)) == [True, True]


@pytest.mark.parametrize("other", [1, 2, 3])
def test_seeds_differ_in_both_parts(digits, other):
    assert same(split(digits, 300, 200, 0), split(digits, 300, 200, other)) == [False, False]


def test_the_validation_images_do_not_change_with_the_training_size(digits):
    few, many = split(digits, 100, 200, seed=0), split(digits, 1000, 200, seed=0)
    assert same(few, many) == [False, True]


@pytest.mark.parametrize(
    ("counts", "train_size", "validation_size", "message"),
    [
        ((10, 10), 15, 6, "own has 20 training images: expected train_size and validation_size "),
        ((10, 1), 5, 3, "expected an image of each class in both parts, got 1 of the rarest class"),
        ((10, 10), 1, 5, "got 10 of the rarest class, 1 images to train and 5 to validate"),
        ((10, 10), 5, 1, "5 images to train and 1 to validate"),
    ],
)
def test_a_split_that_cannot_be_made_is_told(counts, train_size, validation_size, message):
    with pytest.raises(DataError, match=message):
        split(labelled(*counts), train_size, validation_size, seed=0)


@pytest.mark.parametrize("train_size", [8, 12, 20, 39, 40])
@pytest.mark.parametrize("seed", range(4))
def test_a_rare_class_is_in_both_parts_or_is_told(train_size, seed):
    dataset = labelled(30, 30, 2)
    try:
        found = split(dataset, train_size, 20, seed)
    except DataError:
        return
    for part in (found.training, found.validation):
        assert set(dataset.labels[part]) == {0, 1, 2}


@pytest.mark.parametrize(
    ("count", "train_size", "validation_size", "expected"),
    [
        (50_000, None, None, (10_000, 5_000)),
        (1_437, None, None, (1_078, 359)),
        (1_437, 500, None, (500, 359)),
        (1_437, None, 437, (1_000, 437)),
        (50_000, 40_000, 10_000, (40_000, 10_000)),
    ],
)
def test_sizes_are_those_of_a_short_study_or_of_a_small_dataset(
    count, train_size, validation_size, expected
):
    dataset = labelled(count // 2, count - count // 2)
    assert sizes(dataset, train_size, validation_size) == expected
