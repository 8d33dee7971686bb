"""Stratified splits of a replicate; on real digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.errors import DataError
from tuner.training.datasets import checked, load_dataset
from tuner.training.splits import are_plenty, sizes, split


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


@given(data=st.data())
def test_parts_have_their_sizes_and_classes_and_no_image_twice(digits, data):
    count, shares = len(digits.labels), np.bincount(digits.labels) / len(digits.labels)
    train_size = data.draw(st.integers(10, count - 10))
    validation_size = data.draw(st.integers(10, count - train_size))
    found = split(digits, train_size, validation_size, seed=data.draw(st.integers(0, 2**32 - 1)))
    assert (len(found.training), len(found.validation)) == (train_size, validation_size)
    assert len({*found.training, *found.validation}) == train_size + validation_size
    assert {*found.validation} <= {*found.idle}
    assert len(found.idle) == count - train_size
    assert not {*found.idle} & {*found.training}
    for part in (found.training, found.validation):
        counts = np.bincount(digits.labels[part], minlength=10)
        assert np.abs(counts - shares * len(part)).max() <= 2


def test_a_seed_gives_one_split_and_another_seed_another(digits):
    for seed in (0, 7, 2**32 - 1):
        assert same(split(digits, 300, 200, seed), split(digits, 300, 200, seed)) == [True, True]
        assert same(split(digits, 300, 200, seed), split(digits, 300, 200, 1)) == [False, False]


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


@given(train_size=st.integers(1, 42), seed=st.integers(0, 1000))
def test_a_rare_class_is_in_both_parts_or_is_told(train_size, seed):
    dataset = labelled(30, 30, 2)
    try:
        found = split(dataset, train_size, 20, seed)
    except DataError:
        return
    for part in (found.training, found.validation):
        assert set(dataset.labels[part]) == {0, 1, 2}


@given(st.lists(st.integers(2, 40), min_size=2, max_size=5), st.data())
def test_where_images_are_plenty_no_split_misses_a_class(counts, data):
    labels = np.repeat(np.arange(len(counts)), counts)
    dataset = checked("few", np.zeros((len(labels), 4, 4, 1), np.uint8), labels)
    validation_size = data.draw(st.integers(1, len(labels) - 1))
    train_size = data.draw(st.integers(1, len(labels) - validation_size))
    if are_plenty(dataset, train_size, validation_size):
        parts = split(dataset, train_size, validation_size, data.draw(st.integers(0, 99)))
        assert all(
            len(np.unique(labels[part])) == len(counts)
            for part in (parts.training, parts.validation)
        )


def test_many_images_are_plenty_and_a_rare_class_is_not():
    labels = np.repeat([0, 1], [90, 10])
    dataset = checked("few", np.zeros((100, 4, 4, 1), np.uint8), labels)
    assert are_plenty(dataset, 50, 20)
    assert not are_plenty(dataset, 50, 19)
    assert not are_plenty(dataset, 81, 20)


def test_sizes_are_those_of_a_short_study_or_of_a_small_dataset():
    known = {
        (50_000, None, None): (10_000, 5_000),
        (1_437, None, None): (1_078, 359),
        (1_437, 500, None): (500, 359),
        (1_437, None, 437): (1_000, 437),
        (50_000, 40_000, 10_000): (40_000, 10_000),
    }
    found = {
        (count, *typed): sizes(labelled(count // 2, count - count // 2), *typed)
        for count, *typed in known
    }
    assert found == known
