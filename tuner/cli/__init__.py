"""The command line: the only folder that prints, and where a TunerError becomes one line."""

from tuner.cli.commands import app

__all__ = ["app"]
