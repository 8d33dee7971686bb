"""The configurations of a study as Keras Tuner's own `HyperParameters`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tuner.errors import StudyError
from tuner.execution import Record
from tuner.folder import StudyFolder
from tuner.setting_types import Level
from tuner.space import own_name
from tuner.standing import best_cell


def best_hyperparameters(study: str | Path | StudyFolder) -> Any:
    """The best cell of a study, as `keras_tuner.HyperParameters` that build its network.

    The best is that of `tuner show`: by the mean objective over replicates, at the largest budget.

    Args:
        study: Its folder.

    Returns:
        With which `space.build(hp)` of the study's search space gives the network, compiled and
        not trained.

    Raises:
        StudyError: if the folder holds no study, or nothing has ended well yet.

    Examples:
        >>> from search_spaces import ConvPool
        >>> hp = tuner.best_hyperparameters("results/tiny")
        >>> network = ConvPool(input_shape=(8, 8, 1), num_classes=10).build(hp)
        >>> hp.get("filter_multiplier")
        0.5
    """
    folder = study if isinstance(study, StudyFolder) else StudyFolder(Path(study))
    best = best_cell(folder.records, folder.study.objective)
    if best is None:
        raise StudyError(f"{folder.path} has no execution that ended well: none is the best")
    return hyperparameters(best.values, levels_of(folder.records))


def hyperparameters(values: Mapping[str, Level], levels: Mapping[str, list[Level]]) -> Any:
    """A `keras_tuner.HyperParameters` of a configuration, by the search space's own names.

    Args:
        values: By hyperparameter.
        levels: That each has in the study. What has several of one kind is declared a Choice, as
            Keras Tuner has no other; all else is Fixed.
    """
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    hp.values = {own_name(name): level for name, level in values.items()}
    for name, level in values.items():
        known = levels[name]
        if len(known) > 1 and len({type(one) for one in known}) == 1:
            hp.Choice(own_name(name), known)
        else:
            hp.Fixed(own_name(name), level)
    return hp


def levels_of(records: Iterable[Record]) -> dict[str, list[Level]]:
    """The levels that each hyperparameter has among some executions; numbers in their order."""
    found: dict[str, dict[Level, None]] = {}
    for record in records:
        for name, level in record.values.items():
            found.setdefault(name, {})[level] = None
    return {
        name: list(levels) if any(isinstance(level, str) for level in levels) else sorted(levels)
        for name, levels in found.items()
    }
