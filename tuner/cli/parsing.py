"""The command as a group of commands, each error of theirs told in one line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tuner.cli.mending import ParsingError, mended, unknown_command
from tuner.cli.telling import FORESEEN, echo, spell_what_cannot_be_written, told
from tuner.errors import TunerError, UsageError
from tuner.words import in_one_line

TYPED = "tuner.typed"  # the words behind `tuner`, in the context's notes


@contextmanager
def told_in_one_line(typed: Sequence[str], shows_traceback: bool = False) -> Iterator[None]:
    """Tells what is foreseen in one line, and ends the command with its exit code."""
    try:
        yield
    except (TunerError, ParsingError, *FORESEEN) as error:
        # A pipe that is closed, as by `| head`, is Typer's; so is the help where nothing is typed.
        if shows_traceback or isinstance(error, BrokenPipeError) or not typed:
            raise
        if isinstance(error, ParsingError):
            text = mended(error, typed)
        else:
            text = str(error) if isinstance(error, TunerError) else told(error)
        echo(f"Error: {in_one_line(text)}", err=True)
        is_usage = isinstance(error, UsageError | ParsingError)
        raise typer.Exit(2 if is_usage else 1) from error


class Group(TyperGroup):
    """The commands; `--debug` anywhere shows the traceback of an error."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Takes `--debug` wherever it stands."""
        kept = [argument for argument in args if argument != "--debug"]
        ctx.meta[TYPED] = kept
        with told_in_one_line(kept):
            return super().parse_args(ctx, ["--debug", *kept] if len(kept) < len(args) else args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Finds the command that was typed.

        Raises:
            UsageError: with the nearest.
        """
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            raise UsageError(unknown_command(args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Runs a command."""
        spell_what_cannot_be_written()
        with told_in_one_line(ctx.meta[TYPED], ctx.params.get("debug", False)):
            return super().invoke(ctx)


app = typer.Typer(
    cls=Group, no_args_is_help=True, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


def show_version(is_asked: bool) -> None:
    """Prints the version, and ends the command."""
    from importlib.metadata import version

    if is_asked:
        echo(f"tuner {version('width-depth-tuner')}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=show_version, help="Show the version."),
    ] = False,
) -> None:
    """What do width and depth do to accuracy? Studies of Keras networks, and their effects."""
