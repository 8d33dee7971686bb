"""Datasets as uint8 arrays: where they are looked for, and what is refused."""

import hashlib
import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from tuner.errors import DataError, UsageError
from tuner.training.images import class_folders, image_folder
from tuner.training.npz import npz_arrays
from tuner.words import listed, nearest, printable, reason

Array = npt.NDArray[np.generic]
NAMED = ("cifar10", "digits")
Part = Literal["train", "test"]


@dataclass(frozen=True)
class Dataset:
    """The images of a dataset to train on; or, for `tuner finalize` alone, its test images.

    images: (n, height, width, channels) uint8; labels: (n,) int32 from 0 to num_classes - 1.
    """

    name: str
    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int32]
    num_classes: int
    sha256: str

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height and width in pixels, and channels."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels


SHARED: dict[str, Dataset] = {}  # by their names, what this worker was given as it was started


@lru_cache(maxsize=1)
def load_dataset(name: str) -> Dataset:
    """Loads the training images of `cifar10`, `digits`, an .npz file or a folder of images.

    A worker has the images that the study was planned with, whatever is there by now.

    Raises:
        DataError: one line that says what was expected, received or tried, and what to do.
        UsageError: for the name of none.
    """
    return SHARED.get(name) or checked(name, *arrays_of(name, "train"))


def load_ahead(name: str) -> Callable[[], Dataset]:
    """Begins to load a dataset, if it is a file, which needs no library; returns what gives it."""
    if not npz_file(name):
        return partial(load_dataset, name)
    pool = ThreadPoolExecutor(1)
    loading = pool.submit(load_dataset, name)
    pool.shutdown(wait=False)
    return loading.result


def load_test_images(training: Dataset) -> Dataset:
    """The test images of a dataset, of the same shape and classes as its training images.

    No search reads them.

    Raises:
        DataError: one line, if there are none, or others than are expected.
    """
    name = training.name
    images, labels = checked_arrays(name, *arrays_of(name, "test"), "test")
    if images.shape[1:] != training.images.shape[1:]:
        raise DataError(
            f"{name}: expected test images of the training images' shape, "
            f"{training.images.shape[1:]}, got {images.shape[1:]}"
        )
    if labels.max() >= training.num_classes:
        raise DataError(
            f"{name}: expected y_test with the classes of y_train, 0 to "
            f"{training.num_classes - 1}, got {labels.max()}"
        )
    return dataset_of(name, images, labels, training.num_classes)


def arrays_of(name: str, part: Part) -> tuple[Array, Array]:
    """The images and labels of one part of a dataset, as they are found.

    Raises:
        DataError: if they cannot be had.
        UsageError: for the name of none.
    """
    if file := npz_file(name):
        return npz_arrays(file, part)
    if name == "digits":
        return digits(part)
    if name == "cifar10":
        return cifar10(part)
    path = expanded(name)
    if path.is_dir():
        if part == "test":
            check_classes(path)
        return image_folder(path / part)
    raise unknown(name)


def npz_file(name: str) -> Path | None:
    """The .npz that a dataset is in; None for one that is not, or not at hand."""
    if name == "cifar10":
        (own, is_there), *_ = cifar10_places()
        return Path(own) if is_there else None
    path = expanded(name)
    return path if path.suffix == ".npz" and not path.is_dir() else None


def check_classes(folder: Path) -> None:
    """Refuses test images of other classes than the training images': labels count the folders.

    Raises:
        DataError: with the classes of both.
    """
    trained, tested = ([p.name for p in class_folders(folder / part)] for part in ("train", "test"))
    if trained != tested:
        raise DataError(
            f"{folder}: expected the same classes in test/ as in train/ "
            f"({listed(trained, most=8)}), got {listed(tested, most=8)}"
        )


def check_name(name: str) -> None:
    """Refuses what can be no dataset, before anything is loaded.

    Raises:
        UsageError: with the nearest name.
    """
    path = expanded(name) if name not in NAMED else None
    if path and path.suffix != ".npz" and not path.is_dir():
        raise unknown(name)


def unknown(name: str) -> UsageError:
    """Says that a dataset has no such name, and which there are."""
    return UsageError(
        f"no dataset {name!r}.{nearest(name, NAMED)} (datasets: {', '.join(NAMED)}; or a file.npz; "
        "or a folder with train/<class>/*.png and test/<class>/*.png)"
    )


