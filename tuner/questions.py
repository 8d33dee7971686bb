"""What a HyperModel asks, and the conditions under which it does, as Keras Tuner has them."""

from collections.abc import Mapping
from typing import Any

from tuner.setting_types import Level

Answers = Mapping[str, Level]
Question = tuple[str, str]  # a name, and what may be answered


def question(hyperparameter: Any) -> Question:
    """A hyperparameter without its conditions: equal for what means the same."""
    config = hyperparameter.get_config()
    kept = {key: value for key, value in config.items() if key not in ("conditions", "default")}
    return hyperparameter.name, f"{type(hyperparameter).__name__} {sorted(kept.items())}"


def needed(name: str, levels: list[Level]) -> Any:
    """Keras Tuner's condition that a name has one of some levels."""
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    hp.Fixed(name, levels[0])
    with hp.conditional_scope(name, levels):
        hp.Fixed(f"{name} needed", True)
    return hp.space[-1].conditions[0]


def with_conditions(hyperparameter: Any, conditions: list[Any]) -> Any:
    """A copy of a hyperparameter that is asked where conditions hold."""
    copied = type(hyperparameter).from_config(hyperparameter.get_config())
    copied.conditions = list(conditions)
    return copied


def is_active(hyperparameter: Any, values: Answers) -> bool:
    """Whether a hyperparameter is asked in a configuration."""
    return all(condition.is_active(values) for condition in hyperparameter.conditions)


def covers(wide: list[Any], narrow: list[Any]) -> bool:
    """Whether some conditions hold wherever others do."""
    others = {condition.name: set(condition.values) for condition in narrow}
    return all(
        condition.name in others and others[condition.name] <= set(condition.values)
        for condition in wide
    )
