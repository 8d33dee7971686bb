"""The GPUs of this machine, one for each worker."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

DEVICES = Path("/dev")
VISIBLE = "CUDA_VISIBLE_DEVICES"


def visible_gpus(environment: Mapping[str, str] = os.environ, devices: Path = DEVICES) -> list[str]:
    """The names by which CUDA knows the GPUs that this process may use: numbers, or UUIDs.

    They are counted by their devices, as whoever asks TensorFlow has TensorFlow take hold of them.
    """
    numbers = sorted(
        int(device.name.removeprefix("nvidia"))
        for device in devices.glob("nvidia*")
        if re.fullmatch(r"nvidia\d+", device.name)
    )
    if VISIBLE not in environment or not numbers:
        return [str(number) for number in range(len(numbers))]
    named = [name.strip() for name in environment[VISIBLE].split(",")]
    # As CUDA reads it: what follows the first name that is none, as -1, is not visible.
    ended = next((at for at, name in enumerate(named) if name in ("", "-1")), len(named))
    return named[:ended]


def pinned(gpus: list[str]) -> list[dict[str, str]]:
    """For one worker after the other, the variables that give it a GPU; it takes what it needs.

    They are read when TensorFlow is imported.
    """
    return [{VISIBLE: gpu, "TF_FORCE_GPU_ALLOW_GROWTH": "true"} for gpu in gpus] or [{}]
