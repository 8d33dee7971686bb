"""The state of a training: what another execution needs to go on where it stopped."""

import io
import zipfile
import zlib
from typing import Any

import numpy as np

from tuner.execution import Execution


def state_of(model: Any, execution: Execution) -> bytes:
    """Weights, optimizer and the seeds of dropout and augmentation, as an .npz."""
    file = io.BytesIO()
    about = np.array(identity(execution, execution.epochs))
    np.savez(file, *[np.asarray(variable) for variable in variables(model)], about=about)
    return file.getvalue()


def restored(model: Any, execution: Execution, state: bytes) -> bool:
    """Sets a model to the state in which an execution begins; False if it is no such state."""
    about = identity(execution, execution.initial_epoch)
    try:
        with np.load(io.BytesIO(state), allow_pickle=False) as arrays:
            found = [arrays[f"arr_{number}"] for number in range(len(variables(model)))]
            if str(arrays["about"]) != about:
                return False
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return False
    if any(value.shape != tuple(v.shape) for v, value in zip(variables(model), found, strict=True)):
        return False
    for variable, value in zip(variables(model), found, strict=True):
        variable.assign(value)
    return True


def variables(model: Any) -> list[Any]:
    """All that a training changes in a model, in a fixed order."""
    return [*model.variables, *model.optimizer.variables]


def identity(execution: Execution, epoch: int) -> str:
    """What a state is the state of."""
    return f"{execution.seed} {epoch} {sorted(execution.values.items())}"
