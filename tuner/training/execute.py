"""One execution: build, train, measure. The only file that trains."""

import math
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from tuner.errors import described
from tuner.execution import Execution, Outcome, Status, record_of
from tuner.space import Space, make_space
from tuner.training.backend import start_tensorflow, versions
from tuner.training.datasets import Dataset, load_dataset
from tuner.training.epochs import Images, scaling
from tuner.training.fused import fused
from tuner.training.labels import shaped
from tuner.training.memory import peak_memory_mb, reset_peak_memory, set_aside
from tuner.training.own_fit import own_epochs
from tuner.training.reported import final_metrics, finite, prefixed
from tuner.training.splits import Split, split
from tuner.training.state import state_of
from tuner.training.traced import Traced, forget, traced
from tuner.training.under_way import UnderWay

DEFAULT_BATCH_SIZE = 128  # where the space declares no batch_size

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
    ended = attempt(space, execution, dataset)
    record = record_of(
        execution,
        ended.status,
        **ended.measured,
        seconds=round(ended.seconds_before + time.perf_counter() - started, 3),
        peak_memory_mb=peak_memory_mb(),
        worker=socket.gethostname(),
        message=ended.message,
        history=ended.history,
        versions=versions(),
    )
    return Outcome(record, ended.state)


@dataclass
class Attempt:
    """How a training ended, and what was measured until then.

    `seconds_before` were spent on it by workers that died; `ready` is what was trained.
    """

    status: Status = "ok"
    message: str = ""
    measured: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    state: bytes | None = None
    seconds_before: float = 0.0
    ready: "Ready | None" = None


def attempt(
    space: Space,
    execution: Execution,
    dataset: Dataset,
    with_validation: bool = False,
    epoch_ended: Callable[[int], object] = lambda epoch: None,
) -> Attempt:
    """Trains and measures; whatever is raised in it is told.

    Args:
        space: of the study.
        execution: that is asked.
        dataset: of the study.
        with_validation: whether the validation images are trained on too.
        epoch_ended: called with the number of each epoch, from 1, that has ended.
    """
    ended = Attempt()
    try:
        fresh = build(space, execution)
        ended.measured["flops"] = space.cost(execution.values)[1]
        ended.ready = ready = prepare(fresh, space, execution, dataset, with_validation)
        model = ready.network.model
        ended.seconds_before = ready.under_way.seconds
        ended.measured["params"] = int(model.count_params())
        idle: dict[str, float] = {}
        with fused(model):
            for row in train(ready, space, execution):
                idle = {name: row.pop(name) for name in [*row] if name.startswith("idle_")}
                ended.history.append(finite(row))
                if not math.isfinite(row["loss"]):
                    ended.status = "diverged"
                    ended.message = f"the loss was {row['loss']} in epoch {row['epoch']}"
                    return ended
                epoch_ended(len(ended.history))
        if execution.keeps_state:
            ended.state = state_of(model, execution, execution.epochs)
        ended.measured |= final_metrics(ended.history, finite(idle), execution.study.objective)
    except BaseException as error:  # a failed execution is a result
        if is_ours(error):
            raise
        ended.status, ended.message = "failed", described(error)
    return ended


def is_ours(error: BaseException) -> bool:
    """Whether an error is no failure of what is trained: a Ctrl-C, which workers never get."""
    return isinstance(error, KeyboardInterrupt) and multiprocessing.parent_process() is None


def build(space: Space, execution: Execution) -> Any:
    """The compiled network of an execution, with its initial weights."""
    return build_seeded(space, execution.values, execution.seed)


def build_seeded(space: Space, values: Mapping[str, Any], seed: int) -> Any:
    """The compiled network of a configuration, its initial weights drawn by a seed."""
    import keras

    keras.backend.clear_session()  # and collects
    set_aside()
    keras.utils.set_random_seed(seed)  # after clear_session, which wipes Keras's seed
    return space.build(values)


class Ready(NamedTuple):
    """A network to train, with all images and the parts that they play.

    `scored` are the images that the objective is measured on, `under_way` is where it stands.
    """

    network: Traced
    images: Images
    parts: Split
    scored: np.ndarray
    under_way: UnderWay


def prepare(
    fresh: Any, space: Space, execution: Execution, dataset: Dataset, with_validation: bool
) -> Ready:
    """Splits and scales the images, and lays out a network for them, as far as it is trained.

    Raises:
        ValueError: for a model that cannot be trained on these images or judged by the objective.
    """
    study = execution.study
    parts = split(dataset, *required_sizes(execution), execution.seed)
    parts = parts.joined if with_validation else parts
    scale = scaling(study.scaling, dataset.images[parts.training])
    image = scale(dataset.images[parts.training[:1]])
    network = traced(fresh, image, dataset.num_classes, study.objective, space.has_fit)
    labels = shaped(dataset.labels, network.form, dataset.num_classes)
    scored = parts.idle if study.score_on == "idle" else parts.validation
    under_way = UnderWay(network.model, execution, keeps=network.is_plain)
    under_way.begin()
    return Ready(network, Images(dataset.images, labels, scale), parts, scored, under_way)


def train(ready: Ready, space: Space, execution: Execution) -> Epochs:
    """Trains epoch by epoch; yields epoch (from 1), loss, accuracy, val_loss, val_accuracy, ….

    The metrics are those that the model reports. The order of the images depends on the seed and
    the epoch alone. Where the study scores on all idle images, the last epoch has idle_loss and
    idle_accuracy too. Epochs that were trained before its worker died come first, as they were.
    """
    import tensorflow as tf

    network, images, parts, scored, under_way = ready
    yield from under_way.history
    train_epoch = trainer(ready, space, execution)
    to_score = images.at(scored).in_memory()
    of_curve = tf.constant(np.searchsorted(scored, parts.validation), tf.int32)
    try:
        for epoch in range(under_way.num_epochs, execution.epochs):
            logs = train_epoch(epoch)
            if epoch < execution.initial_epoch:
                continue  # its parent's, whose state is gone: the same epochs, bit for bit
            row = {"epoch": epoch + 1, **logs}
            row |= prefixed("val", network.evaluate(to_score, of_curve))
            if epoch + 1 == execution.epochs and len(scored) > len(parts.validation):
                row |= prefixed("idle", network.evaluate(to_score, tf.range(len(scored))))
            yield row
            under_way.epoch_ended(row)
    except BaseException:
        forget(network.model)
        raise


def trainer(ready: Ready, space: Space, execution: Execution) -> Callable[[int], dict[str, float]]:
    """What trains one epoch, from its number (from 0) to the metrics of its training."""
    import tensorflow as tf

    network, images, parts, *_ = ready
    if space.has_fit:
        data = images.at(parts.training).scaled(), images.at(parts.validation).scaled()
        return own_epochs(network.model, space, execution.values, *data, execution.seed)
    batch_size = int(execution.values.get("batch_size", DEFAULT_BATCH_SIZE))
    to_train = images.at(parts.training).in_memory()
    num_steps = math.ceil(len(parts.training) / batch_size)

    def train_epoch(epoch: int) -> dict[str, float]:
        order = np.random.default_rng([execution.seed, epoch]).permutation(len(parts.training))
        rates = learning_rates(space, execution, epoch, num_steps)
        return network.train(to_train, tf.constant(order, tf.int32), batch_size, rates)

    return train_epoch


def required_sizes(execution: Execution) -> tuple[int, int]:
    """The sizes of the training subset and the validation set, resolved before any execution."""
    study = execution.study
    if study.train_size is None or study.validation_size is None:
        raise ValueError("expected a study with train_size and validation_size resolved")
    return study.train_size, study.validation_size


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
