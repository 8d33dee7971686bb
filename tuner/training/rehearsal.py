"""One build and one batch of a configuration: what would fail is told before any training."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tuner.errors import UsageError, described, let_interrupts_through
from tuner.space import Space
from tuner.study import Study
from tuner.training.datasets import Dataset
from tuner.training.epochs import scaling
from tuner.training.execute import build_seeded
from tuner.training.labels import Form, label_form, loss_name, shaped
from tuner.training.own_fit import own_epochs
from tuner.training.reported import metrics_of, missing
from tuner.words import in_one_line, short

MOST_TEXT = 200  # of an error's message, which may hold a whole model


@dataclass(frozen=True)
class Rehearsal:
    """What one batch has shown of a model.

    Attributes:
        params: Its parameters.
        labels: The form of the labels that it is trained on.
        loss: The name of its loss.
        rescales: Its layers that rescale the images themselves.
        metrics: The names of what it reports.
    """

    params: int
    labels: Form
    loss: str
    rescales: tuple[str, ...]
    metrics: tuple[str, ...]

    def scaling(self, asked: str | None) -> str:
        """The scaling of the images: what was asked, else none for a model that has its own."""
        return asked or ("none" if self.rescales else "standardize")


def rehearse(study: Study, space: Space, dataset: Dataset, values: Mapping[str, Any]) -> Rehearsal:
    """Builds a configuration and trains it on one batch.

    Raises:
        UsageError: in one line, if an execution of it would fail.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras's, of a model that is told here anyway
            return rehearsed(study, space, dataset, values)
    except BaseException as error:  # whatever a user's code raises; --debug shows where
        let_interrupts_through(error)
        where = ", ".join(f"{name}={level}" for name, level in values.items())
        raise UsageError(
            f"{study.space} cannot be trained on {dataset.name}: {told(error)} (with {where})"
        ) from error


def rehearsed(study: Study, space: Space, dataset: Dataset, values: Mapping[str, Any]) -> Rehearsal:
    """What one build and one batch show.

    Raises:
        Exception: whatever a user's code raises.
    """
    import keras

    model = build_seeded(space, values, study.seed)
    kinds: Any = (keras.layers.Rescaling, keras.layers.Normalization)
    rescales = tuple(layer.name for layer in flat_layers(model) if isinstance(layer, kinds))
    scale = scaling(study.scaling or ("none" if rescales else "standardize"), dataset.images[:64])
    images = scale(dataset.images[:2])
    form = label_form(model, images[:1], dataset.num_classes)
    labels = shaped(dataset.labels[:2], form, dataset.num_classes)
    model.optimizer.build(model.trainable_variables)
    if space.has_fit:
        own_epochs(model, space, values, (np.asarray(images), labels),
                   (np.asarray(images), labels), study.seed)(0)  # fmt: skip
        model.test_step((images, labels))
    else:
        model.train_step((images, labels))
    reported = metrics_of(model)
    if reason := missing(study.objective, reported):
        raise ValueError(reason)
    found = Rehearsal(model.count_params(), form, loss_name(model), rescales, tuple(reported))
    keras.backend.clear_session()
    return found


def flat_layers(model: Any) -> list[Any]:
    """The layers of a model, those within its layers too."""
    return [
        found for layer in getattr(model, "layers", ()) for found in (layer, *flat_layers(layer))
    ]


def try_build(space: Space, values: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Why a configuration cannot be built, or the parameters of its network where it tells them."""
    import keras

    try:
        network = space.build(values)
        params = int(network.count_params()) if network.built else None
    except BaseException as error:  # whatever a user's code raises is the reason
        let_interrupts_through(error)
        return told(error), None
    finally:
        keras.backend.clear_session()
    return None, params


def told(error: BaseException) -> str:
    """What an error says, in one line of a bearable length; Keras adds colours and arguments."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", described(error)).partition("Arguments received by")[0]
    return short(in_one_line(plain), MOST_TEXT)
