"""A trained network as others take it: from raw pixels, as a .keras or an .onnx file."""

import importlib.util
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tuner.errors import StudyError, UsageError, let_interrupts_through
from tuner.training.epochs import Scale, scaling
from tuner.training.rehearsal import told
from tuner.training.traced import is_of_keras

ONNX = ("onnx", "tf2onnx")  # what Keras writes .onnx files with


def plain(model: Any, scale: Scale, image_shape: tuple[int, ...]) -> Any:
    """A network with its weights that takes uint8 images: the scaling of the pixels is in it.

    It is not compiled, so that nothing but its layers is needed to load it, and no optimizer is
    kept. Keras's own layer scales in the same two steps as training does, so to the same bits.

    Args:
        model: trained on scaled images.
        scale: of their pixels.
        image_shape: height, width and channels.
    """
    import keras

    copied = uncompiled_copy(model)
    scaled = keras.layers.Normalization(mean=scale.mean, variance=scale.deviation**2)
    kept = keras.Sequential([keras.Input(image_shape, dtype="uint8"), scaled, copied])
    copied.set_weights(model.get_weights())
    return kept


def uncompiled_copy(model: Any) -> Any:
    """A network of the same layers, without the weights and without what it was compiled with."""
    import keras

    compiled, model.compiled = model.compiled, False  # else the copy is, and its loss has to load
    try:
        return keras.models.clone_model(model)
    finally:
        model.compiled = compiled


def check_keepable(model: Any, image_shape: tuple[int, ...]) -> None:
    """Refuses a network that Keras cannot write to a file, before it is trained.

    Raises:
        UsageError: with Keras's reason.
    """
    blank = np.zeros((1, *image_shape), np.uint8)
    try:
        scale = scaling("none", blank)
        if not model.built:
            model(scale(blank), training=False)
        written(plain(model, scale, image_shape))
    except BaseException as error:  # whatever a user's layers raise; --debug shows where
        let_interrupts_through(error)
        raise UsageError(
            f"the network cannot be kept as a .keras file: {told(error)}; expected a Sequential or "
            "functional model of layers that have a get_config()"
        ) from error


def written(kept: Any) -> bytes:
    """A network as Keras writes it into a .keras file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        kept.save(path)
        return path.read_bytes()


def is_plain_keras(kept: Any) -> bool:
    """Whether Keras alone can load a network: no layer or function of it is somebody's own."""
    return is_of_keras(kept.get_config())


def check_onnx() -> None:
    """Refuses to write an .onnx file without what Keras needs for it.

    Raises:
        UsageError: saying how it is installed.
    """
    if missing := [name for name in ONNX if importlib.util.find_spec(name) is None]:
        raise UsageError(
            f"--onnx: Keras needs {' and '.join(missing)} to write an .onnx file: "
            "pip install 'width-depth-tuner[onnx]'"
        )


def written_onnx(kept: Any) -> bytes:
    """A network as ONNX, for inference: uint8 images in, float error away from Keras's outputs.

    Raises:
        StudyError: if it holds what ONNX does not have.
    """
    import onnx

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's, of NumPy 2
        path = Path(folder) / "model.onnx"
        try:
            in_inference(kept).export(path, format="onnx", verbose=False)
            onnx.checker.check_model(path)
        except Exception as error:  # whatever Keras, TensorFlow and tf2onnx raise
            raise StudyError(f"Keras cannot write it as ONNX: {told(error)}") from error
        return path.read_bytes()


def in_inference(kept: Any) -> Any:
    """A kept network as it can be exported, all layers called as in inference: nothing is drawn.

    Scaling is one layer without tensors of its own, of which Keras's export would make inputs.
    """
    import keras

    image_shape = kept.input_shape[1:]
    scaled, network = kept.layers
    mean, deviation = (np.ravel(part) for part in (scaled.mean, np.sqrt(scaled.variance)))
    pixels = keras.Input(image_shape, dtype="uint8")
    rescaled = keras.layers.Rescaling((1 / deviation).tolist(), (-mean / deviation).tolist())
    model = keras.Model(pixels, network(rescaled(pixels), training=False))
    model(np.zeros((1, *image_shape), np.uint8))  # Keras exports what has been called
    return model
