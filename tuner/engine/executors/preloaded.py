"""What every worker needs, imported once: workers are forked from a process that has imported this.

No operation of TensorFlow runs at import, so that there is nothing yet that a fork would break.
"""

from contextlib import suppress

from tuner.errors import UsageError
from tuner.training.backend import import_tensorflow

with suppress(UsageError):  # each execution tells it
    import_tensorflow()
