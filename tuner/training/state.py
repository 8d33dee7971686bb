"""The state of a training: what another execution needs to go on where it stopped."""

import io
from typing import Any

import numpy as np


def state_of(model: Any) -> bytes:
    """Weights, optimizer and the seeds of dropout and augmentation, as an .npz."""
    file = io.BytesIO()
    np.savez(file, *[np.asarray(variable) for variable in variables(model)])
    return file.getvalue()


def restore(model: Any, state: bytes) -> None:
    """Sets a model to a state of a model of the same configuration."""
    with np.load(io.BytesIO(state), allow_pickle=False) as arrays:
        for number, variable in enumerate(variables(model)):
            variable.assign(arrays[f"arr_{number}"])


def variables(model: Any) -> list[Any]:
    """All that a training changes in a model, in a fixed order."""
    return [*model.variables, *model.optimizer.variables]
