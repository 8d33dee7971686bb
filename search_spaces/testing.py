"""A test suite for a `keras_tuner.HyperModel`, run in one line; nothing of `tuner` is needed.

from search_spaces.testing import check_space
check_space(MyHyperModel(), input_shape=(32, 32, 3), num_classes=10)
"""

from collections.abc import Callable
from typing import Any, get_args
from unittest import mock

import keras
import keras_tuner
import numpy as np

from search_spaces.contract import HasTable, KnowsCost, KnowsFeasibility, SetsLearningRates
from search_spaces.flops import flops_of
from search_spaces.hyperparameter import Axis, Hyperparameter, Role


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
        >>> made = check_space(ConvPool((8, 8, 1), conv_blocks=[1, 2]), (8, 8, 1), draws=1)
        >>> "trains_on_a_batch" in made
        True
    """
    keras.utils.set_random_seed(0)  # some layers draw when they are built
    model = space if isinstance(space, keras_tuner.HyperModel) else built_by(space)
    of_each: list[Callable[[Twins], None]] = [
        builds_compiled,
        builds_the_same_twice,
        costs_what_it_says,
        sets_learning_rates,
    ]
    feasible, infeasible = drawn(model, draws)
    for number, values in enumerate(feasible):
        twins = Twins(model, values)
        if number == 0:
            asks_something(twins)
            asks_for_its_table(twins)
        for check in of_each:
            check(twins)
        if number == 0:
            trains_on_a_batch(twins, input_shape, num_classes)
    for values in infeasible:
        fails_where_it_says(model, values)
    checks = [
        asks_something,
        asks_for_its_table,
        *of_each,
        trains_on_a_batch,
        fails_where_it_says,
    ]
    return [check.__name__ for check in checks]


def built_by(build: Callable[[Any], Any]) -> Any:
    """A HyperModel of a function build(hp)."""
    assert callable(build), f"expected a HyperModel or a function build(hp), got {build!r}"

    class Built(keras_tuner.HyperModel):  # type: ignore[misc]
        def build(self, hp: Any) -> Any:
            return build(hp)

    return Built()


def drawn(model: Any, draws: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The default configuration and some that are drawn; apart, those said to be infeasible."""
    hp = keras_tuner.HyperParameters()
    network_of(model, hp)
    feasible: list[dict[str, Any]] = [{}]
    infeasible: list[dict[str, Any]] = []
    rng = np.random.default_rng(0)
    for _ in range(draws):
        values = {
            declared.name: declared.random_sample(int(rng.integers(1, 2**31)))
            for declared in hp.space
        }
        is_said = isinstance(model, KnowsFeasibility) and model.infeasible(values)
        (infeasible if is_said else feasible).append(values)
    return feasible, infeasible


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


def asks_for_its_table(twins: Twins) -> None:
    """Its table, where it has one, has roles, axes and levels, and it asks for every row of it."""
    if not isinstance(twins.model, HasTable):
        return
    asked = {declared.name: declared for declared in twins.asked[0].space}
    table = twins.model.hyperparameters
    for name, row in table.items():
        is_possible(name, row)
        assert name in asked, f"hyperparameters lists {name}, which build(hp) does not ask for"
        levels, found = list(row.levels), getattr(asked[name], "values", None)
        if row.role != "fixed" and found is not None:
            found = list(found)
            assert found == levels, f"{name}: the table has the levels {levels}, build(hp) {found}"
    for axis in get_args(Axis):
        names = [name for name, row in table.items() if row.axis == axis]
        assert len(names) < 2, f"expected one hyperparameter as the {axis}, got {names}"


def is_possible(name: str, row: Hyperparameter) -> None:
    """A row of a table has a role and an axis that there are, and levels that it would take."""
    roles, axes = get_args(Role), get_args(Axis)
    assert row.role in roles, f"{name}: expected a role of {roles}, got {row.role!r}"
    assert row.axis in (None, *axes), f"{name}: expected an axis of {axes}, got {row.axis!r}"
    try:
        levels = [row.checked(name, level) for level in (*row.levels, row.default)][:-1]
    except ValueError as error:
        raise AssertionError(str(error)) from error
    assert len(set(levels)) == len(levels), f"{name}: expected different levels, got {levels}"


def costs_what_it_says(twins: Twins) -> None:
    """What it says that a feasible network costs is what its parameters and layers are."""
    model, values, hp, network = twins.model, twins.values, twins.asked[1], twins.networks[1]
    if isinstance(model, KnowsFeasibility):
        assert model.infeasible(hp.values) is None, f"{values} is called infeasible, but builds"
    if isinstance(model, KnowsCost):
        params, flops = model.cost(hp.values)
        counted = network.count_params(), flops_of(network)
        assert params == counted[0], (
            f"cost() says {params} parameters of {values}, not {counted[0]}"
        )
        is_known = None not in (flops, counted[1])
        assert flops == counted[1] or not is_known, (
            f"cost() says {flops} FLOPs of {values}; its layers have {counted[1]}"
        )


def sets_learning_rates(twins: Twins) -> None:
    """The learning rates that it sets, where it does, are numbers from 0 on."""
    if isinstance(twins.model, SetsLearningRates):
        for progress in (0.0, 0.5, 1.0):
            rate = twins.model.learning_rate_at(twins.asked[0].values, progress)
            assert 0 <= rate < np.inf, f"learning_rate_at(…, {progress}) gave {rate}"


def fails_where_it_says(model: Any, values: dict[str, Any]) -> None:
    """A configuration that is called infeasible has no network, nobody asking beforehand."""
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    with mock.patch.object(model, "infeasible", return_value=None):
        try:
            network = network_of(model, hp)
        except ValueError:
            return
    is_empty = any(0 in layer.output.shape for layer in network.layers)
    assert is_empty, f"{values} is called infeasible ({model.infeasible(values)}), but builds"


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
