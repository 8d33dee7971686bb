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
    """
    keras.utils.set_random_seed(0)  # some layers draw when they are built
    model = space if isinstance(space, keras_tuner.HyperModel) else built_by(space)
    configurations = drawn(model, draws)
    checks: list[Callable[..., None]] = [
        asks_something, builds_compiled, builds_the_same_twice, trains_on_a_batch, says_the_truth,
    ]  # fmt: skip
    for check in checks:
        check(model, configurations, input_shape, num_classes)
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


def answered(values: dict[str, Any]) -> Any:
    """Keras Tuner's hyperparameters of a configuration."""
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return hp


def asks_something(model: Any, configurations: Any, *_: Any) -> None:
    """It has a hyperparameter to search."""
    hp = answered({})
    network_of(model, hp)
    assert hp.space, "build(hp) asks for no hyperparameter: there is nothing to search"


def builds_compiled(model: Any, configurations: Any, *_: Any) -> None:
    """Each configuration gives a compiled network."""
    for values in configurations:
        network = network_of(model, answered(values))
        assert isinstance(network, keras.Model), f"build(hp) gave {network!r}, no keras.Model"
        assert network.compiled, f"build(hp) gave a model that is not compiled, with {values}"


def builds_the_same_twice(model: Any, configurations: Any, *others: Any) -> None:
    """A configuration is one network: nothing in it is drawn while it is built."""
    for values in configurations:
        asked = []
        for _again in range(2):
            hp = answered(values)
            network = network_of(model, hp)
            shapes = [tuple(weight.shape) for weight in network.weights]
            asked.append(([declared.name for declared in hp.space], shapes))
        assert asked[0] == asked[1], f"two builds of {values} differ: {asked}"


def trains_on_a_batch(
    model: Any, configurations: Any, input_shape: tuple[int, ...], num_classes: int
) -> None:
    """A batch of images and labels of the loss's form is trained on, and the loss is a number."""
    images = np.random.default_rng(0).random((4, *input_shape), np.float32)
    numbers = np.arange(4) % num_classes
    hp = answered(configurations[0])
    network = network_of(model, hp)
    outputs = network(images, training=False)
    assert hasattr(outputs, "shape"), f"expected one head, got {len(outputs)}"
    loss = network.loss
    told = loss if isinstance(loss, str) else getattr(loss, "__name__", None) or loss.name
    labels: Any = numbers
    if "sparse" not in str(told).lower():
        is_row = outputs.shape[-1] > 1
        labels = np.eye(num_classes)[numbers] if is_row else numbers[:, None].astype("float32")
    history = model.fit(hp, network, images, labels, epochs=1, verbose=0, callbacks=[])
    losses = getattr(history, "history", {}).get("loss", [0.0])
    assert np.isfinite(losses[-1]), f"the loss of a first batch is {losses[-1]}"


def says_the_truth(model: Any, configurations: Any, *_: Any) -> None:
    """What it says of costs and infeasible configurations is what its networks are."""
    for values in configurations:
        hp = answered(values)
        network = network_of(model, hp)
        if hasattr(model, "infeasible"):
            assert model.infeasible(hp.values) is None, f"{values} is called infeasible, but builds"
        if hasattr(model, "cost"):
            said, counted = model.cost(hp.values)[0], network.count_params()
            assert said == counted, f"cost() says {said} parameters of {values}, it has {counted}"
