"""The labels that a model is trained on: they follow its loss, as in any Keras tutorial."""

import re
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Form = Literal["sparse", "one-hot", "number"]


def label_form(model: Any, image: Any, num_classes: int) -> Form:
    """How a compiled model wants its labels: class numbers, one-hot rows, or a number an image.

    Args:
        model: compiled; it is built by the image where it has no Input.
        image: a batch of one, scaled.
        num_classes: of the dataset.

    Raises:
        ValueError: for a model that these labels do not fit, saying what was expected.
    """
    num_outputs = output_width(model, image)
    loss = loss_name(model)
    if "sparse" in loss:
        if num_outputs < num_classes:
            raise ValueError(
                f"the model has {num_outputs} outputs for the {num_classes} classes of the data"
            )
        return "sparse"
    if num_outputs == 1:
        if ("binary" in loss or "hinge" in loss) and num_classes > 2:
            raise ValueError(
                f"the loss {loss} of one output is for two classes, and the data has {num_classes}"
            )
        return "number"
    if num_outputs != num_classes:
        raise ValueError(
            f"the model has {num_outputs} outputs for the {num_classes} classes of the data"
        )
    return "one-hot" if loss and takes_rows(model, image, num_classes) else "sparse"


def shaped(labels: npt.NDArray[np.int32], form: Form, num_classes: int) -> npt.NDArray[Any]:
    """Class numbers in the form that a model wants."""
    if form == "sparse":
        return labels
    if form == "number":
        return labels[:, np.newaxis].astype(np.float32)
    return np.eye(num_classes, dtype=np.float32)[labels]


def output_width(model: Any, image: Any) -> int:
    """The outputs of a model for one image; a model without an Input is built by the image.

    Raises:
        ValueError: if it is not compiled, does not take the image, or has several heads.
    """
    if not getattr(model, "compiled", False):
        raise ValueError("expected build() to compile the model, got one that is not compiled")
    if len(getattr(model, "inputs", None) or [None]) > 1:
        raise ValueError(f"expected a model of one input, got {len(model.inputs)}")
    taken = getattr(model, "input_shape", None) if getattr(model, "inputs", None) else None
    if taken is not None and not fits(tuple(image.shape[1:]), tuple(taken[1:])):
        raise ValueError(
            f"the model takes images of shape {tuple(taken[1:])}, "
            f"and those of the data are {tuple(image.shape[1:])}"
        )
    outputs = model(image, training=False)
    if isinstance(outputs, dict | list | tuple):
        raise ValueError(f"expected a model of one output layer, got {len(outputs)} heads")
    if len(outputs.shape) != 2:
        raise ValueError(
            f"expected a row of outputs an image, got the shape {tuple(outputs.shape[1:])}"
        )
    return int(outputs.shape[1])


def fits(given: tuple[int, ...], taken: tuple[int | None, ...]) -> bool:
    """Whether images of a shape go into a model; Keras itself drops or adds one channel."""
    for shape in (given, given[:-1] if given[-1] == 1 else given):
        if len(shape) == len(taken) and all(
            b in (None, a) for a, b in zip(shape, taken, strict=True)
        ):
            return True
    return False


def loss_name(model: Any) -> str:
    """The loss of a compiled model as Keras writes it, however it was given; "" for none."""
    loss = getattr(model, "loss", None)
    if isinstance(loss, list | tuple) and len(loss) == 1:
        loss = loss[0]
    if isinstance(loss, dict) and len(loss) == 1:
        loss = next(iter(loss.values()))
    if loss is None:
        return ""
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", "")
    name = name or f"{getattr(loss, 'name', '')} {type(loss).__name__}"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def takes_rows(model: Any, image: Any, num_classes: int) -> bool:
    """Whether a loss takes one-hot rows; a loss of the user's own may be sparse within."""
    row = np.eye(num_classes, dtype=np.float32)[:1]
    try:
        model.compute_loss(x=image, y=row, y_pred=model(image, training=False))
    except (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError):
        return False
    except Exception as error:  # TensorFlow's own, which only training may import
        if type(error).__module__.startswith("tensorflow"):
            return False
        raise
    finally:
        model.reset_metrics()
    return True
