"""The command line: the only folder that prints, and where a TunerError becomes one line."""

import atexit
import gc
import os
import sys
from contextlib import suppress

from tuner.cli import commands, looking, offering
from tuner.cli.parsing import app

__all__ = ["app", "commands", "looking", "main", "offering"]


def main() -> None:
    """Runs the command that was typed, and ends when it has: TensorFlow takes a second to go."""
    code = 1

    def leave() -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # whoever read it is gone
                stream.flush()
        os._exit(code)

    atexit.register(leave)  # before all others, so that it comes after them
    gc.set_threshold(100_000, 20, 20)  # what is imported is no garbage, and a command soon ends
    try:
        app(prog_name="tuner")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise
