"""A search space as this package meets it: any `HyperModel`, asked through total methods.

What a space may offer beyond Keras Tuner's `build` is looked for here alone.
"""

import functools
import hashlib
import inspect
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from search_spaces import (
    HasTable,
    Hyperparameter,
    KnowsCost,
    KnowsFeasibility,
    SetsLearningRates,
)
from search_spaces.contract import nearness
from search_spaces.narrowing import SpaceFile, changed
from tuner.errors import UsageError
from tuner.levels import grid_levels, sampled
from tuner.making import guesses, make_model
from tuner.objective import METRICS
from tuner.setting_types import Level
from tuner.source_files import source_hashes

if TYPE_CHECKING:
    from tuner.discovery import Discovery

#: What studies and analyses call columns of theirs, and what a budget and an epoch are told by.
TAKEN = {
    *("study", "trial", "cell", "replicate", "seed", "epochs", "initial_epoch", "bracket", "rung"),
    *(*METRICS, "params", "flops", "seconds", "peak_memory_mb", "worker", "status", "message"),
    *("value", "n", "mean", "sd", "half_width", "state", "reason", "epoch", "low", "high", "key"),
    *("cost", "rank", "loss", "accuracy"),
}
RENAMED = "hp_"  # before a hyperparameter of such a name
ASKING = ("declare_hyperparameters", "build", "fit")  # what of a HyperModel is given an `hp`
#: Whose methods ask for nothing that their table does not list.
LISTING = ("search_spaces.", "keras_tuner.")
SUPPOSED_EFFORT = 0.2  # of building a network of a space that was not run, about seconds


