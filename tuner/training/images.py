"""Images as a folder of PNG and JPEG files, a class in each of its folders."""

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tuner.errors import DataError
from tuner.reading import regular
from tuner.training.memory import refuse_beyond_memory
from tuner.words import reason

Array = npt.NDArray[np.generic]
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg")


def image_folder(folder: Path) -> tuple[Array, Array]:
    """The images of `folder`/<class>/*.png or .jpg, classes in alphabetical order.

    Raises:
        DataError: for no or an empty class, a broken image, or images of different shapes.
    """
    classes = class_folders(folder)
    files = [(label, file) for label, path in enumerate(classes) for file in image_files(path)]
    images: list[Array] = []
    for _, file in files:
        pixels = image(file, len(files), images[0].shape if images else None)
        images.append(pixels)
    return np.stack(images), np.array([label for label, _ in files])


def class_folders(folder: Path) -> list[Path]:
    """The folder of each class, in alphabetical order.

    Raises:
        DataError: if there is none.
    """
    classes = [path for path in entries(folder) if path.is_dir()] if folder.is_dir() else []
    if not classes:
        raise DataError(
            f"{folder}: expected a folder for each class, {folder.name}/<class>/*.png or *.jpg"
        )
    return classes


def image_files(class_folder: Path) -> list[Path]:
    """The images of a class, in alphabetical order.

    Raises:
        DataError: if there are none.
    """
    files = [path for path in entries(class_folder) if path.suffix.lower() in IMAGE_ENDINGS]
    if not files:
        raise DataError(f"{class_folder}: expected images (*.png, *.jpg) of this class, got none")
    return files


def entries(folder: Path) -> list[Path]:
    """What is in a folder, in alphabetical order.

    Raises:
        DataError: if it cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {reason(error)}") from error


def image(file: Path, num_images: int, shape: tuple[int, ...] | None) -> Array:
    """The pixels of a PNG or a JPEG, whatever its name; other formats would run other programs.

    Args:
        file: of the image.
        num_images: of the dataset, all of one shape: they must fit into memory.
        shape: of the other images; None for the first.

    Raises:
        DataError: if it is broken, or of another shape.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with (
                open(file, "rb", opener=regular) as content,
                Image.open(content, formats=("PNG", "JPEG")) as opened,
            ):
                mode = "L" if opened.mode in ("1", "L") else "RGB"
                refuse_beyond_memory(num_images * opened.width * opened.height * len(mode), "it")
                found = (opened.height, opened.width, *([3] if mode == "RGB" else []))
                pixels = np.asarray(opened.convert(mode)) if shape in (None, found) else None
    except Exception as error:  # Pillow raises SyntaxError, struct.error … for broken files
        raise DataError(f"{file} cannot be read as an image: {reason(error)}") from error
    if pixels is None:
        raise DataError(f"{file}: expected the shape of the other images, {shape}, got {found}")
    return pixels
