"""The split that a replicate makes of a dataset's training images."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuner.errors import DataError
from tuner.training.datasets import Dataset


@dataclass(frozen=True)
class Split:
    """The images of one replicate, as indices into a dataset.

    Attributes:
        training: What is trained on.
        validation: What each epoch is measured on.
        idle: All that is not trained on, the validation images among them.
    """

    training: npt.NDArray[np.intp]
    validation: npt.NDArray[np.intp]
    idle: npt.NDArray[np.intp]

    @property
    def joined(self) -> "Split":
        """The same with the validation images trained on too: what is measured on them is not new.

        They are still there for a space whose training asks for some.
        """
        training = np.union1d(self.training, self.validation)
        return Split(training, self.validation, self.validation)


def split(dataset: Dataset, train_size: int, validation_size: int, seed: int) -> Split:
    """A stratified validation set, and a stratified training subset of the rest.

    Raises:
        DataError: if there are not that many images, or too few of a class.
    """
    from sklearn.model_selection import train_test_split

    count = len(dataset.labels)
    if train_size + validation_size > count:
        raise DataError(
            f"{dataset.name} has {count} training images: expected train_size and validation_size "
            f"within them, got {train_size} and {validation_size}"
        )
    smallest = int(np.bincount(dataset.labels).min())
    told = (
        f"{dataset.name}: expected an image of each class in both parts, got {smallest} of the "
        f"rarest class, {train_size} images to train and {validation_size} to validate"
    )
    if smallest < 2 or min(train_size, validation_size) < dataset.num_classes:
        raise DataError(told)
    rest, validation = train_test_split(
        np.arange(count), test_size=validation_size, stratify=dataset.labels, random_state=seed
    )
    left_over = len(rest) - train_size
    training = rest
    if left_over:
        # Leaving fewer than a class each out cannot be stratified: the few are drawn at random.
        strata = dataset.labels[rest] if left_over >= dataset.num_classes else None
        training, _ = train_test_split(
            rest, train_size=train_size, stratify=strata, random_state=seed
        )
    for part in (training, validation):
        if len(np.unique(dataset.labels[part])) < dataset.num_classes:
            raise DataError(told)
    idle = np.setdiff1d(np.arange(count), training)
    return Split(np.sort(training), np.sort(validation), idle)


def are_plenty(dataset: Dataset, train_size: int, validation_size: int) -> bool:
    """Whether no split of such sizes can miss a class, as its share in either part is two or more.

    A stratified part has of each class its share, rounded up or down; and of the images that are
    left out at random, where they are fewer than a class each, no class is the whole.
    """
    counts = np.bincount(dataset.labels)
    smallest, count = int(counts.min()), len(dataset.labels)
    share = smallest * min(train_size, validation_size) / count
    return train_size + validation_size <= count and share >= 2 and smallest > dataset.num_classes


def sizes(dataset: Dataset, train_size: int | None, validation_size: int | None) -> tuple[int, int]:
    """The images to train on and to validate on; by default 10,000 and 5,000, or 3/4 and 1/4."""
    count = len(dataset.labels)
    validation_size = validation_size or min(5000, count // 4)
    return train_size or max(1, min(10000, count - validation_size)), validation_size
