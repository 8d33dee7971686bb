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

from search_spaces import Hyperparameter
from search_spaces.narrowing import SpaceFile, changed
from tuner.errors import UsageError
from tuner.levels import grid_levels, sampled
from tuner.making import guesses, make_model
from tuner.objective import METRICS
from tuner.source_files import source_hashes
from tuner.study import Level

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
               if found.name not in hp.given and hp.is_active(found)]  # fmt: skip
        if new and not self._has_roles:
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

        Those of a space without roles are all scientific, as its author says no more of them.
        """
        if self._has_roles:
            return self._changed(self.model.hyperparameters, self.model.hyperparameters)
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
        return self._changed(found)

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
        return [] if self._has_roles else [self._told(declared) for declared in self.found.declared]

    @cached_property
    def found(self) -> "Discovery":
        """What was found by running a space that does not list its hyperparameters."""
        from tuner.discovery import discover

        return discover(self._ask, type(self.model).__name__, self.further)

    @property
    def renamed(self) -> dict[str, str]:
        """The hyperparameters that have another name here, as theirs is taken: theirs by ours."""
        return {} if self._has_roles else dict(self._own_names)

    @property
    def arguments(self) -> dict[str, Any]:
        """What it was made with, of what could be guessed."""
        return guesses(self.maker, self.input_shape, self.num_classes)

    @property
    def says_costs(self) -> bool:
        """Whether the space says which configurations are infeasible, without building any."""
        return hasattr(self.model, "infeasible")

    def infeasible(self, values: Mapping[str, Any]) -> str | None:
        """Why no network has a configuration, or None where it has or nobody says."""
        if not self.says_costs:
            return None
        return self.model.infeasible(values)  # type: ignore[no-any-return]

    def cost(self, values: Mapping[str, Any]) -> tuple[int | None, int | None]:
        """Parameters and forward FLOPs an image of a configuration; None where nobody says."""
        if not hasattr(self.model, "cost"):
            return None, None
        return self.model.cost(values)  # type: ignore[no-any-return]

    @property
    def sets_learning_rates(self) -> bool:
        """Whether the space says the learning rate of each step."""
        return hasattr(self.model, "learning_rate_at")

    def learning_rate_at(self, values: Mapping[str, Any], progress: float) -> float:
        """The learning rate after a share of the training, of a space that sets it."""
        return float(self.model.learning_rate_at(values, progress))

    @property
    def has_fit(self) -> bool:
        """Whether the space trains by a `fit` of its own, which is then called for each epoch."""
        import keras_tuner

        overrides = type(self.model).fit is not keras_tuner.HyperModel.fit
        return overrides and not self.sets_learning_rates

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

    @property
    def _has_roles(self) -> bool:
        return hasattr(self.model, "hyperparameters")

    @cached_property
    def _own_names(self) -> dict[str, str]:
        """The space's own name of each hyperparameter whose name is taken here, by ours."""
        if self._has_roles:
            return {}
        names = {declared.name for declared in self.found.declared}
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
