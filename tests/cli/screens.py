"""The command on a terminal of a given size: what is on its screen, as a person sees it."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, NamedTuple

from tests.cli.commanding import environment
from tuner.engine.executors.local import start_workers

#: What rich sends to a terminal: a line up, a line erased, and the rest, which moves nothing.
CONTROL = re.compile(r"\x1b\[(\d*)A|\x1b\[2K|\x1b\[[0-9;?]*[A-Za-z]")


class Shown(NamedTuple):
    """What a terminal was sent, and how the command ended."""

    sent: str
    code: int

    @property
    def lines(self) -> list[str]:
        """Every line that was ever shown."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.sent).replace("\r", "\n").split("\n")

    @property
    def highest(self) -> int:
        """The most lines that were drawn anew at once, with the one of the cursor."""
        ups = re.findall(r"(?:\x1b\[1A\x1b\[2K)+", self.sent)
        return max((up.count("\x1b[1A") + 1 for up in ups), default=1)

    @property
    def screen(self) -> list[str]:
        """What stands there at the end."""
        lines, row = [""], 0
        for part in re.split(r"(\r\n|\n|\r|\x1b\[[0-9;?]*[A-Za-z])", self.sent):
            if part in ("\r\n", "\n"):
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif part == "\x1b[1A":
                row = max(0, row - 1)
            elif part in ("\x1b[2K", "\r"):
                lines[row] = "" if part == "\x1b[2K" else lines[row]
            elif not part.startswith("\x1b"):
                lines[row] += part
        return [line.rstrip() for line in lines]


def on_terminal(
    *arguments: str, cwd: Path, width: int = 80, height: int = 24, env: dict[str, str] | None = None
) -> Shown:
    """Runs the command at the end of a pseudo-terminal, and reads what it shows."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    variables = {**environment(cwd), **(env or {})}
    for size in ("COLUMNS", "LINES"):
        variables.pop(size, None)
    # Forked from a process that has imported TensorFlow: to import it takes longer than the test.
    process = start_workers().Process(
        target=run_command, args=(DupFd(follower), arguments, cwd, variables)
    )
    process.start()
    os.close(follower)
    sent = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        sent += chunk
    os.close(leader)
    process.join()
    return Shown(sent.decode(), process.exitcode)


def run_command(
    terminal: Any, arguments: tuple[str, ...], cwd: Path, variables: dict[str, str]
) -> None:
    """Is the command, in this process, at a terminal and with the variables that are given."""
    os.setsid()
    follower = terminal.detach()
    for stream in range(3):
        os.dup2(follower, stream)
    os.close(follower)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(cwd)
    sys.argv = ["tuner", *arguments]
    from tuner.cli import main  # at this terminal: colours and width are asked of it

    main()
