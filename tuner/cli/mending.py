"""What was typed wrong, in one line that mends it: commands, options, values and arguments."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from tuner.words import expectation, in_one_line, listed, nearest, nearest_of

#: What Typer raises for what was typed: Click's UsageError, wherever Typer has it from.
ParsingError: type[Exception] = typer.BadParameter.__mro__[1]
#: What other tools call a command.
ALSO_CALLED = {
    **dict.fromkeys(("run", "train", "tune", "fit", "start", "resume", "go", "optimize"), "search"),
    **dict.fromkeys(("ls",), "list"),
    **dict.fromkeys(("html", "page", "effects", "analyse", "analyze", "plot"), "report"),
    **dict.fromkeys(("best", "results", "top"), "show --best"),
    **dict.fromkeys(("watch", "progress", "ps"), "status --watch"),
    **dict.fromkeys(("dry-run", "design"), "plan"),
    **dict.fromkeys(("datasets",), "data"),
    **dict.fromkeys(("space",), "spaces"),
    **dict.fromkeys(("configs", "ready", "examples"), "studies"),
}
NEAR = 0.7  # of an option's name to another: less is likelier a hyperparameter's


def unknown_command(name: str, commands: Sequence[str]) -> str:
    """What to say of a command that there is not."""
    meant = ALSO_CALLED.get(name)
    hint = f" Did you mean {meant!r}?" if meant else nearest(name, commands)
    return f"no command {name!r}.{hint} (commands: {', '.join(commands)})"


def mended(error: Any, typed: Sequence[str]) -> str:
    """What to say of an error that Typer raised over what was typed.

    Args:
        error: of Typer's kinds, which have no public names: told apart by what they carry.
        typed: the words behind `tuner`.
    """
    if hasattr(error, "possibilities"):
        return unknown_option(error.option_name, error.ctx, typed)
    if hasattr(error, "param_type"):
        return f"{path_of(error.ctx)}: expected {error.param.name.upper()}{about(error.param)}"
    if getattr(error, "param", None) is not None:
        return wrong_value(error, typed)
    if hasattr(error, "option_name"):
        return lacking_value(error)
    message = in_one_line(error.format_message())
    if extra := re.match(r"Got unexpected extra arguments? ?(?:\(s\) )?\((.*)\)", message):
        return extra_argument(extra[1].split(), error.ctx, typed)
    return message


def path_of(ctx: Any) -> str:
    """The command as it is typed: "tuner search"."""
    return " ".join(("tuner", *str(ctx.command_path).split()[1:]))


def about(parameter: Any) -> str:
    """What the help says of a parameter, in brackets."""
    said = (getattr(parameter, "help", None) or "").rstrip(".")
    return f" ({said[:1].lower()}{said[1:]})" if said else ""


def options_of(command: Any) -> list[str]:
    """The long options of a command."""
    return [
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    ]


def value_behind(option: str, typed: Sequence[str]) -> str | None:
    """The value that was typed with an option: behind a space or an equals sign."""
    for place, word in enumerate(typed):
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
        if word == option:
            behind = typed[place + 1 : place + 2]
            return next((value for value in behind if not value.startswith("--")), None)
    return None


def unknown_option(option: str, ctx: Any, typed: Sequence[str]) -> str:
    """What to say of an option that a command does not have."""
    known, of_all = options_of(ctx.command), options_of(ctx.find_root().command)
    told = f"{path_of(ctx)} has no option {option}."
    if option in of_all:
        return f"{told} Did you mean tuner {option}?"
    names, cutoff = [name.lstrip("-") for name in known], NEAR if "--fix" in known else 0.5
    if near := nearest_of(option.lstrip("-"), names, cutoff):
        return f"{told} Did you mean --{near}?"
    if "--fix" in known:
        name, is_known = hyperparameter(option)
        value = value_behind(option, typed) or "V"
        way = f"--{'set' if ',' in value else 'fix'} {name}={value}"
        if is_known:
            return f"{told} Did you mean {way}?"
        return f"{told} For a hyperparameter: {way} ({path_of(ctx)} --help lists the options)"
    return f"{told} (options: {listed(known)})"


def hyperparameter(option: str) -> tuple[str, bool]:
    """The hyperparameter that an option is called as, and whether the ready space has one."""
    from tuner.training.backend import start_tensorflow

    start_tensorflow()  # the space imports Keras
    from search_spaces import ConvPool

    name = option.lstrip("-").replace("-", "_")
    found = nearest_of(name, ConvPool((32, 32, 3), 10).hyperparameters, NEAR)
    return found or name, found is not None


def wrong_value(error: Any, typed: Sequence[str]) -> str:
    """What to say of a value that is not of an option's kind."""
    option = max((*error.param.opts, *error.param.secondary_opts), key=len)
    values = (value_behind(name, typed) for name in error.param.opts)
    value = next((value for value in values if value is not None), None)
    received = "" if value is None else f", got {value!r}"
    expected = in_one_line(expectation(error.message))
    return f"{option}: {expected}{received}{about(error.param)}"


def lacking_value(error: Any) -> str:
    """What to say of an option without its value, or of a flag with one."""
    name, command = error.option_name, error.ctx and error.ctx.command
    known = command.params if command else []
    parameter = next((one for one in known if name in one.opts), None)
    if parameter is not None and parameter.is_flag:
        return f"{name}: expected no value"
    return f"{name}: expected a value behind it{about(parameter)}"


def extra_argument(words: Sequence[str], ctx: Any, typed: Sequence[str]) -> str:
    """What to say of a word that a command has no place for."""
    first, known = words[0], options_of(ctx.command)
    before = typed[: typed.index(first)] if first in typed else ()
    if len(before) > 1 and before[-2] in ("--set", "--fix", "--tune"):
        option, name = before[-2:]
        form = {"--fix": "NAME=V", "--set": "FACTOR=V1,V2"}.get(option, "NAME=V1,V2")
        value = first.removeprefix("=")
        return (
            f"expected {option} {form}, got {option} {name} {first}. "
            f"Did you mean {option} {name.removesuffix('=')}={value}?"
        )
    meant = next((way for way, fits in WAYS.items() if way in known and fits(first)), None)
    if meant:
        return (
            f"{path_of(ctx)} takes no {first!r} by itself. "
            f"Did you mean {meant} {shlex.quote(first)}?"
        )
    takes = [parameter for parameter in ctx.command.params if not parameter.opts[0].startswith("-")]
    most = f"{len(takes)} argument{'s'[: len(takes) != 1]}" if takes else "no argument"
    return f"{path_of(ctx)} takes {most}, got {first!r} too ({path_of(ctx)} --help)"


def is_strategy(word: str) -> bool:
    """Whether a word names a strategy."""
    from tuner.strategies import STRATEGIES

    return word in STRATEGIES


def is_dataset(word: str) -> bool:
    """Whether a word is a dataset's name or file."""
    from tuner.training.datasets import NAMED

    return word in NAMED or word.endswith(".npz") or Path(word, "train").is_dir()


def is_configuration(word: str) -> bool:
    """Whether a word is a study's file, or a ready one."""
    from tuner.ready import ready_studies

    return word in ready_studies() or word.endswith((".yaml", ".yml"))


#: By option: whether a word that stands alone was meant to be its value.
WAYS: Mapping[str, Callable[[str], bool]] = {
    "--strategy": is_strategy,
    "--dataset": is_dataset,
    "--config": is_configuration,
    "--set": lambda word: "=" in word and "," in word,
    "--fix": lambda word: "=" in word,
}
