"""One execution: build, train, measure. The only file that trains."""

import gc
import io
import math
import multiprocessing
import socket
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tuner.errors import described
from tuner.execution import Execution, Outcome, record_of
from tuner.space import Space, make_space
from tuner.training.backend import start_tensorflow, versions
from tuner.training.datasets import Dataset, load_dataset
from tuner.training.memory import peak_memory_mb, reset_peak_memory
from tuner.training.splits import split

DEFAULT_BATCH_SIZE = 128  # where the space declares no batch_size
EVALUATION_BATCH_SIZE = 500

Epochs = Iterator[dict[str, float]]


def execute(execution: Execution) -> Outcome:
    """Trains one configuration; a pure function of the execution and the dataset's content.

    What goes wrong in building or training is a result, with its message: a loss that is no longer
    finite ends the execution as "diverged", an exception as "failed".

    Raises:
        TunerError: if the dataset or the search space cannot be had at all.
    """
    start_tensorflow()
    study = execution.study
    dataset = load_dataset(study.dataset)
    space = make_space(study.space, dataset.input_shape, dataset.num_classes)
    started = time.perf_counter()
    reset_peak_memory()
    history: list[dict[str, Any]] = []
    measured: dict[str, Any] = {}
    idle: dict[str, float] = {}
    state = None
    status, message = "ok", ""
    try:
        model = build(space, execution)
        measured["params"] = int(model.count_params())
        measured["flops"] = space.cost(execution.values)[1]
        for row in train(model, space, execution, dataset):
            idle = {name: row.pop(name) for name in [*row] if name.startswith("idle_")}
            history.append(finite(row))
            if not math.isfinite(row["loss"]):
                status, message = "diverged", f"the loss was {row['loss']} in epoch {row['epoch']}"
                break
        if status == "ok" and execution.keeps_state:
            state = state_of(model, execution)
    except BaseException as error:  # recorded below: a failed execution is a result
        if is_ours(error):
            raise
        status, message = "failed", described(error)
    if status == "ok":
        measured |= final_metrics(history, finite(idle))
    record = record_of(
        execution,
        status,  # type: ignore[arg-type]
        **measured,
        seconds=round(time.perf_counter() - started, 3),
        peak_memory_mb=peak_memory_mb(),
        worker=socket.gethostname(),
        message=message,
        history=history,
        versions=versions(),
    )
    return Outcome(record, state)


def is_ours(error: BaseException) -> bool:
    """Whether an error is no failure of what is trained: a Ctrl-C, which workers never get."""
    return isinstance(error, KeyboardInterrupt) and multiprocessing.parent_process() is None


def build(space: Space, execution: Execution) -> Any:
    """The compiled network of an execution, with its initial weights."""
    import keras

    keras.backend.clear_session()
    gc.collect()
    keras.utils.set_random_seed(execution.seed)  # after clear_session, which wipes Keras's seed
    return space.build(execution.values)


def train(model: Any, space: Space, execution: Execution, dataset: Dataset) -> Epochs:
    """Trains epoch by epoch; yields epoch (from 1), loss, accuracy, val_loss, val_accuracy.

    The order of the images depends on the seed and the epoch alone. Where the study scores on all
    idle images, the last epoch has idle_loss and idle_accuracy too.
    """
    import tensorflow as tf

    study = execution.study
    batch_size = int(execution.values.get("batch_size", DEFAULT_BATCH_SIZE))
    parts = split(dataset, *required_sizes(execution), execution.seed)
    scored = parts.idle if study.score_on == "idle" else parts.validation
    training = dataset.images[parts.training]
    scale = scaling(study.scaling, training)
    train_epoch = epoch_function(
        model, model.train_step, training, dataset.labels[parts.training], scale
    )
    validate = epoch_function(
        model, model.test_step, dataset.images[scored], dataset.labels[scored], scale
    )
    create_variables(model, scale(training[:1]), dataset.labels[parts.training][:1])
    is_restored = execution.state is not None and restored(model, execution, execution.state)
    num_steps = math.ceil(len(training) / batch_size)
    of_curve = tf.constant(np.searchsorted(scored, parts.validation), tf.int32)
    for epoch in range(execution.initial_epoch if is_restored else 0, execution.epochs):
        order = np.random.default_rng([execution.seed, epoch]).permutation(len(training))
        rates = learning_rates(space, execution, epoch, num_steps)
        logs = train_epoch(tf.constant(order, tf.int32), batch_size, rates)
        if epoch < execution.initial_epoch:
            continue  # its parent's, whose state is gone: the same epochs, bit for bit
        row = {"epoch": epoch + 1, **logs} | prefixed("val", validate(of_curve))
        if epoch + 1 == execution.epochs and len(scored) > len(parts.validation):
            row |= prefixed("idle", validate(tf.range(len(scored))))
        yield row


