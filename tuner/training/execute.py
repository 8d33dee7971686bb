"""One execution: build, train, measure. The only file that trains."""

import gc
import math
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from tuner.errors import described
from tuner.execution import Execution, Outcome, record_of
from tuner.objective import Objective
from tuner.space import Space, make_space
from tuner.training.backend import start_tensorflow, versions
from tuner.training.datasets import Dataset, load_dataset
from tuner.training.labels import label_form, shaped
from tuner.training.memory import peak_memory_mb, reset_peak_memory
from tuner.training.own_fit import own_epochs
from tuner.training.reported import final_metrics, finite, metrics_of, missing, prefixed
from tuner.training.splits import Split, split
from tuner.training.state import restored, state_of

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
        measured["flops"] = space.cost(execution.values)[1]
        for row in train(model, space, execution, dataset):
            measured["params"] = int(model.count_params())  # after a first batch has built it
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
        measured |= final_metrics(history, finite(idle), study.objective)
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
    return build_seeded(space, execution.values, execution.seed)


def build_seeded(space: Space, values: Mapping[str, Any], seed: int) -> Any:
    """The compiled network of a configuration, its initial weights drawn by a seed."""
    import keras

    keras.backend.clear_session()
    gc.collect()
    keras.utils.set_random_seed(seed)  # after clear_session, which wipes Keras's seed
    return space.build(values)


def train(model: Any, space: Space, execution: Execution, dataset: Dataset) -> Epochs:
    """Trains epoch by epoch; yields epoch (from 1), loss, accuracy, val_loss, val_accuracy, ….

    The metrics are those that the model reports. The order of the images depends on the seed and
    the epoch alone. Where the study scores on all idle images, the last epoch has idle_loss and
    idle_accuracy too.

    Raises:
        ValueError: for a model that cannot be trained on these images or judged by the objective.
    """
    import tensorflow as tf

    study = execution.study
    parts = split(dataset, *required_sizes(execution), execution.seed)
    scored = parts.idle if study.score_on == "idle" else parts.validation
    training = dataset.images[parts.training]
    scale = scaling(study.scaling, training)
    form = label_form(model, scale(training[:1]), dataset.num_classes)
    labels = shaped(dataset.labels, form, dataset.num_classes)
    validate = epoch_function(model, model.test_step, dataset.images[scored], labels[scored], scale)
    create_variables(model, scale(training[:1]), labels[parts.training][:1], study.objective)
    is_restored = execution.state is not None and restored(model, execution, execution.state)
    train_epoch = trainer(model, space, execution, Images(dataset.images, labels, scale), parts)
    of_curve = tf.constant(np.searchsorted(scored, parts.validation), tf.int32)
    for epoch in range(execution.initial_epoch if is_restored else 0, execution.epochs):
        logs = train_epoch(epoch)
        if epoch < execution.initial_epoch:
            continue  # its parent's, whose state is gone: the same epochs, bit for bit
        row = {"epoch": epoch + 1, **logs} | prefixed("val", validate(of_curve))
        if epoch + 1 == execution.epochs and len(scored) > len(parts.validation):
            row |= prefixed("idle", validate(tf.range(len(scored))))
        yield row


class Images(NamedTuple):
    """All images of a dataset with their labels as a model wants them, and how they are scaled."""

    images: np.ndarray
    labels: np.ndarray
    scale: Callable[[Any], Any]

    def scaled(self, places: Any) -> tuple[np.ndarray, np.ndarray]:
        """Some images, scaled, and their labels."""
        return np.asarray(self.scale(self.images[places])), self.labels[places]


def trainer(
    model: Any, space: Space, execution: Execution, images: Images, parts: Split
) -> Callable[[int], dict[str, float]]:
    """What trains one epoch, from its number (from 0) to the metrics of its training."""
    import tensorflow as tf

    if space.has_fit:
        data = images.scaled(parts.training), images.scaled(parts.validation)
        return own_epochs(model, space, execution.values, *data, execution.seed)
    batch_size = int(execution.values.get("batch_size", DEFAULT_BATCH_SIZE))
    run = epoch_function(
        model, model.train_step, images.images[parts.training], images.labels[parts.training],
        images.scale,
    )  # fmt: skip
    num_steps = math.ceil(len(parts.training) / batch_size)

    def train_epoch(epoch: int) -> dict[str, float]:
        order = np.random.default_rng([execution.seed, epoch]).permutation(len(parts.training))
        rates = learning_rates(space, execution, epoch, num_steps)
        return run(tf.constant(order, tf.int32), batch_size, rates)

    return train_epoch


def required_sizes(execution: Execution) -> tuple[int, int]:
    """The sizes of the training subset and the validation set, resolved before any execution."""
    study = execution.study
    if study.train_size is None or study.validation_size is None:
        raise ValueError("expected a study with train_size and validation_size resolved")
    return study.train_size, study.validation_size


def scaling(name: str | None, training: np.ndarray) -> Callable[[Any], Any]:
    """From uint8 pixels to floats: as they are, 0 to 1, or standardized by the training images.

    Standardized is each channel to mean 0 and deviation 1; so it is where nobody has said.
    """
    import tensorflow as tf

    mean = np.zeros(1, np.float32)
    deviation = np.full(1, 255 if name == "unit" else 1, np.float32)
    if name in ("standardize", None):
        mean = training.mean((0, 1, 2), dtype=np.float64).astype(np.float32)
        deviation = np.maximum(training.std((0, 1, 2), dtype=np.float64), 1).astype(np.float32)
    return lambda pixels: (tf.cast(pixels, tf.float32) - mean) / deviation


def create_variables(model: Any, image: Any, label: Any, objective: Objective) -> None:
    """Makes the variables of the optimizer and the metrics, so that an epoch is traced once.

    Raises:
        ValueError: if the model does not report the objective.
    """
    model.optimizer.build(model.trainable_variables)
    model.test_step((image, label))
    if reason := missing(objective, metrics_of(model)):
        raise ValueError(reason)


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
        return metrics_of(model)

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
