"""A dataset that all workers of a machine have in one copy, which each maps into memory."""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.reduction import DupFd
from typing import IO, Any

import numpy as np

from tuner.training.datasets import SHARED, Dataset


@dataclass
class Shared:
    """A dataset whose images lie in a file without a name; goes to a process as it is started.

    The file is gone when the last process is that has it, however they end.

    Attributes:
        without_images: The dataset, but for its images.
        shape: Of the images.
        file: With the images' bytes.
    """

    without_images: Dataset
    shape: tuple[int, ...]
    file: IO[bytes]

    def __getstate__(self) -> dict[str, Any]:
        """What goes to the process: the file as the number that it has there."""
        return {**self.__dict__, "file": DupFd(self.file.fileno())}

    def take(self: Any) -> None:
        """Has `load_dataset` give this dataset, in the process that was started."""
        with os.fdopen(self.file.detach(), "rb") as file:
            images = np.memmap(file, np.uint8, "r", shape=self.shape)
        SHARED[self.without_images.name] = replace(self.without_images, images=images)


def share(dataset: Dataset) -> Shared | None:
    """A dataset to be shared; None where it cannot be: on Windows, or where there is no room."""
    if os.name != "posix":
        return None
    with suppress(OSError):
        file = nameless_file()
        file.write(np.ascontiguousarray(dataset.images).data)
        file.flush()
        return Shared(replace(dataset, images=dataset.images[:0]), dataset.images.shape, file)
    return None


def nameless_file() -> IO[bytes]:
    """A file that has no name: in memory on Linux, else in the folder for temporary files."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("images"), "w+b")
    return tempfile.TemporaryFile()
