"""The options that a study is typed with, shared by the commands that take one."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

# By parameter: the option, and its value where it is not typed. All but the first four are
# settings of a study by the same name.
STUDY_OPTIONS: dict[str, tuple[Any, Any]] = {
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
    "strategy": (
        Annotated[str | None, typer.Option(help="grid, random, hyperband or bayesian.")],
        None,
    ),
    "objective": (Annotated[str | None, typer.Option(help="val_accuracy or val_loss.")], None),
    "space": (Annotated[str | None, typer.Option(help="Name, module:Class, or file.yaml.")], None),
    "dataset": (
        Annotated[str | None, typer.Option(help="cifar10, digits, file.npz, or a folder.")],
        None,
    ),
    "train_size": (Annotated[int | None, typer.Option(help="Training images.")], None),
    "validation_size": (Annotated[int | None, typer.Option(help="Validation images.")], None),
    "epochs": (Annotated[int | None, typer.Option(help="Of each execution.")], None),
    "max_trials": (
        Annotated[int | None, typer.Option(help="At most so many; of a grid, a balanced part.")],
        None,
    ),
    "replicates": (Annotated[int | None, typer.Option(help="Executions of each cell.")], None),
    "seed": (Annotated[int | None, typer.Option(help="0 is a seed too.")], None),
    "name": (Annotated[str | None, typer.Option(help="The study's, and its folder's.")], None),
}


def takes_study(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a study; its first parameter is the study that was typed."""
    _, *own = inspect.signature(command).parameters.values()

    @functools.wraps(command)
    def typed(**given: Any) -> None:
        from tuner.cli.settings import study_from  # heavy, and not needed for --help

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
