"""Images as an .npz with the arrays that Keras gives; nothing in it is trusted or unpickled."""

import math
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tuner.errors import DataError
from tuner.reading import regular
from tuner.training.memory import refuse_beyond_memory
from tuner.words import reason

Array = npt.NDArray[np.generic]
KEYS = ("x_train", "y_train", "x_test", "y_test")


def npz_arrays(path: Path, part: str = "train") -> tuple[Array, Array]:
    """The training or the test arrays of an .npz with the four Keras arrays; none is unpickled.

    Raises:
        DataError: if the file or one of the arrays is missing, or it holds Python objects.
    """
    try:
        with open(path, "rb", opener=regular) as file, zipfile.ZipFile(file) as archive:
            missing = [key for key in KEYS if f"{key}.npy" not in archive.namelist()]
            if missing:
                raise DataError(
                    f"{path}: expected the arrays {', '.join(KEYS)}; {', '.join(missing)} missing"
                )
            return array(archive, f"x_{part}"), array(archive, f"y_{part}")
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"no file {path}: expected an .npz with {', '.join(KEYS)}") from error
    except Exception as error:  # zipfile, its codecs and numpy raise a dozen kinds for broken files
        raise DataError(
            f"{path} cannot be used: {reason(error)}; expected an .npz of plain arrays"
        ) from error


def array(archive: zipfile.ZipFile, key: str) -> Array:
    """An array of an .npz; memory is taken for what is there, not for what a header claims.

    Raises:
        ValueError: if it is no plain array, or its size is not what the archive says.
    """
    stored = archive.getinfo(f"{key}.npy")
    with archive.open(stored) as member:
        version = np.lib.format.read_magic(member)
        header = {(1, 0): np.lib.format.read_array_header_1_0}.get(
            version, np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = header(member)
        if dtype.hasobject:
            raise ValueError(f"{key}: it holds pickled objects")
        claimed = math.prod(shape) * dtype.itemsize
        if member.tell() + claimed != stored.file_size:
            raise ValueError(f"{key}: the header says {claimed:,} bytes, the archive another size")
    refuse_beyond_memory(claimed, key)
    with archive.open(stored) as member:
        return np.lib.format.read_array(member, allow_pickle=False)
