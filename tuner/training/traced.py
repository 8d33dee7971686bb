"""Networks that are traced: the next replicate of a configuration starts in the one of the last.

Tracing a network takes longer than training it on small data. A network that was built anew is laid
beside those that this process has kept: where all of it is Keras's own and it is written alike, the
kept one is set to what was drawn for the new one, and its traced functions go on.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from tuner.objective import Objective
from tuner.training.epochs import Epoch, epoch_function
from tuner.training.labels import Form, label_form, shaped
from tuner.training.memory import collect
from tuner.training.reported import metrics_of, missing
from tuner.training.state import variables

MOST_KEPT = 20  # networks a worker
VALUES = {"__keras_tensor__", "__tensor__", "__numpy__"}  # as Keras writes them; they run no code
LARGEST_KEPT = 2_000_000  # parameters: what is larger takes long to train, and little to trace


@dataclass(frozen=True)
class Traced:
    """A compiled network with its variables, and its epochs as functions.

    Attributes:
        model: The network.
        form: Of the labels that it wants.
        train: An epoch of training.
        evaluate: A pass over images without training.
        is_plain: Whether it is all Keras's own, and what it has learned lies in its variables.
    """

    model: Any
    form: Form
    train: Epoch
    evaluate: Epoch
    is_plain: bool


_kept: dict[str, Traced] = {}  # the one used last comes last


def traced(
    model: Any, image: Any, num_classes: int, objective: Objective, has_fit: bool = False
) -> Traced:
    """A network to train: the one that is given, or an equal one that is traced already.

    Args:
        model: compiled, just built.
        image: a batch of one, scaled.
        num_classes: of the dataset.
        objective: that it is judged by.
        has_fit: whether a user's code trains it, which may change more of it than its variables:
            then it is the one that is given, and not kept.

    Raises:
        ValueError: for a model that these images do not fit, or that does not report the objective.
    """
    if not model.built:
        model(image, training=False)
    key = "" if has_fit else told(model, image, num_classes)
    kept = _kept.pop(key, None)
    if kept is None or not set_alike(kept.model, model):
        form = label_form(model, image, num_classes)
        leave_gradients_alone(model.optimizer)
        create_variables(model, image, form, num_classes)
        train, evaluate = (epoch_function(model, s) for s in (model.train_step, model.test_step))
        kept = Traced(model, form, train, evaluate, is_plain=bool(key))
    if reason := missing(objective, metrics_of(kept.model)):
        raise ValueError(reason)
    is_kept = kept.is_plain and model.count_params() <= LARGEST_KEPT
    if is_kept:
        _kept[key] = kept
    if not is_kept or len(_kept) > MOST_KEPT:
        for oldest in list(_kept)[:-MOST_KEPT]:
            del _kept[oldest]
        collect()  # a graph and its functions hold each other
    return kept


def forget(model: Any) -> None:
    """Keeps a network no longer: what went wrong in it may have left its mark."""
    for key in [key for key, kept in _kept.items() if kept.model is model]:
        del _kept[key]


def told(model: Any, image: Any, num_classes: int) -> str:
    """A network as Keras writes it, how it is compiled too; "" where not all of it is Keras's."""
    if not type(model).__module__.startswith("keras.src.models."):
        return ""
    if any(remembers(layer) for layer in model._flatten_layers()):
        return ""
    try:
        about = [model.get_config(), model.get_compile_config()]
        text = json.dumps([about, list(image.shape), num_classes], sort_keys=True)
    except (TypeError, ValueError, NotImplementedError, AttributeError):
        return ""
    return text if is_of_keras(about) else ""


def remembers(layer: Any) -> bool:
    """Whether a layer keeps more than its variables: the masks of a recurrent dropout, a state."""
    return bool(getattr(layer, "stateful", False)) or hasattr(layer, "reset_dropout_mask")


def is_of_keras(config: Any) -> bool:
    """Whether all that a configuration names is Keras's own, and runs no code of a user's."""
    if isinstance(config, list | tuple):
        return all(map(is_of_keras, config))
    if not isinstance(config, dict):
        return True
    if "class_name" in config and config["class_name"] not in VALUES:
        module = config.get("module") or ""
        is_ours = module == "keras" or module.startswith("keras.") or module == "builtins"
        if not is_ours or config.get("registered_name") not in (None, config["class_name"]):
            return False
        if config["class_name"] in ("Lambda", "function", "__lambda__"):
            return False
    return all(map(is_of_keras, config.values()))


def set_alike(kept: Any, fresh: Any) -> bool:
    """Sets a network to what another one is; False if they do not have the same variables."""
    fresh.optimizer.build(fresh.trainable_variables)
    ours, theirs = variables(kept), variables(fresh)
    if [tuple(v.shape) for v in ours] != [tuple(v.shape) for v in theirs]:
        return False
    for our, their in zip(ours, theirs, strict=True):
        our.assign(their)
    return True


def leave_gradients_alone(optimizer: Any) -> None:
    """Has an optimizer add up no gradients of other devices, as there is one.

    Each time that a step is traced, TensorFlow registers how to differentiate that sum, for the
    life of the process, and with it all of the graph: some megabytes of each network.
    """
    optimizer._all_reduce_sum_gradients = lambda pairs: pairs


def create_variables(model: Any, image: Any, form: Form, num_classes: int) -> None:
    """Makes the variables of the optimizer and the metrics, so that an epoch is traced once."""
    model.optimizer.build(model.trainable_variables)
    model.test_step((image, shaped(np.zeros(1, np.int32), form, num_classes)))