@dataclass(frozen=True)
class Space:
    """A search space, and what it says of itself where it says it.

    Attributes:
        model: The `keras_tuner.HyperModel`.
        maker: What made it: a class, a function, or itself.
        input_shape: Of an image.
        num_classes: Of the dataset.
        further: Levels that a study gives a hyperparameter beside those that it declares.
    """

    model: Any
    maker: Any = None
    input_shape: tuple[int, ...] = (32, 32, 3)
    num_classes: int = 10
    further: Mapping[str, Sequence[Level]] = field(default_factory=lambda: MappingProxyType({}))

    def build(self, values: Mapping[str, Any]) -> Any:
        """The compiled network of a configuration.

        Raises:
            ValueError: if it asks for a hyperparameter that the configuration does not have.
        """
        hp = self.asked_with(values)
        network = self.model.build(hp)
        self.refuse_new(hp, "build()")
        return network

    def refuse_new(self, hp: Any, asker: str) -> None:
        """Refuses what was asked of a configuration and is not in it: it would be held unseen.

        Raises:
            ValueError: naming it.
        """
        new = [found.name for found in hp.space
               if found.name not in {*hp.given, *self._table} and hp.is_active(found)]  # fmt: skip
        if new:
            raise ValueError(
                f"{asker} asks for {', '.join(new)}, which was not found in this configuration "
                "when the study was planned: declare it before it is needed"
            )

    def asked_with(self, values: Mapping[str, Any]) -> Any:
        """A `keras_tuner.HyperParameters` that answers with a configuration, by its own names."""
        import keras_tuner

        hp = keras_tuner.HyperParameters()
        hp.values = {self._own_names.get(name, name): level for name, level in values.items()}
        hp.given = frozenset(hp.values)
        return hp

    @cached_property
    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """The hyperparameters by name, in the order of their declaration.

        Those that no table of the space lists are scientific, as its author says no more of them.
        """
        found: dict[str, Hyperparameter] = {}
        for declared in self.conditional:
            levels = tuple(grid_levels(declared))
            if declared.name in found:  # the same name in two scopes: the levels of both
                levels = tuple(dict.fromkeys(found[declared.name].levels + levels))
            is_sampled = not levels
            found[declared.name] = Hyperparameter(
                "fixed" if len(levels) == 1 else "scientific",
                levels,
                declared.default,
                closed=type(declared).__name__ in ("Choice", "Boolean", "Fixed"),
                minimum=getattr(declared, "min_value", None),
                sample=functools.partial(sampled, declared) if is_sampled else None,
                is_role_said=False,
            )
        return self._changed({**self._table, **found}, already=self._table)

    def _changed(
        self, found: Mapping[str, Hyperparameter], already: Iterable[str] = ()
    ) -> dict[str, Hyperparameter]:
        """The hyperparameters as the space's files change them, but for those that are already."""
        try:
            return changed(found, self.files, already)
        except ValueError as error:
            raise UsageError(str(error)) from error

    @property
    def files(self) -> Sequence[SpaceFile]:
        """The files that change the space; what it lists itself, they have changed."""
        return getattr(self.model, "narrowed_by", ())

    @cached_property
    def conditional(self) -> list[Any]:
        """The declarations whose conditions decide which hyperparameters a configuration has."""
        return [self._told(found) for found in self.found.declared if found.name not in self._table]

    @cached_property
    def found(self) -> "Discovery":
        """What was found by running the space; one that lists all that it asks for is not run."""
        from tuner.discovery import Discovery, discover

        if self._lists_all:
            return Discovery([], True, None, SUPPOSED_EFFORT)
        return discover(self._ask, type(self.model).__name__, self.further)

    @property
    def renamed(self) -> dict[str, str]:
        """The hyperparameters that have another name here, as theirs is taken: theirs by ours."""
        return dict(self._own_names)

    @property
    def arguments(self) -> dict[str, Any]:
        """What it was made with, of what could be guessed."""
        return guesses(self.maker, self.input_shape, self.num_classes)

    @property
    def says_costs(self) -> bool:
        """Whether the space says which configurations are infeasible, without building any."""
        return isinstance(self.model, KnowsFeasibility)

    def infeasible(self, values: Mapping[str, Any]) -> str | None:
        """Why no network has a configuration, or None where it has or nobody says."""
        return self.model.infeasible(values) if self.says_costs else None

    def cost(self, values: Mapping[str, Any]) -> tuple[int | None, int | None]:
        """Parameters and forward FLOPs an image of a configuration; None where nobody says."""
        return self.model.cost(values) if isinstance(self.model, KnowsCost) else (None, None)

    @property
    def sets_learning_rates(self) -> bool:
        """Whether the space says the learning rate of each step."""
        return isinstance(self.model, SetsLearningRates)

    def learning_rate_at(self, values: Mapping[str, Any], progress: float) -> float:
        """The learning rate after a share of the training, of a space that sets it."""
        return float(self.model.learning_rate_at(values, progress))

    @property
    def has_fit(self) -> bool:
        """Whether the space trains by a `fit` of its own, which is then called for each epoch.

        One that was written with `learning_rate_at` in the same class, or above it, does no more.
        """
        import keras_tuner

        kind = type(self.model)
        overrides = kind.fit is not keras_tuner.HyperModel.fit
        return overrides and nearness(kind, "fit") < nearness(kind, "learning_rate_at")

    def fingerprint(self) -> dict[str, str]:
        """A hash of each source file that the space is made by, by the file's name."""
        makers = [type(self.model), getattr(self.model, "made_by", None), self.maker]
        found: dict[str, str] = {}
        for maker in makers:
            maker = getattr(maker, "func", maker)
            is_ours = inspect.getmodule(maker) is inspect.getmodule(make_model)
            if (inspect.isclass(maker) or inspect.isfunction(maker)) and not is_ours:
                found |= source_hashes(maker)
        for path in (file.path for file in self.files):
            name = os.path.relpath(path, self.files[-1].path.parent)
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    @cached_property
    def _table(self) -> dict[str, Hyperparameter]:
        """What the space itself says of its hyperparameters."""
        return dict(self.model.hyperparameters) if isinstance(self.model, HasTable) else {}

    @property
    def _lists_all(self) -> bool:
        """Whether the space asks for nothing beside its table, as no code of its author asks."""
        methods = [getattr(type(self.model), name, None) for name in ASKING]
        return bool(self._table) and all(
            method.__module__.startswith(LISTING) for method in methods if method is not None
        )

    @cached_property
    def _own_names(self) -> dict[str, str]:
        """The space's own name of each hyperparameter whose name is taken here, by ours."""
        names = {declared.name for declared in self.found.declared} - set(self._table)
        return {RENAMED + name: name for name in names if name in TAKEN or name.startswith("val_")}

    def _told(self, declared: Any) -> Any:
        """A declaration under the names that it has here, those of its conditions too."""
        ours = {own: here for here, own in self._own_names.items()}
        copied = type(declared).from_config(declared.get_config())
        copied.conditions = [type(c).from_config(c.get_config()) for c in declared.conditions]
        for part in (copied, *copied.conditions):
            part.name = ours.get(part.name, part.name)
        return copied

    def _ask(self, hp: Any) -> Any:
        """Runs all of the space that asks for hyperparameters; nothing is trained."""
        self.model.declare_hyperparameters(hp)
        network = self.model.build(hp)
        if self.has_fit and network is not None:
            from tuner.asking_fit import ask_fit

            ask_fit(self.model, hp, network, self.input_shape, self.num_classes)
        return network


def own_name(name: str) -> str:
    """The name that a space has for a hyperparameter, from the one that it has here."""
    own = name.removeprefix(RENAMED)
    return own if own in TAKEN or own.startswith("val_") else name


def make_space(name: str, input_shape: tuple[int, ...], num_classes: int) -> Space:
    """The search space of a study for images of a shape; any `HyperModel`.

    Raises:
        UsageError: for a space that cannot be found or made.
    """
    model, maker = make_model(name, input_shape, num_classes)
    space = Space(model, maker, tuple(input_shape), num_classes)
    changes = (change for file in space.files for change in file.changes)
    further = {
        change.name: change.value if isinstance(change.value, list) else [change.value]
        for change in changes
        if change.kind != "roles"
    }
    return replace(space, further=further)
