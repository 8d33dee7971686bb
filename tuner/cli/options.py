"""What commands are typed with: the options of a study, which several take, and sources."""

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from tuner.errors import UsageError
from tuner.study import Study

# By parameter: the option, and its value where it is not typed.
OWN_OPTIONS: dict[str, tuple[Any, Any]] = {
    "config": (Annotated[str | None, typer.Option(help="A study's YAML, or a ready study.")], None),
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
                typer.Option(help=setting.description),
            ],
            None,
        )
        for name, setting in Study.model_fields.items()
        if name not in NOT_TYPED
    }


def is_whole(kind: Any) -> bool:
    """Whether a setting of this type is a whole number, or one in a union."""
    return kind is int or any(is_whole(part) for part in get_args(kind))


STUDY_OPTIONS = OWN_OPTIONS | setting_options()


def takes_study(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a study; its first parameter is the study that was typed."""
    _, *own = inspect.signature(command).parameters.values()

    @functools.wraps(command)
    def typed(**given: Any) -> None:
        from tuner.cli.settings import study_from

        options = {name: given.pop(name) for name in STUDY_OPTIONS}
        command(study_from(**options), **given)

    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        for name, (kind, default) in STUDY_OPTIONS.items()
    ]
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    typed.__signature__ = inspect.Signature([*shared, *own])  # type: ignore[attr-defined]
    typed.__annotations__ = {option.name: option.annotation for option in [*shared, *own]}
    return typed


def source_path(text: str) -> Path:
    """The path of a source, also where it is spelled as Optuna does: sqlite:///study.db.

    Raises:
        UsageError: it is the address of a server.
    """
    scheme, is_address, rest = text.partition("://")
    if not is_address:
        return Path(text)
    if scheme.partition("+")[0] != "sqlite" or not rest.startswith("/"):
        raise UsageError(
            f"expected a file or sqlite:///FILE, got {text}: optuna.copy_study() copies a study of "
            "a server's into a file"
        )
    return Path(rest[1:])
