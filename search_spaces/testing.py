"""A test suite for a `keras_tuner.HyperModel`, run in one line; nothing of `tuner` is needed.

from search_spaces.testing import check_space
check_space(MyHyperModel(), input_shape=(32, 32, 3), num_classes=10)
"""

from collections.abc import Callable
from typing import Any

import keras
import keras_tuner
import numpy as np


def check_space(
    space: Any, input_shape: tuple[int, ...] = (32, 32, 3), num_classes: int = 10, draws: int = 5
) -> list[str]:
    """Checks that a space can be searched: here, and by any tuner of Keras Tuner.

    Args:
        space: a HyperModel, or a function build(hp).
        input_shape: of an image.
        num_classes: of the labels.
        draws: how many configurations are drawn and built, beside the default one.

    Returns:
        The names of the checks that were made.

    Raises:
        AssertionError: saying what is wrong and how to mend it.

    Examples:
        >>> from search_spaces import ConvPool
        >>> from search_spaces.testing import check_space
        >>> check_space(ConvPool((8, 8, 1), conv_blocks=[1, 2]), (8, 8, 1), draws=1)[-1]
        'trains_on_a_batch'
    """
    keras.utils.set_random_seed(0)  # some layers draw when they are built
    model = space if isinstance(space, keras_tuner.HyperModel) else built_by(space)
    of_each: list[Callable[[Twins], None]] = [
        builds_compiled,
        builds_the_same_twice,
        says_the_truth,
    ]
    for number, values in enumerate(drawn(model, draws)):
        twins = Twins(model, values)
        if number == 0:
            asks_something(twins)
        for check in of_each:
            check(twins)
        if number == 0:
            trains_on_a_batch(twins, input_shape, num_classes)
    checks = [asks_something, *of_each, trains_on_a_batch]
    return [check.__name__ for check in checks]


def built_by(build: Callable[[Any], Any]) -> Any:
    """A HyperModel of a function build(hp)."""
    assert callable(build), f"expected a HyperModel or a function build(hp), got {build!r}"

    class Built(keras_tuner.HyperModel):  # type: ignore[misc]
        def build(self, hp: Any) -> Any:
            return build(hp)

    return Built()


def drawn(model: Any, draws: int) -> list[dict[str, Any]]:
    """The default configuration, and some that are drawn; without those said to be infeasible."""
    found: list[dict[str, Any]] = [{}]
    hp = keras_tuner.HyperParameters()
    network_of(model, hp)
    rng = np.random.default_rng(0)
    for _ in range(draws):
        values = {
            declared.name: declared.random_sample(int(rng.integers(1, 2**31)))
            for declared in hp.space
        }
        if not (hasattr(model, "infeasible") and model.infeasible(values)):
            found.append(values)
    return found


def network_of(model: Any, hp: Any) -> Any:
    """The network of a configuration, with its hyperparameters declared first."""
    model.declare_hyperparameters(hp)
    return model.build(hp)


class Twins:
    """A configuration of a space, built twice: all that is asked is asked of these two."""

    def __init__(self, model: Any, values: dict[str, Any]) -> None:
        self.model, self.values = model, values
        self.asked = [keras_tuner.HyperParameters(), keras_tuner.HyperParameters()]
        for hp in self.asked:
            hp.values = dict(values)
        self.networks = [network_of(model, hp) for hp in self.asked]


def asks_something(twins: Twins) -> None:
    """It has a hyperparameter to search."""
    hp = twins.asked[0]
    assert hp.space, "build(hp) asks for no hyperparameter: there is nothing to search"


def builds_compiled(twins: Twins) -> None:
    """A configuration gives a compiled network."""
    for network in twins.networks:
        assert isinstance(network, keras.Model), f"build(hp) gave {network!r}, no keras.Model"
        assert network.compiled, f"build(hp) gave a model that is not compiled, with {twins.values}"


def builds_the_same_twice(twins: Twins) -> None:
    """A configuration is one network: nothing in it is drawn while it is built."""
    one, other = (
        ([declared.name for declared in hp.space], [tuple(w.shape) for w in network.weights])
        for hp, network in zip(twins.asked, twins.networks, strict=True)
    )
    assert one == other, f"two builds of {twins.values} differ: {one} and {other}"


def says_the_truth(twins: Twins) -> None:
    """What it says of costs and infeasible configurations is what its networks are."""
    model, values, hp = twins.model, twins.values, twins.asked[1]
    if hasattr(model, "infeasible"):
        assert model.infeasible(hp.values) is None, f"{values} is called infeasible, but builds"
    if hasattr(model, "cost"):
        said, counted = model.cost(hp.values)[0], twins.networks[1].count_params()
        assert said == counted, f"cost() says {said} parameters of {values}, it has {counted}"


def trains_on_a_batch(twins: Twins, input_shape: tuple[int, ...], num_classes: int) -> None:
    """A batch of images and labels of the loss's form is trained on, and the loss is a number."""
    images = np.random.default_rng(0).random((4, *input_shape), np.float32)
    numbers = np.arange(4) % num_classes
    hp, network = twins.asked[0], twins.networks[0]
    outputs = network(images, training=False)
    assert hasattr(outputs, "shape"), f"expected one head, got {len(outputs)}"
    loss = network.loss
    told = loss if isinstance(loss, str) else getattr(loss, "__name__", None) or loss.name
    labels: Any = numbers
    if "sparse" not in str(told).lower():
        is_row = outputs.shape[-1] > 1
        labels = np.eye(num_classes)[numbers] if is_row else numbers[:, None].astype("float32")
    history = twins.model.fit(hp, network, images, labels, epochs=1, verbose=0, callbacks=[])
    losses = getattr(history, "history", {}).get("loss", [0.0])
    assert np.isfinite(losses[-1]), f"the loss of a first batch is {losses[-1]}"
