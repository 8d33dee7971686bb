"""A search space as this package meets it: any `HyperModel`, asked through total methods.

What a space may offer beyond Keras Tuner's `build` is looked for here alone.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from search_spaces import Hyperparameter, load
from tuner.errors import UsageError
from tuner.source_files import source_hashes
from tuner.study import Level
from tuner.words import reason


@dataclass(frozen=True)
class Space:
    """A search space, and what it says of itself where it says it."""

    model: Any  # the keras_tuner.HyperModel

    def build(self, values: Mapping[str, Any]) -> Any:
        """The compiled network of a configuration."""
        import keras_tuner

        hp = keras_tuner.HyperParameters()
        hp.values = dict(values)
        return self.model.build(hp)

    @cached_property
    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """The hyperparameters by name, in the order of their declaration.

        Those of a space without roles are all scientific, as its author says no more of them.
        """
        if self._has_roles:
            return dict(self.model.hyperparameters)
        found: dict[str, Hyperparameter] = {}
        for declared in declarations(self.model):
            levels = tuple(grid_levels(declared))
            if declared.name in found:  # the same name in two scopes: the levels of both
                levels = tuple(dict.fromkeys(found[declared.name].levels + levels))
            found[declared.name] = Hyperparameter(
                "fixed" if len(levels) == 1 else "scientific",
                levels,
                declared.default,
                closed=type(declared).__name__ in ("Choice", "Boolean", "Fixed"),
                minimum=getattr(declared, "min_value", None),
            )
        return found

    @cached_property
    def conditional(self) -> list[Any]:
        """The declarations whose conditions decide which hyperparameters a configuration has."""
        return [] if self._has_roles else declarations(self.model)

    def infeasible(self, values: Mapping[str, Any]) -> str | None:
        """Why no network has a configuration, or None where it has or nobody says."""
        if not hasattr(self.model, "infeasible"):
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

    def fingerprint(self) -> dict[str, str]:
        """A hash of each source file that the space is made by, by the file's name."""
        return source_hashes(type(self.model))

    @property
    def _has_roles(self) -> bool:
        return hasattr(self.model, "hyperparameters")


def make_space(name: str, input_shape: tuple[int, ...], num_classes: int) -> Space:
    """The search space of a study for images of a shape; any `HyperModel`.

    Raises:
        UsageError: for a space that cannot be found, made or trained here.
    """
    import keras_tuner

    try:
        maker = load(name)
        accepted = inspect.signature(maker).parameters
        known = {"input_shape": input_shape, "num_classes": num_classes}
        model = maker(**{key: value for key, value in known.items() if key in accepted})
    except ValueError as error:
        raise UsageError(f"the space {name} cannot be made: {reason(error)}") from error
    except (Exception, SystemExit) as error:  # whatever its file does when it is imported
        raise UsageError(
            f"the space {name} cannot be made: {type(error).__name__}: {reason(error)}"
        ) from error
    if not isinstance(model, keras_tuner.HyperModel):
        raise UsageError(f"{name}: expected a keras_tuner.HyperModel, got {type(model).__name__}")
    overrides_fit = type(model).fit is not keras_tuner.HyperModel.fit
    space = Space(model)
    if overrides_fit and not space.sets_learning_rates:
        raise UsageError(
            f"the space {name} has a fit() of its own, which would not be called here: expected "
            "build() to compile all there is to train; give the class learning_rate_at(values, "
            "progress) if fit() only sets learning rates"
        )
    return space


def declarations(model: Any) -> list[Any]:
    """All hyperparameters that a `HyperModel` declares, conditional scopes included.

    A scope is entered by building the model once with the scope's conditions met.

    Raises:
        UsageError: if the model cannot be built.
    """
    import keras_tuner

    known = keras_tuner.HyperParameters()
    model.declare_hyperparameters(known)
    waiting: list[dict[str, Any]] = [{}]
    entered: list[dict[str, Any]] = []
    while waiting:
        wanted = waiting.pop(0)
        entered.append(wanted)
        hp = known.copy()
        hp.values.update(wanted)
        try:
            model.build(hp)
        except Exception as error:  # whatever a user's code raises; --debug shows where
            raise UsageError(
                f"build() of {type(model).__name__} fails for {hp.values}: "
                f"{type(error).__name__}: {error}"
            ) from error
        known.merge(hp.space)
        for scope in hp.inactive_scopes:
            conditions = {condition.name: condition.values[0] for condition in scope}
            if conditions not in entered and conditions not in waiting:
                waiting.append(conditions)
    return list(known.space)


def grid_levels(declared: Any) -> list[Level]:
    """The levels of a Keras Tuner hyperparameter, both ends included; none if it is continuous.

    Keras Tuner's own `values` leave out the end of a stepped range and sample a continuous one.
    """
    if type(declared).__name__ == "Boolean":
        return [False, True]
    if not hasattr(declared, "step"):
        return list(declared.values)
    if declared.step is None:
        return []
    levels: list[Level] = []
    while True:
        if declared.sampling == "linear":
            level = declared.min_value + len(levels) * declared.step
        else:
            level = declared.min_value * declared.step ** len(levels)
        if isinstance(level, float):
            level = float(f"{level:.12g}")  # 0.3, not 0.30000000000000004
        if level > declared.max_value:
            return levels
        levels.append(level)
