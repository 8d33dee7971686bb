"""The errors of this package. Only the command line turns them into a message and an exit code."""


class TunerError(Exception):
    """Something the user can mend: the catcher shows its one line and stops before any training."""


class UsageError(TunerError):
    """A bad argument or setting: the catcher shows the line and exits with 2."""


class TimeIsUpError(TunerError):
    """A search ended at its time limit: the catcher says how to go on and exits with 3."""


class DataError(TunerError):
    """A dataset or table that cannot be used: the catcher shows the line and exits with 1."""


class StudyError(TunerError):
    """A study's folder that cannot be used: the catcher shows the line and leaves the folder."""
