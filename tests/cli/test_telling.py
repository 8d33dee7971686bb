"""What a terminal gets: one line for what the system refuses, and nothing that controls it."""

import errno
import io
import os

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tuner.cli import app
from tuner.cli.tables import table
from tuner.cli.telling import Printable, told


def invoke(*arguments):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status", "x" * 300], "no study 'xxx"),
        (["status", "afile/study"], "no study 'study' in afile."),
        (["report", "pipe.csv"], "pipe.csv is neither a file nor a folder"),
        (["plan", "--config", "pipe.csv"], "pipe.csv cannot be read: it is not a regular file"),
    ],
)
def test_what_the_system_refuses_is_one_line(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "afile").write_text("")
    os.mkfifo("pipe.csv")
    result = invoke(*arguments)
    assert result.exit_code in (1, 2)
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "results/s/ledger.jsonl"),
         "results/s/ledger.jsonl: No space left on device (free some space; the same command goes "
         "on, all that was trained is kept)"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a\x1b[2J"),
         "a\\x1b[2J: No such file or directory (was it moved or deleted meanwhile?)"),
        (MemoryError(), "there is not enough memory: try fewer --workers, or fewer or smaller "
         "images"),
        (RecursionError("maximum"), "something is nested too deeply to be read"),
    ],
)  # fmt: skip
def test_an_error_of_the_system_says_where_why_and_how_to_mend_it(error, line):
    assert told(error) == line


@pytest.mark.parametrize("error", [OSError(errno.EROFS, "Read-only file system", "r"), MemoryError])
def test_a_command_that_meets_one_ends_with_its_line(monkeypatch, error):
    def fails():
        raise error

    monkeypatch.setattr("tuner.cli.catalogue.spaces_frame", fails)
    result = invoke("spaces")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert result.stderr.startswith("Error: ")
    assert isinstance(invoke("--debug", "spaces").exception, OSError | MemoryError)


def test_no_table_controls_the_terminal():
    found = table("a\x1b[2J", "b")
    found.add_row("\x1b]0;title\x07", "x\udcff")
    screen = io.StringIO()
    Console(file=screen, width=80).print(Printable(found))
    assert "\x1b" not in screen.getvalue()
    assert r"\x1b]0;title" in screen.getvalue()
    screen.getvalue().encode()
