"""The state of a training: what another execution needs to go on where it stopped."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tuner.execution import Execution

History = Sequence[Mapping[str, Any]]


class Reached(NamedTuple):
    """What was done until a state was kept: the epochs' rows, and the seconds that they took."""

    history: list[dict[str, Any]]
    seconds: float


def state_of(
    model: Any, execution: Execution, epoch: int, history: History = (), seconds: float = 0.0
) -> bytes:
    """Weights, optimizer and the seeds of dropout and augmentation after an epoch, as an .npz."""
    file = io.BytesIO()
    about = np.array(identity(execution, epoch))
    told = np.array(json.dumps([list(history), seconds]))
    np.savez(file, *[np.asarray(v) for v in variables(model)], about=about, told=told)
    return file.getvalue()


def restored(model: Any, execution: Execution, epoch: int | None, state: bytes) -> Reached | None:
    """Sets a model to a state of an execution; None if it is no such state.

    Args:
        model: of the execution's configuration.
        execution: that goes on from the state.
        epoch: after which the state was kept; None for the last that its history has.
        state: as `state_of` gives it.
    """
    try:
        with np.load(io.BytesIO(state), allow_pickle=False) as arrays:
            found = [arrays[f"arr_{number}"] for number in range(len(variables(model)))]
            reached = Reached(*json.loads(str(arrays["told"])))
            epoch = reached.history[-1]["epoch"] if epoch is None else epoch
            if str(arrays["about"]) != identity(execution, epoch):
                return None
    except (OSError, EOFError, ValueError, LookupError, TypeError, zipfile.BadZipFile, zlib.error):
        return None
    if any(value.shape != tuple(v.shape) for v, value in zip(variables(model), found, strict=True)):
        return None
    for variable, value in zip(variables(model), found, strict=True):
        variable.assign(value)
    return reached


def variables(model: Any) -> list[Any]:
    """All that a training changes in a model, in a fixed order."""
    return [*model.variables, *model.optimizer.variables]


def identity(execution: Execution, epoch: int) -> str:
    """What a state is the state of."""
    return f"{execution.seed} {epoch} {sorted(execution.values.items())}"
