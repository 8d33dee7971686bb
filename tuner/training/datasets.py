"""Datasets as uint8 arrays: where they are looked for, and what is refused."""

import hashlib
import io
import os
import zipfile
import zlib
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tuner.errors import DataError

Array = npt.NDArray[np.generic]
KEYS = ("x_train", "y_train", "x_test", "y_test")
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class Dataset:
    """The training images of a dataset; its test images are not read by a search.

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


@lru_cache(maxsize=1)
def load_dataset(name: str) -> Dataset:
    """Loads the training images of `cifar10`, `digits`, an .npz file or a folder of images.

    Raises:
        DataError: one line that says what was expected, received or tried, and what to do.
    """
    if name == "digits":
        return checked(name, *digits())
    if name == "cifar10":
        return checked(name, *cifar10())
    path = Path(name).expanduser()
    if path.is_dir():
        return checked(name, *image_folder(path / "train"))
    if path.suffix != ".npz":
        raise DataError(
            f"no dataset {name!r}: expected cifar10, digits, a file.npz, or a folder with "
            "train/<class>/*.png and test/<class>/*.png"
        )
    return checked(name, *npz_arrays(path))


def checked(name: str, images: Array, labels: Array) -> Dataset:
    """A dataset from arrays, refused with one line if they are not what Keras's own look like."""
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not len(images):
        raise DataError(
            f"{name}: expected x_train of shape (n, height, width, 1 or 3), got {images.shape}"
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
            f"{name}: expected y_train of shape ({len(images)},) or ({len(images)}, 1) for as many "
            f"images, got {labels.shape}"
        )
    labels = labels.reshape(-1)
    if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
        raise DataError(f"{name}: expected labels that count from 0, got {labels[:3].tolist()}…")
    present = np.unique(labels)
    num_classes = int(present[-1]) + 1
    if num_classes < 2 or len(present) < num_classes:
        missing = sorted(set(range(min(num_classes, 1000))) - set(present.tolist()))[:5]
        raise DataError(
            f"{name}: expected two classes or more with labels 0 to {num_classes - 1} all in use, "
            f"got none of {missing}"
        )
    digest = hashlib.sha256(np.ascontiguousarray(images).data)
    digest.update(np.ascontiguousarray(labels, np.int32).data)
    return Dataset(
        name, np.asarray(images, np.uint8), labels.astype(np.int32), num_classes, digest.hexdigest()
    )


def digits() -> tuple[Array, Array]:
    """The 8 x 8 digits that scikit-learn ships, without a fifth of them kept as test images."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    found = load_digits()
    images = (found.images * (255 / 16)).round().astype(np.uint8)
    training, _ = train_test_split(
        np.arange(len(images)), test_size=0.2, stratify=found.target, random_state=0
    )
    return images[training], found.target[training]


def cifar10_places() -> list[tuple[str, bool]]:
    """Where CIFAR-10 is looked for, in this order, and whether something is there."""
    folder = os.environ.get("TUNER_DATA_DIR")
    own = Path(folder).expanduser() / "cifar10.npz" if folder else None
    cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"
    cached = cache / "cifar-10-batches-py-target"
    return [
        (str(own) if own else "$TUNER_DATA_DIR, which is not set", bool(own and own.exists())),
        (f"{cached} (the Keras cache)", cached.exists()),
        ("a download by keras.datasets.cifar10", False),
    ]


def cifar10() -> tuple[Array, Array]:
    """CIFAR-10 from `$TUNER_DATA_DIR`, else through `keras.datasets.cifar10` and its cache."""
    (own, is_there), *_ = cifar10_places()
    if is_there:
        return npz_arrays(Path(own))
    import keras

    try:
        with redirect_stdout(io.StringIO()):  # stdout is for results, not for a download's bar
            (images, labels), _ = keras.datasets.cifar10.load_data()
    except Exception as error:  # Keras raises bare Exception where a download fails
        tried = "; ".join(place for place, _ in cifar10_places())
        raise DataError(
            f"CIFAR-10 is not at hand; tried {tried} ({first_line(error)}). Give --dataset "
            "PATH/cifar10.npz, set TUNER_DATA_DIR to its folder, or use --dataset digits, which "
            "needs no network"
        ) from error
    return images, labels


def npz_arrays(path: Path) -> tuple[Array, Array]:
    """The training arrays of an .npz with the four Keras arrays; nothing is unpickled.

    Raises:
        DataError: if the file or one of the arrays is missing, or it holds Python objects.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            missing = [key for key in KEYS if key not in arrays.files]
            if missing:
                raise DataError(
                    f"{path}: expected the arrays {', '.join(KEYS)}; {', '.join(missing)} missing"
                )
            return arrays["x_train"], arrays["y_train"]
    except FileNotFoundError as error:
        raise DataError(f"no file {path}: expected an .npz with {', '.join(KEYS)}") from error
    except (ValueError, OSError, EOFError, TypeError, zlib.error, zipfile.BadZipFile) as error:
        reason = "it holds pickled objects" if "allow_pickle" in str(error) else first_line(error)
        raise DataError(
            f"{path} cannot be used: {reason}; expected an .npz of plain arrays"
        ) from error


def image_folder(folder: Path) -> tuple[Array, Array]:
    """The images of `folder`/<class>/*.png or .jpg, classes in alphabetical order.

    Raises:
        DataError: for no or an empty class, a broken image, or images of different shapes.
    """
    from PIL import Image

    classes = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not classes:
        raise DataError(f"{folder}: expected a folder for each class, train/<class>/*.png or *.jpg")
    images: list[Array] = []
    labels: list[int] = []
    for label, class_folder in enumerate(classes):
        files = sorted(
            path for path in class_folder.iterdir() if path.suffix.lower() in IMAGE_ENDINGS
        )
        if not files:
            raise DataError(
                f"{class_folder}: expected images (*.png, *.jpg) of this class, got none"
            )
        for file in files:
            try:
                with Image.open(file) as image:
                    pixels = np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))
            except OSError as error:
                raise DataError(
                    f"{file} cannot be read as an image: {first_line(error)}"
                ) from error
            if images and pixels.shape != images[0].shape:
                raise DataError(
                    f"{file}: expected the shape of the other images, {images[0].shape}, "
                    f"got {pixels.shape}"
                )
            images.append(pixels)
            labels.append(label)
    return np.stack(images), np.array(labels)


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or its type."""
    return str(error).strip().split("\n")[0] or type(error).__name__
