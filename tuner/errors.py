"""The errors of this package. Only the command line turns them into a message and an exit code."""


class TunerError(Exception):
    """Something the user can mend: the catcher shows its one line and stops before any training.

    It is one line whatever names of files and columns stand in it.
    """

    def __str__(self) -> str:
        return " ".join(super().__str__().splitlines())


class UsageError(TunerError):
    """A bad argument or setting: the catcher shows the line and exits with 2."""


class TimeIsUpError(TunerError):
    """A search ended at its time limit: the catcher says how to go on and exits with 3."""


class DataError(TunerError):
    """A dataset or table that cannot be used: the catcher shows the line and exits with 1."""


class StudyError(TunerError):
    """A study's folder that cannot be used: the catcher shows the line and leaves the folder."""


def described(error: BaseException) -> str:
    """Any error in one line that can be printed and stored: its kind, and what it says."""
    try:
        said = " ".join(str(error).split())
    except Exception:  # whoever wrote it did not try to print it
        said = "(its message cannot be printed)"
    printable = said.encode("utf-8", "backslashreplace").decode()
    return f"{type(error).__name__}: {printable}" if said else type(error).__name__


def let_interrupts_through(error: BaseException) -> None:
    """Raises a Ctrl-C again where all else that somebody's code raises is told: SystemExit too."""
    if isinstance(error, KeyboardInterrupt):
        raise error
