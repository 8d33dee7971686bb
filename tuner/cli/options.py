"""What commands are typed with: the options of a study, which several take, and sources."""

import functools
import inspect
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

import search_spaces
from tuner.cli.finding import complete_study
from tuner.objective import MEASURED, Objective
from tuner.ready import ready_studies
from tuner.study import Study, literals


def completed(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """What a shell may complete a word to, from the names that there are."""
    return lambda incomplete: [name for name in names() if name.startswith(incomplete)]


def strategy_names() -> list[str]:
    """The strategies."""
    from tuner.strategies import STRATEGIES

    return [*STRATEGIES]


def dataset_names() -> list[str]:
    """The datasets that have a name."""
    from tuner.training.datasets import NAMED

    return [*NAMED]


def export_targets() -> list[str]:
    """What a study can be exported to."""
    from tuner.export import TARGETS

    return [*TARGETS]


#: By setting: the names that its value may have.
NAMES: dict[str, Callable[[], Iterable[str]]] = {
    "strategy": strategy_names,
    "dataset": dataset_names,
    "objective": lambda: MEASURED,
    "space": search_spaces.names,
    **{
        name: partial(literals, Study.model_fields[name].annotation)
        for name in ("score_on", "build", "scaling")
    },
}

Output = Annotated[Path, typer.Option(help="The folder of studies.")]
Workers = Annotated[
    int | None, typer.Option(min=0, help="Worker processes; 0: this one; else one a processor.")
]
WorkersPerGpu = Annotated[
    int | None, typer.Option(min=1, help="Workers that share a GPU of this machine: else one.")
]
MaxTime = Annotated[
    str | None, typer.Option(help="Begin nothing that would end later: 90s, 30m, 1.5h.")
]
ExecutionLimit = Annotated[
    str | None, typer.Option(help="End a worker that takes longer for one execution: 30m.")
]
Executor = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Where: local, ray, dask, or module:factory.",
        autocompletion=completed(lambda: ["local", "ray", "dask"]),
    ),
]
Address = Annotated[
    str | None, typer.Option(help="A cluster of Ray or Dask to join; else one is started here.")
]
Callback = Annotated[
    list[str],
    typer.Option(metavar="MODULE:NAME", help="An object that is told what is trained."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan; train nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Tell each start.")]
StudyTyped = Annotated[
    Path | None,
    typer.Argument(
        metavar="[STUDY]",
        help="A study's folder, or its name; else the newest.",
        autocompletion=complete_study,
    ),
]
Dataset = Annotated[
    str | None,
    typer.Option(help="Where the study's images lie now.", autocompletion=completed(dataset_names)),
]

# By parameter: the option, and its value where it is not typed.
OWN_OPTIONS: dict[str, tuple[Any, Any]] = {
    "config": (
        Annotated[
            str | None,
            typer.Option(
                help="A study's YAML or folder, or a ready study.",
                show_default="width-depth",
                autocompletion=completed(ready_studies),
            ),
        ],
        None,
    ),
    "levels": (
        Annotated[list[str], typer.Option("--set", metavar="FACTOR=V1,V2", help="Search levels.")],
        [],
    ),
    "fixed": (
        Annotated[list[str], typer.Option("--fix", metavar="NAME=V", help="Hold at a level.")],
        [],
    ),
    "tuned": (
        Annotated[
            list[str],
            typer.Option("--tune", metavar="NAME[=V1,V2]", help="Choose for each cell."),
        ],
        [],
    ),
    "until": (
        Annotated[
            list[str],
            typer.Option(
                "--until",
                metavar="[FACTOR=]HALF-WIDTH",
                help=Study.model_fields["until"].description,
            ),
        ],
        [],
    ),
    "fraction": (
        Annotated[
            int | None,
            typer.Option("--cells", help=Study.model_fields["fraction"].description),
        ],
        None,
    ),
}
NOT_TYPED = (
    "fraction",
    "until",
    "factors",
    "levels",
    "sampled",
    "cells",
    "fixed",
    "tune",
    "step",
)  # settings without an option of their own


def setting_options() -> dict[str, tuple[Any, Any]]:
    """The options that are settings of a study by the same name, with the settings' own words."""
    return {
        name: (
            Annotated[
                (int if is_whole(setting.annotation) else str) | None,
                typer.Option(
                    help=setting.description,
                    show_default=default_text(setting.default),
                    autocompletion=completed(NAMES[name]) if name in NAMES else None,
                ),
            ],
            None,
        )
        for name, setting in Study.model_fields.items()
        if name not in NOT_TYPED
    }


def default_text(default: Any) -> str | bool:
    """A setting's default as its help shows it; nothing where the dataset or the space says it."""
    if default is None or default == () or default == "study":
        return False
    return default.name if isinstance(default, Objective) else str(default)


def is_whole(kind: Any) -> bool:
    """Whether a setting of this type is a whole number, or one in a union."""
    return kind is int or any(is_whole(part) for part in get_args(kind))


STUDY_OPTIONS = OWN_OPTIONS | setting_options()


def takes_study(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a study.

    Args:
        command: its first parameters are the study that was typed, and whether it was given a name.
    """
    _, _, *own = inspect.signature(command).parameters.values()

    @functools.wraps(command)
    def typed(**given: Any) -> None:
        from tuner.cli.settings import is_named, study_from

        options = {name: given.pop(name) for name in STUDY_OPTIONS}
        command(study_from(**options), is_named(options["config"], options["name"]), **given)

    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        for name, (kind, default) in STUDY_OPTIONS.items()
    ]
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    typed.__signature__ = inspect.Signature([*shared, *own])  # type: ignore[attr-defined]
    typed.__annotations__ = {option.name: option.annotation for option in [*shared, *own]}
    return typed