def expanded(name: str) -> Path:
    """A path as it was typed, `~` and `~user` resolved.

    Raises:
        DataError: if there is no such user.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise DataError(f"no dataset {name!r}: {reason(error)}") from error


def checked(name: str, images: Array, labels: Array) -> Dataset:
    """A dataset from arrays, refused with one line if they are not what Keras's own look like."""
    images, labels = checked_arrays(name, images, labels, "train")
    present = np.unique(labels)
    num_classes = int(present[-1]) + 1
    if num_classes < 2 or len(present) < num_classes:
        missing = sorted(set(range(min(num_classes, 1000))) - set(present.tolist()))[:5]
        raise DataError(
            f"{name}: expected two classes or more with labels 0 to {num_classes - 1} all in use, "
            f"got none of {missing}"
        )
    return dataset_of(name, images, labels, num_classes)


def checked_arrays(name: str, images: Array, labels: Array, part: Part) -> tuple[Array, Array]:
    """Images as (n, height, width, channels) and labels as (n,), or one line of what they are.

    Raises:
        DataError: saying what was expected.
    """
    if part == "test" and not images.size:
        raise DataError(f"{name} has no test images (x_test is empty): expected some to score")
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
        raise DataError(
            f"{name}: expected x_{part} of shape (n, height, width, 1 or 3), got {images.shape}"
        )
    if images.dtype.kind not in "biuf":
        raise DataError(f"{name}: expected uint8 images from 0 to 255, got {images.dtype}")
    if images.dtype != np.uint8:
        scale = "(x * 255).round()" if images.max() <= 1 else "x"
        raise DataError(
            f"{name}: expected uint8 images from 0 to 255, got {images.dtype} from "
            f"{images.min():g} to {images.max():g}; save {scale}.astype('uint8')"
        )
    if labels.shape not in ((len(images),), (len(images), 1)):
        raise DataError(
            f"{name}: expected y_{part} of shape ({len(images)},) or ({len(images)}, 1) for as "
            f"many images, got {labels.shape}"
        )
    labels = labels.reshape(-1)
    if labels.dtype.kind not in "iu" or labels.min() < 0:
        got = printable(labels[:3].tolist())[:80]
        raise DataError(f"{name}: expected labels that count from 0, got {got}…")
    return images, labels


def dataset_of(name: str, images: Array, labels: Array, num_classes: int) -> Dataset:
    """A dataset of checked arrays, with the hash of what is in them."""
    digest = hashlib.sha256(np.ascontiguousarray(images).data)
    digest.update(np.ascontiguousarray(labels, np.int32).data)
    return Dataset(
        name, np.asarray(images, np.uint8), labels.astype(np.int32), num_classes, digest.hexdigest()
    )


def digits(part: Part) -> tuple[Array, Array]:
    """The 8 x 8 digits that scikit-learn ships; a fifth of them are the test images.

    They are read from its file, as it takes half a second to import. `digits.txt` has the places
    that its `train_test_split` gives: those to train on and, in a second line, those of the test.
    """
    spec = find_spec("sklearn")
    [folder] = (spec and spec.submodule_search_locations) or [""]
    table = np.loadtxt(Path(folder, "datasets", "data", "digits.csv.gz"), np.int64, delimiter=",")
    images = (table[:, :-1].reshape(-1, 8, 8) * (255 / 16)).round().astype(np.uint8)
    training, test = (Path(__file__).parent / "digits.txt").read_text("ascii").splitlines()
    places = np.array((training if part == "train" else test).split(), np.intp)
    return images[places], table[places, -1]


def cifar10_places() -> list[tuple[str, bool]]:
    """Where CIFAR-10 is looked for, in this order, and whether something is there."""
    folder = os.environ.get("TUNER_DATA_DIR")
    own = expanded(folder) / "cifar10.npz" if folder else None
    cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"
    cached = cache / "cifar-10-batches-py-target"
    return [
        (str(own) if own else "$TUNER_DATA_DIR, which is not set", bool(own and own.exists())),
        (f"{cached} (the Keras cache)", cached.exists()),
        ("a download by keras.datasets.cifar10", False),
    ]


def cifar10(part: Part) -> tuple[Array, Array]:
    """CIFAR-10 through `keras.datasets.cifar10` and its cache."""
    import keras

    try:
        with redirect_stdout(io.StringIO()):  # stdout is for results, not for a download's bar
            training, test = keras.datasets.cifar10.load_data()
    except Exception as error:  # Keras raises bare Exception where a download fails
        tried = "; ".join(place for place, _ in cifar10_places())
        raise DataError(
            f"CIFAR-10 is not at hand; tried {tried} ({reason(error)}). Give --dataset "
            "PATH/cifar10.npz, set TUNER_DATA_DIR to its folder, or use --dataset digits, which "
            "needs no network"
        ) from error
    found: tuple[Array, Array] = training if part == "train" else test
    return found
