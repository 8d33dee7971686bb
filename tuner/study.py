"""A study: one question of one search space; small, validated, frozen; YAML both ways."""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    model_validator,
)

from tuner.errors import UsageError
from tuner.objective import (
    MEASURED,
    VALIDATION_ACCURACY,
    Objective,
)
from tuner.reading import from_yaml, read_bytes
from tuner.ready import ready_studies
from tuner.setting_types import (
    Count,
    HalfWidth,
    Level,
    Replicates,
    Text,
    file_name,
    half_widths,
    measured,
    names_of,
    written,
)
from tuner.shard import Shard, shard_from
from tuner.words import expectation, in_one_line, nearest, printable, reason, short

TOLD = {"name", "width", "depth", "step"}  # how a study is kept and told: no number depends on it
STOPPING = {"until", "max_replicates"}  # when replicates end: no execution depends on it
MOST_CELLS = 100_000


class Study(BaseModel):
    """One question: search space, strategy, data, training budget and seeds.

    `factors` are searched over the levels given, or `cells` lists the configurations outright;
    what neither names is held at `fixed` or at the space's default. Sizes that are None are
    resolved from the dataset. `tune` names nuisance hyperparameters, with their levels or none for
    the space's own; each cell gets its best of them, found on a replicate that no effect uses.
    `levels` and `only` are what was asked of factors that the space is first to list: a resolved
    study has its factors in their place.
    `name` says where the study is kept; `width`, `depth` and `step` (what one step of the depth is
    called) say how its effects are told; `shard`, which part of it is trained. These change
    nothing else.

    Raises:
        UsageError: Naming the setting, what was received and what was expected.

    Examples:
        >>> study = tuner.Study(dataset="digits", factors={"conv_blocks": [1, 2]}, epochs=2)
        >>> study.with_settings(replicates=5).replicates
        5
        >>> tuner.Study(epoch=2)
        Traceback (most recent call last):
        tuner.errors.UsageError: a study has no setting 'epoch'. Did you mean 'epochs'? ...
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(file_name)] = Field(
        "study", description="The study's, and its folder's; else after what it asks."
    )
    space: Text = Field("conv_pool", description="A name, module:Class, or file.yaml.")
    width: Text | None = Field(None, description="The factor that is the width.")
    depth: Text | None = Field(None, description="The factor that is the depth.")
    step: Text | None = Field(None, description="What one step of the depth is called.")
    factors: dict[Text, tuple[Level, ...]] = Field({}, description="The levels to search.")
    cells: tuple[dict[Text, Level], ...] | None = Field(None, description="The cells, outright.")
    sampled: tuple[Text, ...] = Field((), description="Factors drawn from a continuous range.")
    levels: dict[Text, tuple[Level, ...]] = Field(
        {}, description="Levels of some factors, where all of the space are searched."
    )
    only: Annotated[tuple[Text, ...], BeforeValidator(names_of)] = Field(
        (), description="A,B: the factors; all others are held."
    )
    fixed: dict[Text, Level] = Field({}, description="What is held at a level.")
    tune: dict[Text, tuple[Level, ...]] = Field({}, description="What is chosen for each cell.")
    strategy: str = Field("grid", description="grid, random, hyperband or bayesian.")
    objective: Annotated[Objective, PlainValidator(measured), PlainSerializer(written)] = Field(
        VALIDATION_ACCURACY, description="val_accuracy, val_loss, val_auc, val_mine:max …"
    )
    max_trials: Count | None = Field(
        None, description="At most so many; of a grid, a balanced part."
    )
    fraction: Count | None = Field(
        None, description="So many cells, chosen so that effects can still be estimated."
    )
    replicates: Replicates = Field(3, description="Executions of each cell.")
    until: Annotated[dict[Text, HalfWidth], BeforeValidator(half_widths)] = Field(
        {}, description="Add replicates until intervals of steps are ± this: 0.5, or depth=0.5."
    )
    max_replicates: Replicates = Field(20, description="With --until: at most so many.")
    seed: int = Field(0, ge=0, lt=2**63, description="0 is a seed too.")
    dataset: Text = Field("cifar10", description="cifar10, digits, file.npz, or a folder.")
    train_size: Count | None = Field(None, description="Training images.")
    validation_size: Count | None = Field(None, description="Validation images.")
    epochs: Count = Field(12, description="Of each execution.")
    score_on: Literal["idle", "validation"] = Field(
        "idle",
        description="Where the last epoch is scored: idle (all images not trained on), validation.",
    )
    build: Literal["cheap", "all"] = Field(
        "cheap",
        description="Build all cells to find the infeasible, or where it is cheap.",
    )
    scaling: Literal["none", "standardize", "unit"] | None = Field(
        None,
        description="Of the pixels: standardize, unit (0 to 1), none (the model scales).",
    )

    shard: Annotated[Shard, PlainValidator(shard_from), PlainSerializer(str)] | None = Field(
        None, description="3/8: train the third of eight parts alone; tuner merge joins them."
    )

    @property
    def folder_name(self) -> str:
        """What its folder is called: by its name, a shard's by its number too."""
        shard = self.shard
        return self.name + (f".shard-{shard.number}-of-{shard.num_shards}" if shard else "")

    @property
    def factor_names(self) -> list[str]:
        """The hyperparameters that are searched, in their order."""
        return [*(self.factors or (self.cells or ({},))[0]), *self.sampled]

    @property
    def held(self) -> dict[str, Level]:
        """What is held, and what is tuned at its first level: for a cell, the rest of a network."""
        return {**{name: levels[0] for name, levels in self.tune.items() if levels}, **self.fixed}

    @property
    def num_candidates(self) -> int:
        """The settings of the tuned hyperparameters that each cell tries; 0 without any."""
        return math.prod(map(len, self.tune.values())) if self.tune else 0

    @model_validator(mode="after")
    def _cells_or_factors(self) -> "Study":
        if self.cells is not None and self.factors:
            raise ValueError("expected factors or cells, got both")
        if self.cells is not None and self.fraction is not None:
            raise ValueError("expected cells or a fraction of them (--cells N), got both")
        if self.cells is not None and len({frozenset(cell) for cell in self.cells}) != 1:
            raise ValueError("expected cells that all name the same factors")
        if self.cells is not None and not all(self.cells):
            raise ValueError("expected cells that name a factor each")
        if self.cells and len({frozenset(cell.items()) for cell in self.cells}) < len(self.cells):
            raise ValueError("expected different cells")
        for name, levels in self.factors.items():
            if not levels or len(set(levels)) != len(levels):
                raise ValueError(f"factor {name}: expected different levels, got {list(levels)}")
        if (num_cells := math.prod(map(len, self.factors.values()))) > MOST_CELLS:
            raise ValueError(f"expected {MOST_CELLS:,} cells at most, got {num_cells:,}")
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _refused_in_one_line(
        cls, settings: Any, validate: ModelWrapValidatorHandler["Study"]
    ) -> "Study":
        for name in settings if isinstance(settings, dict) else ():
            if name not in Study.model_fields:
                hint, known = nearest(str(name), Study.model_fields), ", ".join(Study.model_fields)
                raise UsageError(f"a study has no setting {told(name)}.{hint} (settings: {known})")
        try:
            return validate(settings)
        except ValidationError as error:
            raise UsageError(refusal(error)) from error

    def with_settings(self, **settings: Any) -> "Study":
        """A validated copy with other settings.

        Raises:
            UsageError: naming the setting, what was received and what was expected.
        """
        return validated({**self.model_dump(), **settings})

    def to_yaml(self) -> str:
        """The study as YAML, in the order of its fields."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, width=100)


def validated(settings: dict[str, Any]) -> Study:
    """A study from plain settings.

    Raises:
        UsageError: naming the setting, what was received and what was expected.
    """
    return Study.model_validate(settings)


def refusal(error: ValidationError) -> str:
    """The first thing that is wrong with some settings: where, what was expected and received."""
    first = error.errors()[0]
    where = ".".join(printable(in_one_line(part)) for part in first["loc"][:2])
    given = first["input"]
    got = "" if isinstance(given, Study | dict) else f", got {told(given)}"
    wrong = printable(in_one_line(first["msg"].removeprefix("Value error, ")))
    hint = nearest_value(first["loc"], str(given))
    return f"{where + ': ' if where else ''}{expectation(wrong)}{got}{hint and '.'}{hint}"


def nearest_value(where: tuple[int | str, ...], given: str) -> str:
    """Ask whether the nearest value of a setting was meant, where it has names for values."""
    if where == ("objective",):
        return nearest(given, MEASURED)
    kinds = [getattr(Study.model_fields.get(str(name)), "annotation", None) for name in where[:1]]
    names = [value for kind in kinds for value in literals(kind)]
    return nearest(given, names)


def literals(kind: Any) -> list[str]:
    """The names that a setting of this type may have, in a union too."""
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    return [name for part in get_args(kind) for name in literals(part)]


def told(received: object) -> str:
    """What was received, as a message shows it."""
    return short(repr(received), 80)


def read_study(path: str | Path, absent: Mapping[str, Any] = MappingProxyType({})) -> Study:
    """Reads a study from a YAML file, or a ready one by its name.

    Args:
        path: the file or the name.
        absent: what settings are where the file does not say; by default a study's own defaults.

    Raises:
        UsageError: if there is neither, or it does not hold a study.

    Examples:
        >>> tuner.read_study("width-depth").factors
        {'conv_blocks': (1, 2, 3, 4), 'filter_multiplier': (0.5, 1.0, 2.0)}
    """
    ready = ready_studies()
    try:
        is_ready = str(path) in ready
        settings = from_yaml(ready[str(path)].encode() if is_ready else read_bytes(Path(path)))
    except FileNotFoundError as error:
        hint, known = nearest(str(path), ready), ", ".join(ready)
        raise UsageError(
            f"no study {str(path)!r}.{hint} (ready studies: {known}; or a YAML file)"
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {reason(error)}") from error
    except ValueError as error:
        raise UsageError(f"{path} is not plain YAML: {reason(error)}") from error
    if not isinstance(settings, dict):
        raise UsageError(f"{path}: expected a study's settings, got {type(settings).__name__}")
    return validated({**absent, **settings})


def fingerprint(content: Any) -> str:
    """The SHA-256 of plain content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def differences(before: dict[str, Any], after: dict[str, Any], of: str = "") -> list[str]:
    """What differs between two studies' settings, one phrase a setting or an entry of one.

    Left aside is what no execution depends on: TOLD, and STOPPING.
    """
    found = []
    for key in {**before, **after}:
        was, now = before.get(key), after.get(key)
        if key in TOLD | STOPPING or was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            found += differences(was, now, f"{of}{key} ")
        else:
            found.append(f"{of}{key} was {was!r} and is {now!r}")
    return found