def prefixed(part: str, metrics: dict[str, float]) -> dict[str, float]:
    """Metrics under the names of the images that they were measured on."""
    return {f"{part}_{name}": value for name, value in metrics.items()}


def required_sizes(execution: Execution) -> tuple[int, int]:
    """The sizes of the training subset and the validation set, resolved before any execution."""
    study = execution.study
    if study.train_size is None or study.validation_size is None:
        raise ValueError("expected a study with train_size and validation_size resolved")
    return study.train_size, study.validation_size


def scaling(name: str, training: np.ndarray) -> Callable[[Any], Any]:
    """From uint8 pixels to floats: 0 to 1, or standardized a channel by the training images."""
    import tensorflow as tf

    mean = np.zeros(1, np.float32)
    deviation = np.full(1, 255, np.float32)
    if name == "standardize":
        mean = training.mean((0, 1, 2), dtype=np.float64).astype(np.float32)
        deviation = np.maximum(training.std((0, 1, 2), dtype=np.float64), 1).astype(np.float32)
    return lambda pixels: (tf.cast(pixels, tf.float32) - mean) / deviation


def create_variables(model: Any, image: Any, label: Any) -> None:
    """Makes the variables of the optimizer and the metrics, so that an epoch is traced once.

    Raises:
        ValueError: if the model does not report an accuracy.
    """
    model.optimizer.build(model.trainable_variables)
    model.test_step((image, label))
    if "accuracy" not in model.get_metrics_result():
        raise ValueError(
            f"expected a model compiled with metrics=['accuracy'], got {model.metrics_names}"
        )


def epoch_function(
    model: Any, step: Callable[..., Any], images: np.ndarray, labels: np.ndarray, scale: Any
) -> Callable[..., dict[str, float]]:
    """A whole epoch as one TensorFlow function, which gathers its batches from memory.

    The function takes the order of the images, the batch size, and the learning rate of each
    step (or None to leave the optimizer alone); it returns the epoch's mean metrics.
    """
    import tensorflow as tf

    all_images, all_labels = tf.constant(images), tf.constant(labels)

    # The images are arguments: TensorFlow does not free what a traced function has captured.
    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def run(images: Any, labels: Any, order: Any, batch_size: int, rates: Any) -> None:
        for number in tf.range(tf.math.ceil(tf.size(order) / batch_size)):
            number = tf.cast(number, tf.int32)
            batch = order[number * batch_size : (number + 1) * batch_size]
            if rates is not None:
                model.optimizer.learning_rate.assign(rates[number])
            step((scale(tf.gather(images, batch)), tf.gather(labels, batch)))

    def epoch(
        order: Any, batch_size: int = EVALUATION_BATCH_SIZE, rates: Any = None
    ) -> dict[str, float]:
        model.reset_metrics()
        run(all_images, all_labels, order, batch_size, rates)
        return {name: float(value) for name, value in model.get_metrics_result().items()}

    return epoch


def learning_rates(space: Space, execution: Execution, epoch: int, num_steps: int) -> Any:
    """The learning rate of each step of an epoch, if the space says it; else None.

    Its horizon is the study's full budget, also where an execution ends before it to be gone on
    with later.
    """
    import tensorflow as tf

    if not space.sets_learning_rates:
        return None
    done = (epoch + np.arange(num_steps) / num_steps) / execution.study.epochs
    rates = [space.learning_rate_at(execution.values, progress) for progress in done]
    return tf.constant(rates, tf.float32)


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


def final_metrics(history: list[dict[str, Any]], idle: dict[str, Any]) -> dict[str, Any]:
    """The metrics of the last epoch, on the idle images where these were scored; the best epoch."""
    last = history[-1]
    best = max(history, key=lambda row: row["val_accuracy"])
    return {
        "val_accuracy": idle.get("idle_accuracy", last["val_accuracy"]),
        "val_loss": idle.get("idle_loss", last["val_loss"]),
        "train_accuracy": last["accuracy"],
        "best_val_accuracy": best["val_accuracy"],
        "best_epoch": best["epoch"],
    }


def finite(row: dict[str, float]) -> dict[str, float | None]:
    """The row with None for what is not a number, which JSON has no word for."""
    return {name: value if math.isfinite(value) else None for name, value in row.items()}
