"""What a space's own `fit` asks for, without any training."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np


def ask_fit(model: Any, hp: Any, network: Any, shape: tuple[int, ...], num_classes: int) -> None:
    """Has a `HyperModel.fit` ask for its hyperparameters; `network.fit` is not reached.

    Whatever goes wrong behind that is none of this: the plan's rehearsal tells it.
    """
    images = np.zeros((2, *shape), np.float32)
    labels = np.zeros(2, np.int32)
    replaced = fit_replaced(network, lambda *args, **kwargs: nothing_trained())
    with replaced, contextlib.suppress(Exception):
        model.fit(
            hp, network, images, labels, validation_data=(images, labels), callbacks=[],
            epochs=1, verbose=0,
        )  # fmt: skip


def nothing_trained() -> Any:
    """What `network.fit` gives back where nothing was trained."""
    return SimpleNamespace(history=defaultdict(lambda: [0.0]), epoch=[0], params={})


@contextlib.contextmanager
def fit_replaced(network: Any, fit: Any) -> Iterator[None]:
    """Has a network's `fit` be another function meanwhile."""
    network.__dict__["fit"] = fit
    try:
        yield
    finally:
        del network.__dict__["fit"]
